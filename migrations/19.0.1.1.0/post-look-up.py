"""Give installed databases what new ones are shipped with, and have all calendars looked up."""
from odoo import SUPERUSER_ID, api

#: Which festival moves with which, and by which of its days.
FOLLOWS = {
    'ashura': ('islamic_new_year', 'start'), 'ramadan_last_days': ('ramadan', 'end'), 'eid_al_fitr': ('ramadan', 'end'),
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    festivals = {
        name: env.ref(f'customer_success.customer_festival_{name}', raise_if_not_found=False)
        for name in ('holi', 'islamic_new_year', 'ramadan', *FOLLOWS)}
    for name, (base, edge) in FOLLOWS.items():
        festival, follows = festivals[name], festivals[base]
        if festival and follows and not festival.follows_id:
            festival.write({'follows_id': follows.id, 'follows': edge})
    holi = festivals['holi']
    if holi and holi.method == 'manual':
        # the days that were shipped are found by the rule now; what a person typed in stays
        holi.write({
            'method': 'holiday', 'country_id': env.ref('base.in').id, 'holiday_name': "Holi", 'sighting': False})
    cr.execute("UPDATE customer_country_calendar SET looked_up_on = NULL WHERE looked_up_on IS NOT NULL")
    cr.execute("UPDATE customer_festival SET looked_up_on = NULL WHERE looked_up_on IS NOT NULL")
    env.ref('customer_success.ir_cron_calendar')._trigger()
