from . import (
    test_anniversaries,
    test_calendars,
    test_churn,
    test_explanation,
    test_greetings_text,
    test_schedule,
    test_scoring,
    test_suitability,
    test_workdays,
)
