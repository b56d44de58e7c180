from . import customer_followup_log, customer_offer_answer, customer_warning_change
