from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...engine import reviews, workdays
from .customer_review import KINDS

SCOPES = [('user', "Each account manager"), ('team', "Each team"), ('company', "The whole company")]


class CustomerReviewPlan(models.Model):
    """How often is looked back, by whom and with what agenda (STR-5)."""

    _name = 'customer.review.plan'
    _description = "Rhythm of Reviews"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(selection=KINDS, required=True, default='sync')
    scope = fields.Selection(
        selection=SCOPES, string="One For", required=True, default='team',
        help="For whom a review is made each time, and whose customers it looks at.")
    company_id = fields.Many2one(
        comodel_name='res.company', help="Empty: for each company by itself.")
    team_ids = fields.Many2many(comodel_name='crm.team', string="Teams", help="Empty: all teams.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Led By", ondelete='set null', domain=[('share', '=', False)],
        help="Who leads a meeting of the whole company. Meetings of a team are led by its leader.")
    interval = fields.Integer(string="Every", required=True, default=1)
    unit = fields.Selection(
        selection=[('weeks', "weeks"), ('months', "months")], required=True, default='months')
    weekday = fields.Selection(
        selection=[('0', "Monday"), ('1', "Tuesday"), ('2', "Wednesday"), ('3', "Thursday"), ('4', "Friday"),
                   ('5', "Saturday"), ('6', "Sunday")],
        required=True, default='1',
        help="The weekday of the meeting, or of the day on which a summary is due; with months, the first such day of the "
             "month. A day on which the company does not work moves to the next one.")
    hour = fields.Float(string="At", required=True, default=10.0, help="Where whoever leads the meeting is.")
    hours = fields.Float(string="Duration", required=True, default=1.0)
    lead_days = fields.Integer(string="Prepared Before (days)", required=True, default=7)
    date_start = fields.Date(string="First Time From", required=True, default=fields.Date.context_today)
    attendee_ids = fields.Many2many(
        comodel_name='res.users', string="Also Invited", domain=[('share', '=', False)],
        help="People of other departments, besides the teams.")
    agenda = fields.Html(translate=True)
    lines_per_topic = fields.Integer(
        string="Findings Per Topic", required=True, default=10,
        help="So many are listed, the most important first; the rest is counted.")
    lines_per_kind = fields.Integer(
        string="Findings Altogether", required=True, default=10,
        help="Of all topics of a kind (successes, shortfalls, points to discuss) so many are listed, first the most important "
             "one of each topic; the rest is counted and opens as a list.")
    warning_days = fields.Integer(
        string="Open for Long After (days)", required=True, default=14,
        help="A warning that is open, or an adjustment nobody decided on, is a shortfall after so many days.")
    problem = fields.Char(readonly=True, copy=False, help="What could not be prepared last night.")

    _interval = models.Constraint('CHECK ("interval" BETWEEN 1 AND 52)', "A rhythm takes place every 1 to 52 weeks or months.")
    _hour = models.Constraint('CHECK (hour >= 0 AND hour < 24)', "A meeting begins between 0 and 24 o'clock.")
    _hours = models.Constraint('CHECK (hours > 0 AND hours <= 24)', "A meeting takes more than 0 and at most 24 hours.")
    _lead = models.Constraint('CHECK (lead_days BETWEEN 0 AND 90)', "A review is prepared 0 to 90 days before.")
    _lines = models.Constraint(
        'CHECK (lines_per_topic BETWEEN 1 AND 100)', "Of each topic, 1 to 100 findings can be listed.")
    _lines_of_kind = models.Constraint(
        'CHECK (lines_per_kind BETWEEN 1 AND 200)', "Of each kind, 1 to 200 findings can be listed.")
    _warning_days = models.Constraint('CHECK (warning_days >= 0)', "The days can't be negative.")

    @api.constrains('company_id', 'team_ids')
    def _check_teams(self):
        for plan in self:
            if plan.company_id and plan.team_ids.company_id - plan.company_id:
                raise ValidationError(self.env._(
                    "A team of another company can't take part in a rhythm of %(company)s.", company=plan.company_id.name))

    # ------------------------------------------------------------
    # WHEN
    # ------------------------------------------------------------

    def _occasion(self, company, today):
        """Return the occasion that is to be prepared by a day: the last one, prepared so many days ahead.

        Months follow the company's year of account, so that a quarter is a quarter of it.

        :param company: res.company
        :param today: a day
        :return: its day is a working day of the company where there is one soon; None where nothing is due yet
        :rtype: engine.reviews.Occasion | None
        """
        self.ensure_one()
        phase = int(company.fiscalyear_last_month or 0) if self.unit == 'months' else 0
        occasion = reviews.latest(
            self.unit, self.interval, int(self.weekday), self.date_start, today + timedelta(days=self.lead_days), phase)
        if not occasion:
            return None
        day = max(occasion.day, today)  # made up for after a standstill
        is_working = self.env['resource.calendar']._customer_is_working(company.resource_calendar_id.id, company.id)
        return occasion._replace(day=workdays.next_working_day(day, is_working, 31))

    def _moment(self, day, user, company):
        """Return when a meeting begins, in UTC without a zone: at the hour of this rhythm where its leader is.

        :param day: its day
        :param user: res.users who leads it, may be empty
        :param company: res.company
        :rtype: datetime
        """
        zone = pytz.timezone(self.env['customer.clock']._zone(user or company))
        minutes = round(self.hour * 60)
        local = zone.localize(datetime.combine(day, time(minutes // 60 % 24, minutes % 60)))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    # ------------------------------------------------------------
    # FOR WHOM
    # ------------------------------------------------------------

    @api.model
    def _managers_by_company(self):
        """Return who answers for customers in which company: their account managers, for customers of somebody who left
        whoever does it for that one.

        :rtype: dict[res.company, list[tuple]]: pairs of res.users and the customers' team, which may be empty; companies
            whose customers nobody looks after have an empty list
        """
        responsibility = self.env['customer.responsibility']
        self.env['res.partner'].flush_model(['user_id', 'company_id', 'customer_managed'])
        responsibility._flush()
        rows = self.env.execute_query(SQL(
            """WITH held AS MATERIALIZED (
                    SELECT DISTINCT %(company)s AS company_id, p.user_id, u.customer_team_id AS team_id
                      FROM res_partner p
                 LEFT JOIN res_users u ON u.id = p.user_id
                     WHERE p.customer_managed IS TRUE)
             SELECT DISTINCT held.company_id, d.owner_id, held.team_id
               FROM held
          LEFT JOIN (%(doers)s) d
                 ON d.user_id = held.user_id AND d.company_id = held.company_id AND d.role = 'manager'
           ORDER BY 1, 2, 3""",
            company=responsibility._company_sql('p', 'u'),
            doers=responsibility._doer_sql(SQL("SELECT user_id, company_id FROM held"))))
        result = {}
        users = self.env['res.users'].browse({row[1] for row in rows if row[1]})
        for company_id, user_id, team_id in rows:
            managers = result.setdefault(self.env['res.company'].browse(company_id), [])
            if user_id:
                managers.append((
                    users.browse(user_id).with_prefetch(users._prefetch_ids), self.env['crm.team'].browse(team_id or ())))
        return result

    def _targets(self, company, managers):
        """Return for whom this rhythm makes a review in a company.

        :param company: res.company
        :param managers: pairs of res.users and crm.team, see :meth:`_managers_by_company`
        :return: by key, the values of ``user_id``, ``team_id`` and ``attendee_ids``
        :rtype: dict[str, dict]
        """
        self.ensure_one()
        if self.team_ids:
            managers = [(user, team) for user, team in managers if team in self.team_ids]
        teams = self.env['crm.team'].union(*(team for __, team in managers))
        leaders = {team: self._leader(team.user_id, company) for team in teams}
        members = {team: self.env['res.users'].union(*(user for user, its in managers if its == team)) for team in teams}
        invited = self.attendee_ids
        if self.scope == 'user':
            their_leaders = {user: self.env['res.users'].union(*(
                leaders[team] for other, team in managers if other == user and team)) for user, __ in managers}
            return {f'user:{user.id}': {
                'user_id': user.id, 'team_id': False,
                'attendee_ids': (invited if self.kind == 'monthly' else invited + user + its_leaders).ids,
            } for user, its_leaders in their_leaders.items()}
        if self.scope == 'team':
            return {f'team:{team.id}': {
                'user_id': leaders[team].id, 'team_id': team.id, 'attendee_ids': (invited + leaders[team] + members[team]).ids,
            } for team in teams}
        all_leaders = self.env['res.users'].union(*leaders.values())
        leader = self._leader(self.user_id or all_leaders[:1], company)
        return {'company': {
            'user_id': leader.id, 'team_id': False, 'attendee_ids': (invited + leader + all_leaders).ids}}

    @api.model
    def _leader(self, user, company):
        """Return who leads a meeting: somebody, or a manager of the company where that one left or there is none.

        :param user: res.users, may be empty
        :param company: res.company
        :rtype: res.users
        """
        responsibility = self.env['customer.responsibility']
        if user and responsibility._is_able(user, company):
            return user
        return responsibility._managers(company)[:1].sudo(False)  # back to the user's rights

    def action_view_reviews(self):
        """Open the reviews of this rhythm."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_review_action')
        return action | {'domain': [('plan_id', 'in', self.ids)], 'context': {}}
