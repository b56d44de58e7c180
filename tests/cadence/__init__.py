from . import (
    test_again,
    test_automatic,
    test_cadence,
    test_change,
    test_days,
    test_log,
    test_people,
    test_planner_process,
    test_planner_properties,
    test_reminder,
    test_waiting,
    test_ticked,
)
