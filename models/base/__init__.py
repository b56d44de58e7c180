from . import customer_known, customer_zone, ir_actions_act_window, local_day
