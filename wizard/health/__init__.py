from . import customer_followup_log, customer_warning_change
