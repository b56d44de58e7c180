from . import (
    customer_adjustment_inform,
    customer_adjustment_refuse,
    customer_strategy_adjustment_review,
    customer_strategy_effect_values,
    customer_strategy_judge,
    customer_strategy_start,
)
