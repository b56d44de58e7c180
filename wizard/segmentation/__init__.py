from . import customer_needs_manual, customer_path_dismiss, customer_segment_dialog, customer_tier_manual
