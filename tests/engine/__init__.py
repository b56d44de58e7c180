from . import (
    test_anniversaries,
    test_attainment,
    test_calendars,
    test_churn,
    test_effect,
    test_explanation,
    test_greetings_text,
    test_reviews,
    test_schedule,
    test_scoring,
    test_suitability,
    test_workdays,
)
