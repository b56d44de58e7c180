import math
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_date
from odoo.tools.misc import formatLang

from ...engine import churn

MODELS = [('mbgnbd', "MBG/NBD"), ('bgnbd', "BG/NBD")]

REASONS = [
    ('no_data', "There are no orders"), ('no_repeat', "Nobody bought again"), ('nobody_left', "Nobody seems to have left"),
    ('everybody_left', "Everybody seems to have left"), ('no_convergence', "No best parameters were found"),
]


#: Fewer warnings than that tell nothing about a rule.
ENOUGH = 20


class Tried(NamedTuple):
    """How the warnings of a rule did on held-out days.

    :param precision: share of the customers warned of who did not buy again
    :param recall: share of those who did not buy again that were warned of
    """

    precision: float
    recall: float

    @property
    def balance(self):
        """The harmonic mean of both."""
        return 2 * self.precision * self.recall / ((self.precision + self.recall) or 1)


class CustomerChurnFit(models.Model):
    """A model of how customers buy and stop buying, fitted on the orders of a day, with how well it foretold (HEA-4).

    Times are in weeks. Parameters are those of the BG/NBD model of Fader, Hardie and Lee (2005), "Counting Your Customers"
    the Easy Way, or of its modification MBG/NBD (see ``engine.churn``).
    """

    _name = 'customer.churn.fit'
    _description = "Churn Model"
    _order = 'date desc, id desc'
    _rec_name = 'date'

    date = fields.Date(
        string="Orders Until", required=True, readonly=True, help="The last day of the orders it was fitted on.")
    model = fields.Selection(selection=MODELS, required=True, readonly=True)
    state = fields.Selection(
        selection=[('ok', "Fitted"), ('few', "Too few customers"), ('failed', "Failed")],
        string="Result", required=True, readonly=True)
    reason = fields.Selection(selection=REASONS, string="Why It Failed", readonly=True)
    is_current = fields.Boolean(
        string="In Use", compute='_compute_is_current', help="Whether the chances that are shown come from this one.")
    # the sample
    customers = fields.Integer(readonly=True, help="How many customers it was fitted on: all who ever bought.")
    repeat_customers = fields.Integer(
        string="Bought Again", readonly=True, help="How many of them bought on two days or more.")
    minimum_customers = fields.Integer(
        string="Needed", readonly=True, help="How many customers who bought again the settings asked for.")
    # parameters
    r = fields.Float(string="r", readonly=True, aggregator=None, help="Shape of the rates at which customers buy.")
    alpha = fields.Float(string="alpha", readonly=True, aggregator=None, help="Scale of the rates, in weeks.")
    a = fields.Float(string="a", readonly=True, aggregator=None, help="First shape of the chances to leave.")
    b = fields.Float(string="b", readonly=True, aggregator=None, help="Second shape of the chances to leave.")
    log_likelihood = fields.Float(string="Log-likelihood", readonly=True, digits=(16, 2), aggregator=None)
    # the back-test: fitted on the orders before the held-out days, compared with what happened in them
    holdout_days = fields.Integer(
        string="Held-out Days", readonly=True, help="The last days, which the model that is tried had not seen.")
    test_date = fields.Date(string="Foretold On", readonly=True)
    test_expected = fields.Float(
        string="Orders Expected", readonly=True, digits=(16, 1), help="Days with an order, of all customers.")
    test_actual = fields.Integer(string="Orders That Came", readonly=True, help="Days with an order, of all customers.")
    test_customers = fields.Integer(
        string="Customers Judged", readonly=True, help="Customers with three days of orders or more: both rules know them.")
    test_bought = fields.Integer(string="Of Them Bought", readonly=True)
    test_right_model = fields.Integer(
        string="Right by the Model", readonly=True, help="How many did what the model said: buy again, or not.")
    test_right_gap = fields.Integer(
        string="Right by the Plain Rule", readonly=True,
        help="How many did what the plain rule said: who is overdue by far does not buy again.")
    test_repeat = fields.Integer(
        string="Repeat Customers Tried", readonly=True, help="Customers who had bought on two days or more by then.")
    test_left = fields.Integer(string="Of Them Did Not Buy Again", readonly=True)
    test_warned_model = fields.Integer(
        string="Warned by the Model", readonly=True, help="Of how many the chance to buy again was below one half.")
    test_hit_model = fields.Integer(string="Rightly, by the Model", readonly=True)
    test_warned_gap = fields.Integer(
        string="Warned by the Plain Rule", readonly=True, help="How many had not bought for twice their usual gap.")
    test_hit_gap = fields.Integer(string="Rightly, by the Plain Rule", readonly=True)
    summary = fields.Text(compute='_compute_summary')
    test_summary = fields.Text(string="How Well It Foretold", compute='_compute_summary')

    def _compute_is_current(self):
        current = self._get_current()
        for record in self:
            record.is_current = record._origin == current

    @api.depends('state', 'reason', 'customers', 'repeat_customers', 'minimum_customers', 'date', 'model', 'test_customers')
    @api.depends_context('lang')
    def _compute_summary(self):
        for record in self:
            record.summary = record._describe_sample()
            record.test_summary = record._describe_test()

    @api.depends('date', 'model')
    @api.depends_context('lang')
    def _compute_display_name(self):
        names = dict(MODELS)
        for record in self:
            record.display_name = f'{names.get(record.model, "")}, {format_date(self.env, record.date)}'

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    def action_fit_now(self):
        """Fit the model on the orders of today, and show what came out."""
        if not self.env.user.has_group('customer_success.group_customer_success_manager'):
            raise AccessError(self.env._("Only a manager can have the churn model fitted."))
        # fitted on the orders of all companies; nobody writes results by hand
        fit = self.env['customer.churn'].sudo()._fit()
        self.env['customer.churn'].sudo()._wake_health()  # as above
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Churn Model"),
            'res_model': self._name,
            'res_id': fit.id,
            'view_mode': 'form',
            'views': [(False, 'form')],
        }

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _get_current(self):
        """Return the fit in use: the newest one with parameters, unless it is older than half a year."""
        today = fields.Date.context_today(self)
        return self.search([
            ('state', '=', 'ok'), ('date', '<=', today), ('date', '>', fields.Date.subtract(today, days=183)),
        ], limit=1)

    def _parameters(self):
        """Return the parameters as the engine takes them."""
        self.ensure_one()
        return churn.Parameters(self.model, self.r, self.alpha, self.a, self.b)

    # ------------------------------------------------------------
    # WARNINGS
    # ------------------------------------------------------------

    def _warns_by(self):
        """Return what warnings about customers who stop buying follow from: what foretold best on the held-out days.

        :return: ``model`` or ``gap`` (the plain rule), ``none`` where neither was better than guessing, and ``untried`` where
            that is not known
        """
        tries = self._tries()
        if not tries:
            return 'untried'
        base = self.test_left / self.test_repeat
        better = {name: found for name, found in tries.items() if found.precision > base}
        return max(better, key=lambda name: better[name].balance, default='none')

    def _tries(self):
        """Return how warnings did on the held-out days, of the rules that warned of enough customers to tell.

        :rtype: dict[str, Tried]
        """
        if not self or not self.test_left:
            return {}
        counts = {
            'model': (self.test_warned_model, self.test_hit_model), 'gap': (self.test_warned_gap, self.test_hit_gap)}
        return {
            name: Tried(hit / warned, hit / self.test_left)
            for name, (warned, hit) in counts.items() if warned >= ENOUGH}

    def _describe_warnings(self):
        """Return in a sentence what the warnings about missing orders follow from, and how often that is right."""
        how, tries = self._warns_by(), self._tries()
        if how == 'untried':
            return self.env._(
                "Warns by the usual gap. How often that is right is not known yet: there are too few customers to try it.")
        values = {
            'days': self.holdout_days, 'day': format_date(self.env, self.date),
            'base': round(100 * self.test_left / self.test_repeat)}
        if how == 'none':
            return self.env._(
                "Silent: on the %(days)s days up to %(day)s neither the churn model nor the usual gap foretold better than "
                "guessing who stops buying (%(base)s of 100 did).", **values)
        values.update(precision=round(100 * tries[how].precision), recall=round(100 * tries[how].recall))
        if how == 'model':
            return self.env._(
                "Warns by the chance of the churn model. Tried on the %(days)s days up to %(day)s: of 100 customers it warned "
                "of, %(precision)s did not buy again; by guessing it would be %(base)s. It warned of %(recall)s %% of those "
                "who stopped.", **values)
        return self.env._(
            "Warns by the usual gap. Tried on the %(days)s days up to %(day)s: of 100 customers it warned of, %(precision)s did "
            "not buy again; by guessing it would be %(base)s. It warned of %(recall)s %% of those who stopped.", **values)

    def _fell_sql(self, chance):
        """Return SQL for the day from which on the customer of a customer.rhythm ``r`` has less than a chance to buy again.

        It is :meth:`customer.churn._odds_sql` solved for the day.

        :param float chance: in percent
        """
        return SQL(
            """r.first_day + CEIL(LEAST(1000000, 7 * (
                   (%(alpha)s::float8 + (r.last_day - r.first_day)::float8 / 7)
                   * exp(LEAST(20, GREATEST(0, (%(limit)s::float8 - ln(%(a)s::float8 / (%(b)s::float8 + r.purchases - 2 + %(k)s)))
                                               / (%(r)s::float8 + r.purchases - 1))))
                   - %(alpha)s::float8)))::int""",
            a=self.a, b=self.b, r=self.r, alpha=self.alpha, k=churn.MODELS[self.model],
            limit=math.log((100 - chance) / chance))

    def _describe_sample(self):
        """Return in a sentence what it was fitted on, or why there are no parameters."""
        self.ensure_one()
        values = {
            'model': dict(MODELS).get(self.model), 'day': format_date(self.env, self.date),
            'customers': self._number(self.customers), 'repeat': self._number(self.repeat_customers),
            'needed': self._number(self.minimum_customers),
        }
        if self.state == 'ok':
            return self.env._(
                "%(model)s, fitted on the orders until %(day)s of %(customers)s customers, %(repeat)s of whom bought again.",
                **values)
        if self.state == 'few':
            return self.env._(
                "Too few customers: %(needed)s who bought on two days or more are needed, on %(day)s there are %(repeat)s. "
                "The plain rule holds: how long a customer has not bought, in multiples of its own usual gap.", **values)
        reason = {
            'nobody_left': self.env._("By these orders nobody has stopped buying, so that the chance to stop can't be told."),
            'everybody_left': self.env._(
                "By these orders everybody stops buying at once, so that the chance to stop can't be told."),
        }.get(self.reason) or self.env._("No parameters could be found that suit the orders best.")
        return self.env._(
            "The model could not be fitted on the orders until %(day)s of %(customers)s customers. %(reason)s The last fit "
            "of the past half year stays in use; without one the plain rule holds.", reason=reason, **values)

    def _describe_test(self):
        """Return in words how well the model foretold the held-out days, next to the plain rule."""
        self.ensure_one()
        if self.state != 'ok':
            return ''
        if not self.test_customers:
            return self.env._(
                "How well it foretells is not known yet: %(days)s days ago there were too few customers to try it.",
                days=self.holdout_days)
        return self.env._(
            "Fitted on the orders until %(day)s, it foretold the %(days)s days after: %(expected)s days with an order, "
            "there were %(actual)s. Of %(judged)s customers with three or more orders, %(bought)s %% bought again. The model "
            "was right about %(model)s %% of them, the plain rule about %(gap)s %%; always saying that they buy again, "
            "one is right about %(bought)s %%.",
            day=format_date(self.env, self.test_date), days=self.holdout_days,
            expected=self._number(round(self.test_expected)), actual=self._number(self.test_actual),
            judged=self._number(self.test_customers), bought=self._percent(self.test_bought),
            model=self._percent(self.test_right_model), gap=self._percent(self.test_right_gap))

    def _percent(self, count):
        return round(100 * count / self.test_customers)

    def _number(self, value):
        return formatLang(self.env, value, digits=0)
