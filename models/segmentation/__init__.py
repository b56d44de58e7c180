from . import (
    customer_refresh,
    customer_registry,
    customer_segment,
    customer_segment_change,
    customer_segment_rule,
    customer_segmenter,
    customer_tier,
    customer_tier_change,
    customer_tier_scheme,
    customer_tier_scheme_line,
    res_partner,
    res_partner_segment,
)
