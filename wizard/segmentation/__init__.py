from . import base_partner_merge, customer_tier_manual
