from . import (  # noqa: I001  the page takes the fields of all before
    base, customer_acting, customer_asking, customer_run, customer_schedule, customer_screen, ir_cron, ir_http, res_company,
    customer_settings_fields, customer_settings_page, res_config_settings, customer_settings)
