from . import (
    customer_onboarding,
    customer_onboarding_carry,
    customer_onboarding_item,
    customer_onboarding_plan,
    customer_onboarding_planner,
    customer_onboarding_report,
    customer_onboarding_run,
    customer_onboarding_signing,
    customer_onboarding_step,
    facts_onboarding,
    res_partner_onboarding,
)
