from . import (
    test_acting,
    test_cadence_by_segment,
    test_money,
    test_needs,
    test_purchases,
    test_rates,
    test_segment_conditions,
    test_segments,
    test_tenure,
    test_tier_dialog,
    test_tier_scheme,
    test_tiers,
)
