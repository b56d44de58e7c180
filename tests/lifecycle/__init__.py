from . import (
    test_onboarding,
    test_onboarding_tour,
)
