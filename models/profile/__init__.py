from . import (
    account_move,
    account_move_reversal,
    customer_addressee,
    customer_carried,
    customer_carry,
    customer_demand_type,
    customer_document,
    customer_profile_requirement,
    customer_registry,
    res_company,
    res_partner,
    sale_order,
)
