from . import (
    test_carry,
    test_clock,
    test_demo,
    test_identity,
    test_night,
    test_platform,
    test_schedule,
    test_scope,
    test_screens,
    test_security,
    test_settings,
    test_tours,
)
