from . import customer_needs_manual, customer_segment_dialog, customer_tier_manual
