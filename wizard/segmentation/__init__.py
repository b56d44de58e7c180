from . import customer_segment_dialog, customer_tier_manual
