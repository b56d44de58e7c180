from . import (
    customer_balance,
    customer_dashboard,
    customer_health_month,
    digest_digest,
)
