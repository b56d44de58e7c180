from odoo import api, fields, models
from odoo.tools import SQL

#: Room for the rows of one follow-up: itself, up to seven days that passed before it was moved, and the pause it waited for.
PLACES = 16
MISSED_PLACES = 7
PAUSE_PLACE = 8


class CustomerAdherence(models.Model):
    """How the planned touches were kept (CAD-11): a row for each day on which a follow-up was to be made.

    *On time* is what was done up to its last day, *late* what was done afterwards, *missed* what was not done when its last day
    was over, *skipped* what somebody left out with a reason: these four are what was planned. Out of it is what could not be
    asked of anybody: what fell into a pause, what was stopped because the customer is not to be contacted, and what other wings
    leave out. What was moved counts on the day to which it was moved. A follow-up that was overdue when it got another day was
    missed on the first one, and counts on the other one again.

    What counted stays: person, channel and tier are those of the day, also when the customer is somebody else's by now. The
    team is the one in which the person is today.

    The reader's record rules stand in the innermost relation, so that a salesperson's report costs what the own customers cost.
    """

    _name = 'customer.adherence'
    _inherit = ['customer.relation']
    _description = "Kept Rhythms"
    _auto = False
    _rows_of = 'customer.followup'
    _rows_each = PLACES
    _order = 'date desc, id desc'
    _rec_name = 'partner_id'
    _depends = {
        'customer.followup': [
            'partner_id', 'lead_id', 'company_id', 'user_id', 'channel_id', 'cadence_id', 'step_id', 'state', 'date_planned',
            'date_limit', 'date_raw', 'date_manual', 'move_kind', 'missed', 'contact_day', 'closed_at', 'closed_by_id',
            'close_kind', 'anchor_kind', 'qualifies', 'reason_id'],
        'customer.cadence.step': ['automatic'],
        'customer.tier.change': ['partner_id', 'date', 'old_tier_id', 'new_tier_id'],
        'res.partner': ['customer_tier_id'],
        'res.users': ['customer_team_id'],
    }

    followup_id = fields.Many2one(comodel_name='customer.followup', string="Follow-up", readonly=True)
    date = fields.Date(string="Due", readonly=True)
    date_limit = fields.Date(string="At the Latest", readonly=True)
    contact_day = fields.Date(string="Done On", readonly=True)
    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", readonly=True)
    lead_id = fields.Many2one(comodel_name='crm.lead', readonly=True)
    company_id = fields.Many2one(comodel_name='res.company', readonly=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Responsible", readonly=True, help="Who had it to do on that day.")
    team_id = fields.Many2one(
        comodel_name='crm.team', readonly=True, help="In which the responsible person is today.")
    tier_id = fields.Many2one(comodel_name='customer.tier', readonly=True, help="Of the customer on that day.")
    channel_id = fields.Many2one(
        comodel_name='customer.channel', readonly=True,
        help="On which it was made; of what was not made, on which it was planned.")
    cadence_id = fields.Many2one(comodel_name='customer.cadence', readonly=True)
    step_id = fields.Many2one(comodel_name='customer.cadence.step', string="Touchpoint", readonly=True)
    kind = fields.Selection(
        selection=[('step', "Touchpoint"), ('automatic', "Automatic touchpoint"), ('promise', "Agreed next step"),
                   ('other', "Other")], string="Planned As", readonly=True)
    result = fields.Selection(selection='_selection_result', readonly=True)
    move_kind = fields.Selection(selection='_selection_move_kind', string="Moved Because", readonly=True)
    reason_id = fields.Many2one(comodel_name='customer.followup.reason', readonly=True)
    planned = fields.Integer(readonly=True, help="On time, late, missed and skipped together: what the share is of.")
    on_time = fields.Integer(readonly=True)
    late = fields.Integer(string="Done Late", readonly=True)
    missed = fields.Integer(string="Not Done", readonly=True, help="Its last day is over and it was not made.")
    skipped = fields.Integer(readonly=True)
    open = fields.Integer(string="Due, in Time", readonly=True, help="Its day has come and its last day is not over.")
    moved = fields.Integer(
        readonly=True, help="Of the planned ones those that count on another day than the rhythm gave: by holidays and cultures, "
                            "working days, a pause, or by hand.")
    paused = fields.Integer(string="Paused Out", readonly=True, help="Fell into a pause; not among the planned ones.")
    left_out = fields.Integer(
        string="Otherwise Out", readonly=True, help="Could not be asked of anybody; not among the planned ones.")
    on_time_percent = fields.Float(
        string="On Time (%)", readonly=True, aggregator='avg', digits=(16, 1), help="Of the planned ones.")

    @api.model
    def _results(self):
        """Return what can become of a planned touch, with its names; other wings add why one is left out.

        :rtype: dict[str, str]
        """
        return {
            'on_time': self.env._("On time"), 'late': self.env._("Done late"), 'missed': self.env._("Not done"),
            'skipped': self.env._("Skipped"), 'open': self.env._("Due, in time"), 'paused': self.env._("Paused"),
            'stopped': self.env._("Do not contact")}

    def _selection_result(self):
        return list(self._results().items())

    def _selection_move_kind(self):
        return self.env['customer.followup']._fields['move_kind']._description_selection(self.env)

    @api.model
    def get_customer_denominator(self):
        """Return what the shares of this report are of, in sentences, to be written on it.

        :rtype: str
        """
        return self.env._(
            "The share is of what was planned: on time, late, missed and skipped. Out of it are pauses, customers who are not to "
            "be contacted, and days that the calendars forbid. What was moved counts on the day it was moved to. Person, channel "
            "and tier are those of the day, the team is today's.")

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    @property
    def _table_query(self):
        seen = self._seen_sql()
        arms = [self._own_sql(seen), self._missed_sql(seen), self._paused_sql(seen)]
        counted = SQL("('on_time', 'late', 'missed', 'skipped')")
        return SQL(
            """SELECT r.*, u.customer_team_id AS team_id, %(tier)s AS tier_id,
                      CASE WHEN s.automatic THEN 'automatic' WHEN r.step_id IS NOT NULL THEN 'step'
                           WHEN r.anchor_kind = 'promise' THEN 'promise' ELSE 'other' END AS kind,
                      (r.result IN %(counted)s)::int AS planned, (r.result = 'on_time')::int AS on_time,
                      (r.result = 'late')::int AS late, (r.result = 'missed')::int AS missed,
                      (r.result = 'skipped')::int AS skipped, (r.result = 'open')::int AS open,
                      (r.result IN %(counted)s AND r.move_kind <> 'none')::int AS moved, (r.result = 'paused')::int AS paused,
                      (r.result NOT IN %(counted)s AND r.result NOT IN ('open', 'paused'))::int AS left_out,
                      CASE WHEN r.result IN %(counted)s
                           THEN CASE WHEN r.result = 'on_time' THEN 100.0 ELSE 0.0 END END AS on_time_percent
                 FROM (%(arms)s) r
            LEFT JOIN res_users u ON u.id = r.user_id
            LEFT JOIN customer_cadence_step s ON s.id = r.step_id
                WHERE r.result IS NOT NULL""",
            arms=SQL(" UNION ALL ").join(arms), counted=counted,
            tier=self.env['customer.tier.change']._tier_on_sql(SQL("r.partner_id"), SQL("r.date")))

    @api.model
    def _seen_sql(self):
        """Return SQL with the follow-ups that were or are planned, of those that the user may see."""
        query = self.env['customer.followup']._search([('date_planned', '!=', False)])
        return query.select(SQL("%s.*", SQL.identifier(query.table)))

    @api.model
    def _left_out_sql(self):
        """Return SQL for why a follow-up ``f`` is left out, one of :meth:`_results`, or null; other wings add theirs."""
        return SQL("NULL")

    @api.model
    def _own_sql(self, seen):
        """Return SQL with each follow-up on the day on which it stands, and what became of it; what is still to come is none."""
        closed_on = self.env['customer.anchor']._closed_on_sql()
        today = fields.Date.context_today(self)
        return SQL(
            """SELECT f.id * %(places)s AS id, f.id AS followup_id, f.date_planned AS date, f.date_limit,
                      CASE WHEN f.state = 'done' THEN f.contact_day END AS contact_day, f.partner_id, f.lead_id, f.company_id,
                      f.user_id, f.channel_id, f.cadence_id, f.step_id, f.anchor_kind, f.move_kind, f.reason_id,
                      CASE WHEN f.state = 'cancelled' AND f.close_kind = 'no_contact' AND %(closed_on)s <= f.date_limit
                           THEN CASE WHEN f.date_planned <= %(today)s THEN 'stopped' END
                           WHEN f.state = 'cancelled' AND (
                                f.close_kind = 'merged' OR f.date_limit IS NULL OR %(closed_on)s <= f.date_limit) THEN NULL
                           WHEN f.state = 'done' AND f.qualifies IS NOT TRUE THEN NULL
                           WHEN f.state = 'planned' AND f.date_planned > %(today)s THEN NULL
                           WHEN %(left_out)s IS NOT NULL THEN %(left_out)s
                           WHEN f.state = 'planned' AND (f.date_limit IS NULL OR f.date_limit >= %(today)s) THEN 'open'
                           WHEN f.state = 'done'
                           THEN CASE WHEN f.contact_day <= COALESCE(f.date_limit, f.date_planned) THEN 'on_time' ELSE 'late' END
                           WHEN f.state = 'skipped' THEN 'skipped' ELSE 'missed' END AS result
                 FROM (%(seen)s) f""",
            places=PLACES, seen=seen, closed_on=closed_on, today=today, left_out=self._left_out_sql())

    @api.model
    def _missed_sql(self, seen):
        """Return SQL with the days that were over when a follow-up got another one, with whose it was then."""
        return SQL(
            """SELECT f.id * %(places)s + m.place, f.id, (m.day ->> 'planned')::date, (m.day ->> 'limit')::date, NULL::date,
                      f.partner_id, f.lead_id, f.company_id, COALESCE((m.day ->> 'user')::int, f.user_id),
                      COALESCE((m.day ->> 'channel')::int, f.channel_id), f.cadence_id, f.step_id, f.anchor_kind, 'none',
                      NULL::int, 'missed'
                 FROM (%(seen)s) f
   CROSS JOIN LATERAL jsonb_array_elements(f.missed) WITH ORDINALITY AS m (day, place)
                WHERE f.missed IS NOT NULL AND m.place <= %(most)s""", places=PLACES, seen=seen, most=MISSED_PLACES)

    @api.model
    def _paused_sql(self, seen):
        """Return SQL with the days that fell into a pause, on which nothing was asked of anybody."""
        return SQL(
            """SELECT f.id * %(places)s + %(place)s, f.id, COALESCE(f.date_manual, f.date_raw), NULL::date, NULL::date,
                      f.partner_id, f.lead_id, f.company_id, f.user_id, f.channel_id, f.cadence_id, f.step_id, f.anchor_kind,
                      f.move_kind, NULL::int, 'paused'
                 FROM (%(seen)s) f
                WHERE f.move_kind = 'pause' AND COALESCE(f.date_manual, f.date_raw) <= %(today)s
                  AND (f.state <> 'cancelled' OR f.close_kind = 'no_contact')""",
            places=PLACES, place=PAUSE_PLACE, seen=seen, today=fields.Date.context_today(self))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open(self):
        """Open the follow-up."""
        self._customer_one()
        return self.followup_id._customer_open()
