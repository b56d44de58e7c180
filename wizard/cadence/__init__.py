from . import (
    customer_log,  # what both dialogs inherit from
    customer_assign,
    customer_cadence_dry_run,
    customer_followup_change,
    customer_followup_log,
    customer_followup_plan,
    customer_lead_log,
    customer_pause_wizard,
    customer_preset_apply,
    customer_tell,
    customer_triage,
)
