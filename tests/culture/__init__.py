from . import (
    test_advice,
    test_advice_tours,
    test_calendar_rows,
    test_care_budget,
    test_care_concurrency,
    test_care_event,
    test_culture_data,
    test_culture_tours,
    test_greetings,
    test_occasions,
    test_places,
    test_planning,
)
