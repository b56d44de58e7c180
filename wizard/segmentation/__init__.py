from . import (
    customer_assignment_dry_run,
    customer_needs_manual,
    customer_path_dismiss,
    customer_segment_dialog,
    customer_tier_manual,
)
