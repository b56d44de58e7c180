from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ...engine import churn, foretell, pareto
from ..platform.counted import customers

MODELS = [
    ('mbgnbd', "MBG/NBD"), ('bgnbd', "BG/NBD"), ('pareto', "Pareto/NBD"), ('blend', "The mean of all models")]

WANTED = [('auto', "Whichever foretells best"), *MODELS]

REASONS = [
    ('no_data', "There are no orders"), ('no_repeat', "Nobody bought again"), ('nobody_left', "Nobody seems to have left"),
    ('everybody_left', "Everybody seems to have left"), ('no_convergence', "No best parameters were found"),
]


class Verdict(NamedTuple):
    """What warnings of missing orders follow from.

    :param state: ``ok``; ``untried`` where nobody knows how often they are right; ``silent`` where they are not worth it
    :param judge: ``pause`` or ``model``, see :class:`.foretell.Trial`
    :param limit: from where on
    :param trial: how that did on the held-out days, or None
    """

    state: str
    judge: str
    limit: float
    trial: foretell.Trial | None = None


class CustomerChurnFit(models.Model):
    """A model of how customers buy and stop buying, fitted on the orders of a day, with how well it foretold (HEA-4).

    Times are in weeks. Parameters are those of the BG/NBD model of Fader, Hardie and Lee (2005), "Counting Your Customers"
    the Easy Way, of its modification MBG/NBD (see ``engine.churn``), or of Pareto/NBD (``engine.pareto``).
    """

    _name = 'customer.churn.fit'
    _description = "Churn Model"
    _order = 'date desc, id desc'
    _rec_name = 'date'

    date = fields.Date(
        string="Orders Until", required=True, readonly=True, help="The last day of the orders it was fitted on.")
    wanted = fields.Selection(selection=WANTED, string="Asked For", readonly=True, help="What the settings said.")
    model = fields.Selection(selection=MODELS, readonly=True)
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
    parts = fields.Json(readonly=True, help="Name and parameters of each model that is used.")
    factor = fields.Float(
        string="Times", readonly=True, default=1, digits=(8, 3), aggregator=None,
        help="What expected orders are multiplied by, by what came of earlier ones. The mean of all models has one.")
    r = fields.Float(string="r", readonly=True, aggregator=None, help="Shape of the rates at which customers buy.")
    alpha = fields.Float(string="alpha", readonly=True, aggregator=None, help="Scale of the rates, in weeks.")
    a = fields.Float(
        string="a", readonly=True, aggregator=None,
        help="First shape of the chances to leave; by Pareto/NBD: shape of the rates at which they leave.")
    b = fields.Float(
        string="b", readonly=True, aggregator=None,
        help="Second shape of the chances to leave; by Pareto/NBD: scale of these rates, in weeks.")
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
    test_order = fields.Float(
        string="Order of the Customers", readonly=True, digits=(4, 3), aggregator=None,
        help="How often the model put who bought before who did not: 0.5 is a coin, 1 is always.")
    trials = fields.Json(
        readonly=True, help="Warnings that were tried: by what, from where on, how many, and how many of them rightly.")
    compared = fields.Json(readonly=True, help="How well each model foretold.")
    second_days = fields.Float(
        string="Usual Days to the Second Order", readonly=True, digits=(8, 1), aggregator=None,
        help="Half of those who bought again did so within these days. 0: too few did to tell.")
    summary = fields.Text(compute='_compute_summary')
    test_summary = fields.Text(string="How Well It Foretold", compute='_compute_summary')
    comparison = fields.Text(string="Models Compared", compute='_compute_summary')

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
            record.comparison = record._describe_comparison()

    @api.depends('date', 'model')
    @api.depends_context('lang')
    def _compute_display_name(self):
        names = self._model_names()
        for record in self:
            record.display_name = ' · '.join(filter(None, (names.get(record.model), format_date(self.env, record.date))))

    @api.model
    def _model_names(self):
        return dict(self._fields['model']._description_selection(self.env))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

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

    def _model(self):
        """Return the model as the engine takes it.

        :rtype: foretell.Model
        """
        self.ensure_one()
        # fits of before parts were kept have one model
        parts = self.parts or [[self.model, self.r, self.alpha, self.a, self.b]]
        return foretell.Model(self.model, tuple(
            (pareto.Pareto if part[0] == 'pareto' else churn.Parameters)(*part) for part in parts), self.factor or 1.0)

    def _describe_sample(self):
        """Return in a sentence what it was fitted on, or why there are no parameters."""
        self.ensure_one()
        values = {
            'model': self._model_names().get(self.model), 'day': format_date(self.env, self.date),
            'customers': customers(self.env, self.customers), 'repeat': self._number(self.repeat_customers),
            'needed': self._number(self.minimum_customers),
        }
        if self.state == 'ok':
            return self.env._(
                "%(model)s, fitted on the orders of %(customers)s until %(day)s, %(repeat)s of whom bought again.",
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
            "The model could not be fitted on the orders of %(customers)s until %(day)s. %(reason)s The last fit of the "
            "past half year stays in use; without one the plain rule holds.", reason=reason, **values)

    def _describe_test(self):
        """Return in words how well the model foretold the held-out days, next to the plain rule and to always saying yes."""
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

    def _describe_comparison(self):
        """Return a line on how well each model foretold the held-out days; empty where only one was tried."""
        names = self._model_names()
        return '\n'.join(self.env._(
            "%(model)s: expected %(percent)s %% of the orders that came, put who bought first in %(order)s %% of pairs, "
            "likelihood %(likelihood)s", model=names.get(model, model), percent=round(100 * expected / actual) if actual else "–",
            order=f'{100 * order:.1f}', likelihood=f'{likelihood:.4f}')
            for model, likelihood, order, expected, actual in self.compared or ()) if len(self.compared or ()) > 1 else ''

    def _percent(self, count):
        return round(100 * count / self.test_customers)

    def _number(self, value):
        return formatLang(self.env, value, digits=0)

    # ------------------------------------------------------------
    # WARNINGS
    #
    # What the held-out days say of warnings about customers who stop buying (HEA-3).
    # ------------------------------------------------------------

    @api.model
    def _get_tried(self):
        """Return the newest fit of the past half year on which warnings were tried; where there is none, the one in use. The
        longest pause can be tried where no model could be fitted."""
        today = fields.Date.context_today(self)
        return self.search([
            ('test_left', '>', 0), ('date', '<=', today), ('date', '>', fields.Date.subtract(today, days=183)),
        ], limit=1) or self._get_current()

    def _tried(self):
        """Return the trials.

        :rtype: list[foretell.Trial]
        """
        return [foretell.Trial(*trial) for trial in self.trials or ()]

    def _judge(self, threshold, chance, least_percent):
        """Return what a rule follows from: at least as strict as asked for, and worth it on the held-out days.

        :param float threshold: times the longest pause
        :param float chance: percent
        :param int least_percent: how many of 100 warnings have to be right
        :rtype: Verdict
        """
        trials = [trial for trial in self._tried()
                  if (trial.limit >= threshold if trial.judge == 'pause' else 100 * trial.limit <= chance)]
        if not self.test_left or not any(trial.warned >= foretell.ENOUGH for trial in trials):
            return Verdict('untried', 'pause', threshold)
        best = foretell.best_trial(trials, self.test_repeat, self.test_left, least_percent / 100)
        if not best:
            return Verdict('silent', 'pause', threshold)
        return Verdict('ok', best.judge, best.limit, best)

    def _describe_judgement(self, threshold, chance, least_percent):
        """Return in a sentence what the warnings of a rule follow from, and how often that is right; see :meth:`_judge`."""
        verdict = self._judge(threshold, chance, least_percent)
        if verdict.state == 'untried':
            return self.env._(
                "Warns from %(limit)s times the longest pause on. How often that is right is not known yet: too few customers "
                "bought again, or stopped, to try it.", limit=f'{threshold:g}')
        values = {
            'days': self.holdout_days, 'day': format_date(self.env, self.date),
            'base': round(100 * self.test_left / self.test_repeat), 'repeat': formatLang(self.env, self.test_repeat, digits=0)}
        if verdict.state == 'silent':
            return self.env._(
                "Silent: on the %(days)s days up to %(day)s no warning of this kind was right in %(least)s of 100 cases and "
                "clearly better than guessing. Of %(repeat)s customers who had bought again, %(base)s of 100 stopped.",
                least=least_percent, **values)
        trial = verdict.trial
        values |= {
            'precision': round(100 * trial.hit / trial.warned), 'recall': round(100 * trial.hit / self.test_left),
            'warned': formatLang(self.env, trial.warned, digits=0)}
        if verdict.judge == 'model':
            return self.env._(
                "Warns where the chance to buy again is below %(limit)s %%, by the churn model. Tried on the %(days)s days up "
                "to %(day)s, it warned of %(warned)s of %(repeat)s customers: of 100 of them %(precision)s did not buy again; "
                "by guessing it would be %(base)s. It warned of %(recall)s %% of those who stopped.",
                limit=round(100 * verdict.limit), **values)
        return self.env._(
            "Warns from %(limit)s times the longest pause on. Tried on the %(days)s days up to %(day)s, it warned of "
            "%(warned)s of %(repeat)s customers: of 100 of them %(precision)s did not buy again; by guessing it would be "
            "%(base)s. It warned of %(recall)s %% of those who stopped.", limit=f'{verdict.limit:g}', **values)
