from . import (
    customer_balance,
    customer_carry,
    customer_dashboard,
    customer_health_month,
    customer_monthly,
    customer_report_sending,
    customer_report_subscription,
    customer_run,
    customer_sheet,
    digest_digest,
    ir_actions_report,
    res_partner,
)
