from . import (
    customer_cadence_dry_run,
    customer_cadence_dry_run_line,
    customer_care_guest_choose,
    customer_followup_change,
    customer_followup_log,
    mail_compose_message,
)
