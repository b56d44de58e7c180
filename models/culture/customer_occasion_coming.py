from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

#: So far ahead occasions are listed.
DAYS = 92


class CustomerOccasionComing(models.Model):
    """The occasions of the coming three months, from all sources, with what became of their greetings (CUL-4).

    A relation, not a table: nothing is stored that depends on today.
    """

    _name = 'customer.occasion.coming'
    _description = "Coming Occasion"
    _auto = False
    _order = 'date, partner_id, id'
    _rec_name = 'partner_id'

    date = fields.Date(readonly=True)
    partner_id = fields.Many2one(comodel_name='res.partner', string="Person or Customer", readonly=True)
    partner_name = fields.Char(related='partner_id.name', string="Person")
    customer_id = fields.Many2one(comodel_name='res.partner', readonly=True)
    kind_id = fields.Many2one(comodel_name='customer.occasion.kind', string="Occasion", readonly=True)
    festival_id = fields.Many2one(comodel_name='customer.festival', readonly=True)
    occasion_id = fields.Many2one(comodel_name='customer.occasion', string="Noted As", readonly=True)
    user_id = fields.Many2one(comodel_name='res.users', string="Account Manager", readonly=True)
    company_id = fields.Many2one(comodel_name='res.company', readonly=True)
    culture_id = fields.Many2one(comodel_name='customer.culture', readonly=True)
    year = fields.Integer(readonly=True, aggregator=None, help="In the calendar the occasion belongs to.")
    since = fields.Integer(string="First Time (year)", readonly=True, aggregator=None)
    note = fields.Char(readonly=True)
    customary = fields.Boolean(
        string="Is Greeted", readonly=True, help="Not where the culture profile or the person says otherwise.")
    greeting_id = fields.Many2one(comodel_name='customer.greeting', readonly=True)
    greeting_state = fields.Selection(related='greeting_id.state', string="Greeting State")

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        return SQL(
            """SELECT o.*, g.id AS greeting_id
                 FROM (%s) o
            LEFT JOIN customer_greeting g
                   ON g.partner_id = o.partner_id AND g.kind_id = o.kind_id AND g.year = o.year AND g.moment = o.moment
                  AND COALESCE(g.festival_id, 0) = COALESCE(o.festival_id, 0)""",
            self.env['customer.occurrence']._sql(today, today + timedelta(days=DAYS)))

    @api.depends('partner_id', 'kind_id', 'festival_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for row in self:
            row.display_name = self.env._(
                "%(customer)s: %(what)s", customer=row.partner_id.name, what=row.festival_id.name or row.kind_id.name)

    def action_open(self):
        """Open what there is of this occasion: its greeting, else what was noted, else the contact."""
        self._customer_one()
        record = self.greeting_id.followup_id or self.occasion_id or self.partner_id
        return record._customer_open()
