from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, ormcache
from odoo.tools.i18n import format_list

from ...engine.clock import NeverWorksError, around_the_clock, plan, whole_day
from ..platform.counted import days as in_days
from ..platform.counted import plural
from .customer_case_clock import OPEN

#: What a case is.
CASE_TYPES = [('complaint', "Complaint"), ('problem', "Problem"), ('need', "New need")]

PRIORITIES = [('0', "Low"), ('1', "Normal"), ('2', "High"), ('3', "Critical")]

#: What a policy may ask for, and where a case has it.
CONDITIONS = {
    'case_type': 'case_type', 'priority': 'priority', 'tier_id': 'partner_id.customer_tier_id',
    'segment_id': 'partner_id.customer_segment_id', 'demand_type_id': 'partner_id.customer_demand_type_id',
}

#: What clocks are made of: a change plans the open ones anew.
RULES = {
    *CONDITIONS, 'category_id', 'company_id', 'active', 'sequence', 'hours', 'calendar_id', 'holidays', 'response_hours',
    'solution_hours', 'revisit_days',
}

#: Whatever takes longer is no deadline.
LONGEST_DAYS = 3652

#: So many years of public holidays are looked at, from the one in which a clock began.
HOLIDAY_YEARS = 3


class CustomerSlaPolicy(models.Model):
    """How fast cases are answered, solved and asked about again: the first policy that fits holds (SRV-1)."""

    _name = 'customer.sla.policy'
    _inherit = ['customer.asking', 'customer.cached']
    _description = "Service Policy"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="The first policy that fits a case holds for it.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name='res.company', index='btree_not_null', help="Empty: it holds in all companies.")
    case_type = fields.Selection(selection=CASE_TYPES, help="Empty: whatever the case is.")
    priority = fields.Selection(selection=PRIORITIES, help="Empty: whatever the priority is.")
    tier_id = fields.Many2one(
        comodel_name='customer.tier', index='btree_not_null', ondelete='cascade', help="Empty: customers of all tiers.")
    segment_id = fields.Many2one(
        comodel_name='customer.segment', index='btree_not_null', ondelete='cascade',
        help="Empty: customers of all segments.")
    demand_type_id = fields.Many2one(
        comodel_name='customer.demand.type', index='btree_not_null', ondelete='cascade',
        help="Empty: customers of all demand types.")
    category_id = fields.Many2one(
        comodel_name='res.partner.category', string="Tag", index='btree_not_null', ondelete='cascade',
        help="Only customers with this tag. Empty: all.")
    hours = fields.Selection(
        selection=[('calendar', "In working hours"), ('always', "Around the clock")], string="Runs", required=True,
        default='calendar')
    calendar_id = fields.Many2one(
        comodel_name='resource.calendar', string="Working Hours", index='btree_not_null', ondelete='set null',
        domain="['|', ('company_id', '=', False), ('company_id', '=?', company_id)]",
        help="By which the clocks run. Empty: the working hours of the company of the case.")
    holidays = fields.Selection(
        selection=[
            ('of_hours', "Those of the working hours"), ('of_company', "Also those of the company's country"),
            ('of_customer', "Also those of the customer's country"),
        ], string="Public Holidays", required=True, default='of_hours',
        help="On which days the clocks stand still besides the days off of the working hours: the holidays of a country and its "
             "states are kept in its calendar.")
    response_hours = fields.Float(string="Answer Within (hours)", help="0: no deadline.")
    solution_hours = fields.Float(string="Solve Within (hours)", help="0: no deadline.")
    revisit_days = fields.Integer(
        string="Ask Again After (days)", default=3,
        help="So many days after the solution the customer is asked whether it helped. 0: the case closes without that.")
    summary = fields.Char(compute='_compute_summary')

    _times = models.Constraint(
        'CHECK (response_hours >= 0 AND solution_hours >= 0 AND revisit_days >= 0)', "A time can't be negative.")

    @api.depends('response_hours', 'solution_hours', 'revisit_days', 'hours')
    @api.depends_context('lang')
    def _compute_summary(self):
        clock = self.env['customer.case.clock']
        for policy in self:
            parts = []
            if policy.response_hours:
                parts.append(self.env._("answer in %(time)s", time=clock._say_minutes(policy.response_hours * 60)))
            if policy.solution_hours:
                parts.append(self.env._("solve in %(time)s", time=clock._say_minutes(policy.solution_hours * 60)))
            if policy.revisit_days:
                parts.append(self.env._("ask again after %(days)s", days=in_days(self.env, policy.revisit_days)))
            policy.summary = format_list(self.env, parts, style='unit') if parts else self.env._("no deadlines")

    @api.constrains('response_hours', 'solution_hours', 'revisit_days')
    def _check_times(self):
        for policy in self:
            if max(policy.response_hours, policy.solution_hours) > LONGEST_DAYS * 24 or policy.revisit_days > LONGEST_DAYS:
                raise ValidationError(self.env._(
                    "A time of more than ten years is no deadline. Give 0 to “%(policy)s” where there is none.",
                    policy=policy.name))

    @api.constrains('hours', 'calendar_id', 'company_id', 'response_hours', 'solution_hours')
    def _check_reachable(self):
        """Refuse working hours in which nothing is ever due."""
        for policy in self.filtered(lambda policy: policy.hours == 'calendar' and policy.calendar_id):
            calendar, company = policy.calendar_id, policy.company_id or self.env.company
            if policy.calendar_id.company_id and policy.company_id and policy.calendar_id.company_id != policy.company_id:
                raise ValidationError(self.env._(
                    "The working hours “%(calendar)s” are those of another company than the policy.", calendar=calendar.name))
            longest, now = timedelta(hours=max(policy.response_hours, policy.solution_hours, 1)), fields.Datetime.now()
            try:
                plan(calendar._customer_schedule(company, now), now, longest)
            except NeverWorksError:
                raise ValidationError(self.env._(
                    "By the working hours “%(calendar)s” nobody works long enough, so nothing would ever be due. Add working "
                    "time to them, or choose others.", calendar=calendar.name)) from None

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        self.env['customer.case.replanner'].sudo()._replan_by(policies)  # cases of everybody
        return policies

    def write(self, vals):
        result = super().write(vals)
        if RULES & vals.keys():
            self.env['customer.case.replanner'].sudo()._replan_by(self)  # as above
        return result

    def unlink(self):
        # what was used by these rules is counted while they are there
        self.active = False
        self.env['customer.case.clock'].sudo().search(  # as above
            Domain('policy_id', 'in', self.ids) & Domain('state', 'in', OPEN))._replan()
        return super().unlink()

    @api.model
    def _drop_of(self, name, records):
        """Delete the policies that ask for something that is about to be deleted, so that their open cases go on by the next
        one that fits; the database would take them along without a word.

        :param str name: the field of a policy
        :param records: what is about to go
        """
        # whoever may delete a tag need not manage policies, and those of other companies go as well
        self.sudo().with_context(active_test=False).search([(name, 'in', records.ids)]).unlink()

    def _describe_archiving(self, active):
        # those it has, or else those of the policies after it that may be its own: found in one statement
        mine = SQL("k.policy_id = %s", self.id) if not active else SQL(
            "(p.sequence, p.id) > (%s, %s) AND %s", self.sequence, self.id, self._fits_sql())
        for model in ('customer.case.clock', 'customer.case', 'customer.sla.policy', 'res.partner'):
            self.env[model].flush_model()
        [[count]] = self.env.execute_query(SQL(
            """SELECT count(DISTINCT k.case_id)
                 FROM customer_case_clock k
                 JOIN customer_case o ON o.id = k.case_id
                 JOIN customer_sla_policy p ON p.id = k.policy_id
            LEFT JOIN res_partner c ON c.id = o.partner_id
                WHERE k.state = ANY(%s) AND k.kind <> 'node' AND %s""", list(OPEN), mine))
        return plural(
            count, self.env._("the deadlines of 1 open case are planned anew."),
            self.env._("the deadlines of %(count)s open cases are planned anew.", count=count))

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _find_for(self, cases):
        """Return the first policy that fits, by case; none where no policy does.

        :param cases: customer.case
        :rtype: dict[customer.case, customer.sla.policy]
        """
        policies = self._in_use()
        return {case: next((policy for policy in policies if policy._fits(case)), policies.browse()) for case in cases}

    @api.model
    def _in_use(self):
        """Return the policies that are not archived, in their order, whoever asks and in whatever context."""
        return self.sudo().with_context(active_test=True).search([])  # rules bind everybody

    def _fits(self, case):
        """Return whether this policy holds for a case."""
        self.ensure_one()
        if self.company_id and self.company_id != case.company_id:
            return False
        own = case.sudo()  # a figure of the customer decides, whoever may see it
        if self.category_id and self.category_id not in own.partner_id.category_id:
            return False
        # a record set, or for a selection a list
        return all(not self[name] or self[name] in own.mapped(path) for name, path in CONDITIONS.items())

    def _fits_sql(self):
        """Return a condition that this policy holds for a case ``o`` with the customer ``c``, which may be none: what
        :meth:`_fits` says of one."""
        self.ensure_one()
        wanted = [SQL("TRUE")]
        columns = {
            'company_id': SQL("o.company_id"), 'case_type': SQL("o.case_type"), 'priority': SQL("o.priority"),
            'tier_id': SQL("c.customer_tier_id"), 'segment_id': SQL("c.customer_segment_id"),
            'demand_type_id': SQL("c.customer_demand_type_id")}
        for name, column in columns.items():
            if value := self[name]:
                wanted.append(SQL("%s = %s", column, value.id if isinstance(value, models.BaseModel) else value))
        if self.category_id:
            wanted.append(SQL(
                """EXISTS (SELECT 1 FROM res_partner_res_partner_category_rel tag
                            WHERE tag.partner_id = c.id AND tag.category_id = %s)""", self.category_id.id))
        return SQL("(%s) IS TRUE", SQL(" AND ").join(wanted))

    @api.model
    @ormcache()
    def _watched(self):
        """Return what policies in use ask of a customer: names of their fields, ``of_customer`` and ``of_company``.

        :rtype: frozenset[str]
        """
        policies = self._in_use()
        names = {name for name in (*CONDITIONS, 'category_id') if any(policy[name] for policy in policies)}
        return frozenset(names | {policy.holidays for policy in policies if policy.hours == 'calendar'})

    # ------------------------------------------------------------
    # WORKING TIME
    # ------------------------------------------------------------

    def _place(self, case):
        """Return whose public holidays count for a case besides those of the working hours: a country and a state by their
        ids, 0 for none; or None.

        :rtype: tuple[int, int] | None
        """
        self.ensure_one()
        if self.hours == 'always' or self.holidays == 'of_hours':
            return None
        own = case.sudo()  # where the customer is decides, whoever may see it
        partner = own.partner_id if self.holidays == 'of_customer' else own.company_id.partner_id
        country = partner.country_id or partner.state_id.country_id
        return (country.id, partner.state_id.id or 0) if country else None

    @api.model
    def _days_off(self, place, since):
        """Return the public holidays of a place, with the id of ``customer.holiday``.

        :param place: see :meth:`_place`
        :param datetime since: from when on it is asked about
        :rtype: dict[date, int]
        """
        if not place:
            return {}
        side = self.env['customer.suitability'].sudo()._side(  # the calendars of countries are no secret
            (*place, 0), date(since.year - 1, 12, 31), date(since.year + HOLIDAY_YEARS, 1, 1))
        return {day: holiday_id for day, (__, holiday_id) in side.closed.items()}

    def _schedule(self, company, since, place=None):
        """Return the working time by which clocks of this policy run, for the engine.

        :param company: res.company of the case
        :param datetime since: from when on it is asked about
        :param place: whose public holidays count besides, see :meth:`_place`
        """
        self.ensure_one()
        zone = self.env['customer.clock']._zone(company)
        if self.hours == 'always':
            return around_the_clock(zone)
        calendar = self.calendar_id or company.sudo().resource_calendar_id  # working hours are no secret
        schedule = calendar._customer_schedule(company, since)
        days = [whole_day(schedule.zone, day) for day in self._days_off(place, since)]
        return schedule._replace(closed=(*schedule.closed, *days))
