from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.i18n import format_list

from ..platform.local_text import labelled
from .customer_stage_rule import Measured


class CustomerStageChange(models.Model):
    """One change of a customer's stage, with its cause in words and how long it had stood in the old one (LIF-3)."""

    _name = 'customer.stage.change'
    _inherit = ['customer.moves']
    _description = "Customer Stage Change"
    _order = 'date desc, id desc'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    date = fields.Date(required=True, readonly=True, index=True)
    old_stage_id = fields.Many2one(comodel_name='customer.stage', readonly=True, ondelete='restrict')
    new_stage_id = fields.Many2one(comodel_name='customer.stage', readonly=True, ondelete='restrict')
    cause = fields.Selection(
        selection=[
            ('first', "First look"), ('facts', "What is known of it"), ('lost', "Marked as lost"),
            ('won_back', "Ordered again"), ('rules', "Changed rules"), ('manual', "Set by hand"),
            ('expired', "Stage set by hand ended"), ('left', "Not a customer any more"), ('back', "A customer again"),
        ],
        required=True, readonly=True)
    days = fields.Integer(
        string="Days in the Old Stage", readonly=True, aggregator='avg',
        help="How long the customer had stood in the old stage. Groups show the mean of the changes they hold.")
    rule_id = fields.Many2one(comodel_name='customer.stage.rule', string="By the Rule", readonly=True, ondelete='set null')
    met = fields.Json(string="What Was Met", readonly=True)
    reason = fields.Char(readonly=True, help="What the person who set the stage by hand wrote.")
    user_id = fields.Many2one(comodel_name='res.users', string="Set By", readonly=True, ondelete='set null')
    why = fields.Char(compute='_compute_why', help="What the rule looked at, with the values of that day.")

    # the last change of a customer is looked up for many at once: an index of the customer alone leaves the choice to guesses
    _customer_day_idx = models.Index('(partner_id, date, id)')
    _rule_idx = models.Index('(rule_id) WHERE rule_id IS NOT NULL')

    @api.model
    def _moved(self):
        return 'stage'

    @api.depends('met', 'cause', 'reason')
    @api.depends_context('lang')
    def _compute_why(self):
        for change in self:
            change.why = change._describe_cause()

    def _describe_cause(self):
        """Return why the stage changed, in words: what was met then, whatever the rule says by now."""
        self.ensure_one()
        cause = dict(self._fields['cause']._description_selection(self.env)).get(self.cause, '')
        if self.cause in ('manual', 'left', 'lost'):
            return labelled(self.env, cause, self.reason)
        met = self.met or {}
        rules, conditions = self.env['customer.stage.rule'], self.env['customer.stage.condition']
        parts = rules._describe_choices([tuple(choice) for choice in met.get('choices', ())])
        parts += [
            conditions._describe(Measured(*measured), value)
            for measured, value in zip(met.get('measured', ()), met.get('values', ()), strict=False) if value is not None]
        if not parts:
            parts = [self.env._("no other rule fitted")] if self.new_stage_id else []
        words = format_list(self.env, parts) if parts else ''
        return words if self.cause in ('facts', 'won_back') and words else labelled(self.env, cause, words)


