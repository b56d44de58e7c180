from . import customer_case_change, customer_feedback_note, customer_followup_log
