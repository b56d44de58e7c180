from . import (
    customer_refresh,
    customer_registry,
    customer_tier,
    customer_tier_change,
    customer_tier_scheme,
    customer_tier_scheme_line,
    res_partner,
)
