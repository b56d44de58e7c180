from . import base_partner_merge, customer_followup_log, customer_warning_change
