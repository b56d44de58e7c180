from . import (
    test_anniversaries,
    test_calendars,
    test_greetings_text,
    test_schedule,
    test_suitability,
    test_workdays,
)
