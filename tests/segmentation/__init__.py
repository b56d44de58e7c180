from . import test_tier_dialog, test_tier_scheme, test_tiers
