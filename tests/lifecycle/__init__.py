from . import (
    test_loss,
    test_loss_tour,
    test_referral,
    test_stage,
    test_onboarding,
    test_onboarding_tour,
    test_supply,
    test_report_speed,
)
