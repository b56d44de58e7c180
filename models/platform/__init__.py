from . import customer_run, res_config_settings
