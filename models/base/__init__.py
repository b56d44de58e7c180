from . import (
    crm_team,
    customer_absence,
    customer_known,
    customer_responsibility,
    customer_statistics,
    customer_zone,
    ir_actions_act_window,
    ir_cron,
    local_day,
    res_partner,
    res_users,
)
