"""Let the scheduled actions of the night that are still where they were shipped, in UTC, run in the company's night."""
from odoo import SUPERUSER_ID, api

#: Minutes after midnight by action, as they were shipped and as they stand in the data now.
NIGHT = {
    'adjust': 20, 'calendar': 40, 'churn': 55, 'refresh': 70, 'health': 85, 'plan': 100, 'greet': 120, 'warn': 125,
    'remind': 130, 'strategy': 140, 'effect': 160, 'suggest': 170, 'review': 180,
}


def migrate(cr, version):
    if not version:
        return
    cr.execute(
        """UPDATE ir_cron c
              SET customer_night_minutes = night.minutes,
                  customer_by_hand = mod(
                      (EXTRACT(HOUR FROM c.nextcall) * 60 + EXTRACT(MINUTE FROM c.nextcall))::int - night.minutes + 1440,
                      CASE c.interval_type WHEN 'hours' THEN c.interval_number * 60 ELSE 1440 END) <> 0
             FROM unnest(%s, %s) AS night (name, minutes)
             JOIN ir_model_data d ON d.module = 'customer_success' AND d.model = 'ir.cron' AND d.name = 'ir_cron_' || night.name
            WHERE c.id = d.res_id AND COALESCE(c.customer_night_minutes, 0) = 0""",
        [list(NIGHT), list(NIGHT.values())])
    env = api.Environment(cr, SUPERUSER_ID, {})
    env.invalidate_all()
    env['ir.cron']._customer_keep_night()
