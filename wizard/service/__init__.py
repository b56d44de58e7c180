from . import customer_case_change, customer_followup_log
