from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..base.customer_fact import Fact
from ..platform.counted import days


class CustomerFact(models.AbstractModel):
    """What the file of a customer tells (PRO-6)."""

    _inherit = 'customer.fact'

    @api.model
    def _facts(self):
        return super()._facts() | {'profile_unconfirmed': Fact(
            label=self.env._("The profile is to be confirmed"), unit='days', better='lower', minimum=0, past=False, period=False,
            nothing=True, contacts=False, gives=('day', 'res_id'), sql=self._profile_unconfirmed_sql,
            say=lambda found, options: self.env._(
                "Nobody has confirmed the profile for %(days)s, since %(day)s", days=days(self.env, found.value),
                day=format_date(self.env, found.day)),
            open=lambda partner, found: partner.action_customer_profile())}

    @api.model
    def _profile_unconfirmed_sql(self, spans, options):
        """Return SQL for how many days ago the profiles that are due began to be."""
        confirmer, today = self.env['customer.confirmer'], SQL("%s::date", fields.Date.context_today(self))
        self.env['res.partner'].flush_model(['customer_confirmed_on'])
        return SQL(
            """SELECT s.id AS span_id, %(today)s - %(start)s AS value, %(start)s AS day, p.id AS res_id
                 FROM %(spans)s s JOIN res_partner p ON p.id = s.partner_id WHERE %(due)s""",
            spans=spans.table, today=today, start=confirmer._from_sql('p'), due=confirmer._due_sql('p', today))
