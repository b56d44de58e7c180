from . import (
    customer_carry,
    customer_monthly,
    customer_report_sending,
    customer_report_subscription,
    customer_run,
    customer_sheet,
    digest_digest,
    ir_actions_report,
    res_partner,
)
