from . import (
    test_cadence_by_segment,
    test_money,
    test_rates,
    test_segments,
    test_tenure,
    test_tier_dialog,
    test_tier_scheme,
    test_tiers,
)
