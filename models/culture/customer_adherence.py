from odoo import api, models
from odoo.tools import SQL


class CustomerAdherence(models.Model):
    """What no day suits is left out: the calendars forbid it, and nobody is to blame."""

    _inherit = 'customer.adherence'
    _depends = {'customer.followup': ['unfit']}

    @api.model
    def _results(self):
        return super()._results() | {'forbidden': self.env._("Forbidden by the calendars")}

    @api.model
    def _left_out_sql(self):
        return SQL("CASE WHEN f.unfit THEN 'forbidden' ELSE %s END", super()._left_out_sql())
