from . import base_partner_merge, customer_segment_dialog, customer_tier_manual