class CustomerStageStay(models.Model):
    """How long customers stand, and stood, in each stage: a row for each stay (LIF-3).

    The reader's record rules stand in the innermost relation, so that a salesperson's report costs what the own customers cost.
    """

    _name = 'customer.stage.stay'
    _description = "Time in a Stage"
    _auto = False
    _order = 'date_from desc, id desc'
    _rec_name = 'partner_id'
    _depends = {
        'customer.stage.change': ['partner_id', 'date', 'new_stage_id', 'cause'],
        'res.partner': ['user_id', 'customer_tier_id', 'customer_segment_id', 'country_id'],
    }

    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", readonly=True)
    stage_id = fields.Many2one(comodel_name='customer.stage', readonly=True)
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="Until", readonly=True, help="Empty: it stands there today.")
    days = fields.Integer(
        readonly=True, aggregator='avg', help="So many days until it left, or until today. Groups show the mean of their stays.")
    state = fields.Selection(selection=[('now', "Stands there"), ('left', "Has left")], readonly=True)
    next_stage_id = fields.Many2one(comodel_name='customer.stage', string="Then", readonly=True)
    user_id = fields.Many2one(comodel_name='res.users', string="Account Manager", readonly=True)
    tier_id = fields.Many2one(comodel_name='customer.tier', readonly=True)
    segment_id = fields.Many2one(comodel_name='customer.segment', readonly=True)
    country_id = fields.Many2one(comodel_name='res.country', readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """SELECT s.id, s.partner_id, s.stage_id, s.date_from, s.date_to, s.next_stage_id,
                      COALESCE(s.date_to, %(today)s::date) - s.date_from AS days,
                      CASE WHEN s.date_to IS NULL THEN 'now' ELSE 'left' END AS state,
                      p.user_id, p.customer_tier_id AS tier_id, p.customer_segment_id AS segment_id, p.country_id
                 FROM (%(stays)s) AS s
                 JOIN res_partner p ON p.id = s.partner_id""",
            stays=self._stays_sql(), today=fields.Date.context_today(self))

    def exists(self):
        """Return those that exist for whoever: the relation holds only what the reader may see, and whoever may not is to hear
        so, as of any other record."""
        known = self.env['customer.stage.change'].browse(self._ids).exists()
        return self.filtered(lambda stay: stay.id in known._ids)

    @api.model
    def _stays_sql(self):
        """Return SQL with the stays of the customers that the user may see, without those that did not last a day."""
        changes = self.env['customer.stage.change']._search([])
        return SQL(
            """SELECT h.id, h.partner_id, h.new_stage_id AS stage_id, h.date AS date_from, h.date_to, h.next_stage_id
                 FROM (SELECT c.id, c.partner_id, c.new_stage_id, c.date,
                              lead(c.date) OVER mine AS date_to, lead(c.new_stage_id) OVER mine AS next_stage_id
                         FROM (%(changes)s) AS c
                       WINDOW mine AS (PARTITION BY c.partner_id ORDER BY c.date, c.id)) AS h
                WHERE h.new_stage_id IS NOT NULL AND (h.date_to IS NULL OR h.date_to > h.date)""",
            changes=changes.select(*(
                SQL.identifier(changes.table, column) for column in ('id', 'partner_id', 'date', 'new_stage_id'))))


#: Room for the months of a stay.
PLACES = 1000


class CustomerStageMonth(models.Model):
    """How many customers stood in each stage at the end of each month, the running one until today (LIF-3)."""

    _name = 'customer.stage.month'
    _description = "Customers by Stage over Time"
    _auto = False
    _order = 'date desc, partner_id'
    _rec_name = 'partner_id'
    _depends = {'customer.stage.stay': ['partner_id', 'stage_id', 'date_from', 'date_to']}

    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", readonly=True)
    stage_id = fields.Many2one(comodel_name='customer.stage', readonly=True)
    date = fields.Date(string="At the End Of", readonly=True, help="Who stood in the stage on the last day of the month.")
    user_id = fields.Many2one(comodel_name='res.users', string="Account Manager", readonly=True)
    tier_id = fields.Many2one(comodel_name='customer.tier', string="Tier Today", readonly=True)
    segment_id = fields.Many2one(comodel_name='customer.segment', string="Segment Today", readonly=True)

    def exists(self):
        """Return those that exist for whoever, see :meth:`CustomerStageStay.exists`."""
        known = self.env['customer.stage.stay'].browse({row_id // PLACES for row_id in self._ids}).exists()
        return self.filtered(lambda row: row.id // PLACES in known._ids)

    @property
    def _table_query(self):
        return SQL(
            """SELECT s.id::bigint * %(places)s + m.number AS id, s.partner_id, s.stage_id, m.first AS date,
                      p.user_id, p.customer_tier_id AS tier_id, p.customer_segment_id AS segment_id
                 FROM (%(stays)s) AS s
                 JOIN res_partner p ON p.id = s.partner_id
                 JOIN (SELECT back AS number,
                              (date_trunc('month', %(today)s::date) - make_interval(months => back))::date AS first,
                              LEAST((date_trunc('month', %(today)s::date) - make_interval(months => back - 1))::date - 1,
                                    %(today)s::date) AS last
                         FROM generate_series(0, 12) AS back) AS m
                   ON s.date_from <= m.last AND (s.date_to IS NULL OR s.date_to > m.last)""",
            places=PLACES, stays=self.env['customer.stage.stay']._stays_sql(), today=fields.Date.context_today(self))
