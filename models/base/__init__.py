from . import customer_known, ir_actions_act_window
