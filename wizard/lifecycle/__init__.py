from . import customer_loss_mark, customer_stage_dialog
