from . import customer_run, customer_schedule, ir_cron, res_company, res_config_settings, customer_settings  # ruff: noqa: I001  the page takes the fields
