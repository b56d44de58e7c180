"""PLT-3: after the installation on a full database a scheduled action does what the installation itself does on a small one."""
from unittest.mock import patch

from odoo.tools import SQL

from odoo.addons.customer_success import hooks

from ..common import CustomerCase

PARAM = 'customer_success.first_look'
#: What follows from documents alone.
FIGURES = ('customer_revenue', 'customer_tier_id', 'customer_segment_id', 'customer_risk_level', 'customer_health',
           'customer_health_band', 'customer_first_order', 'customer_last_order')


class TestFirstLook(CustomerCase):

    def setUp(self):
        super().setUp()
        self.customers = self.env['res.partner'].create(
            [{'name': f'Buyer {number}', 'is_company': True, 'user_id': self.anna.id} for number in range(12)])
        for number, customer in enumerate(self.customers):
            for month in range(1, 1 + number % 5):
                self._order(customer, 100 * (number + 1), f'2026-{month:02}-{number + 1:02}')
        self.env.flush_all()
        self.forget()

    def forget(self):
        """Make the database what it is before the addon comes: orders, and nothing known."""
        self.env.cr.execute("DELETE FROM customer_followup; DELETE FROM customer_plan_request; DELETE FROM customer_rhythm;"
                            "DELETE FROM customer_health_snapshot; DELETE FROM customer_tier_change;"
                            "DELETE FROM customer_segment_change")
        self.env.cr.execute(SQL(
            """UPDATE res_partner
                  SET customer_managed = NULL, ref = NULL, customer_number = NULL, customer_managed_since = NULL, %s""",
            SQL(", ").join(SQL("%s = NULL", SQL.identifier(name)) for name in FIGURES)))
        self.env.cr.execute("UPDATE sale_order SET customer_commercial_id = NULL")
        self.env.invalidate_all()

    def figures(self):
        """Return what is known of the customers."""
        self.env.invalidate_all()
        return {partner.id: [partner[name] for name in FIGURES]
                for partner in self.env['res.partner'].search([('customer_managed', '=', True)])}

    def look(self):
        self._run_cron('first')

    def test_as_the_installation(self):
        """The same comes out as on the way of a small database, and the next night finds nothing to do."""
        self.env['customer.first.look']._begin()
        bought = [customer for number, customer in enumerate(self.customers) if number % 5]
        self.assertLessEqual({customer.id for customer in bought}, set(self.figures()))
        self.assertTrue(all(customer.customer_number and customer.customer_number == customer.ref for customer in bought))
        self.assertFalse(any(customer.customer_tier_id for customer in bought))  # for the action to do
        self.look()
        late = self.figures()
        self.assertTrue(all(values[1] for values in late.values()))
        self.assertFalse(self.env['ir.config_parameter'].get_param(PARAM))
        run = self.env['customer.run'].search([('name', '=', 'first')])
        self.assertIn("steps are done", run.note)
        self.assertGreater(run.done, len(bought))
        self.assertEqual(self.env['customer.ranking']._refresh_all()['rows'], 0)
        self.assertEqual(self.env['customer.health.refresh']._refresh()['rows'], 0)
        for name in ('plan', 'calendar', 'greet', 'warn'):
            cron = self.env.ref(f'customer_success.ir_cron_{name}')
            self.assertTrue(self.env['ir.cron.trigger'].search_count([('cron_id', '=', cron.id)]), name)
        self.assertTrue(self.env['customer.plan.request'].search_count([('partner_id', 'in', [one.id for one in bought])]))

        self.forget()
        self.env['customer.ranking']._refresh_all()
        self.env['customer.churn']._refresh_rhythm()
        self.env['customer.churn']._fit()
        self.env['customer.health.refresh']._refresh()
        self.assertEqual(self.figures(), late)

    def test_begins_again(self):
        """What stops it leaves the work to the next time, which ends as if nothing had happened."""
        first = self.env['customer.first.look']
        first._begin()
        with patch.object(type(self.env['customer.ranking']), '_refresh_all', side_effect=MemoryError), \
                self.assertRaisesRegex(ValueError, 'MemoryError'):
            self.look()
        self.assertTrue(self.env['ir.config_parameter'].get_param(PARAM))
        # Odoo tries again at once what got somewhere: two lines, not hundreds
        run, failure = self.env['customer.run'].search([('name', '=', 'first')]).sorted(lambda run: bool(run.error))
        self.assertIn("5 of", run.note)
        self.assertIn("MemoryError", failure.error)
        self.look()
        self.assertFalse(self.env['ir.config_parameter'].get_param(PARAM))
        self.assertIn("steps are done", run.note)
        self.assertEqual(self.env['customer.ranking']._refresh_all()['rows'], 0)

    def test_large_databases_only(self):
        """The installation itself does it where there is little, and leaves it to the action where there is much."""
        hooks.post_init_hook(self.env)
        self.assertFalse(self.env['ir.config_parameter'].get_param(PARAM))
        self.assertTrue(all(values[1] for values in self.figures().values()))
        self.forget()
        with patch.object(hooks, 'LARGE', 3):
            hooks.post_init_hook(self.env)
        self.assertTrue(self.env['ir.config_parameter'].get_param(PARAM))
        self.assertTrue(self.figures())
        self.assertFalse(any(values[1] for values in self.figures().values()))

    def test_nothing_to_do(self):
        """On all other days the action does nothing."""
        self.look()
        self.assertFalse(self.env['customer.run'].search([('name', '=', 'first')]))
