from odoo import api, fields, models
from odoo.tools import SQL, format_date
from odoo.tools.misc import formatLang

from ..platform.counted import customers
from ..platform.counted import days as in_days
from ..segmentation.customer_purchase import CHECK_DAYS, MANY

NAME = 'rhythm'


class CustomerRhythm(models.Model):
    """When a customer bought: the few figures that its buying rhythm follows from (HEA-4).

    Nothing here depends on today, so a row changes only when the customer buys, cancels or is credited.
    """

    _name = 'customer.rhythm'
    _description = "Buying Rhythm"
    _inherit = ['customer.known']
    _rec_name = 'partner_id'
    _order = 'last_day, id'
    _known_when = {
        'usual_days': [('purchases', '>', 1)], 'longest_days': [('purchases', '>', 1)], 'gap': [('gap', '>', 0)],
        'active_percent': [('active_percent', '>', 0)]}

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, ondelete='cascade')
    purchases = fields.Integer(
        string="Days With an Order", readonly=True, required=True, default=0,
        help="Several orders on one day count once.")
    first_day = fields.Date(string="First Order", readonly=True)
    last_day = fields.Date(string="Last Order", readonly=True)
    longest_days = fields.Integer(
        string="Longest Pause (days)", readonly=True, default=0, aggregator=None,
        help="The longest time between two orders that ended in the two years before the last one. 0 for who bought once.")
    season_day = fields.Date(
        string="Season Began", readonly=True,
        help="For who buys in one season of the year: when it last came back from a long silence, at the same time as the year "
             "before. It is expected at that time again.")

    usual_days = fields.Float(
        string="Usual Gap (days)", compute='_compute_usual_days', digits=(8, 1), help="Mean days between two orders.")
    # of today
    gap = fields.Float(related='partner_id.customer_gap')
    active_percent = fields.Float(related='partner_id.customer_active_percent')
    risk_level = fields.Selection(related='partner_id.customer_risk_level')
    expected_orders = fields.Char(
        string="Orders to Come", compute='_compute_foretold',
        help="How many are expected in the days of the settings, and between which numbers they lie in 8 of 10 cases.")
    foretold_from = fields.Char(
        string="Told From", compute='_compute_foretold', help="What chance and orders to come rest on.")
    user_id = fields.Many2one(related='partner_id.user_id')

    _partner_uniq = models.Constraint('UNIQUE (partner_id)', "A customer has one buying rhythm.")

    @api.model
    def _begin_night(self):
        """Return whose rhythm may not be what the documents say, and keep up to where they were read; None for everybody.

        :rtype: list[int] | None
        """
        scheme, today = self.env['customer.tier.scheme']._get_current(), fields.Date.context_today(self)
        purchases, watermark = self.env['customer.purchase'], self.env['customer.watermark']
        fingerprint, latest = purchases._fingerprint(scheme), self.env['customer.document']._latest_day()
        mark, changed = watermark._get(NAME, fingerprint), purchases._changed_since(scheme)
        if changed is None:
            return None
        whole = (not mark or mark.day > latest
                 or not mark.checked_on <= today < fields.Date.add(mark.checked_on, days=CHECK_DAYS))
        found = None if whole else self._looked_at(mark, latest, changed)
        watermark._set(NAME, fingerprint, latest, today if found is None else mark.checked_on)
        return found

    @api.model
    def _looked_at(self, mark, latest, changed):
        """Return the ids of customers who bought since a mark, or on a day that has come since, or who joined or left, with
        those of whom it is known; None for more than are quicker looked at one by one.

        :param Mark mark: up to where purchases were read
        :param date latest: the last day that counts by now
        :param list[int] changed: ids of customers
        """
        purchases = self.env['customer.purchase']
        found = {customer_id for customer_id, in self.env.execute_query(SQL(
            """%(news)s
                UNION
               SELECT r.partner_id FROM customer_rhythm r
                WHERE NOT %(still_bought)s
                   OR EXISTS (SELECT 1 FROM res_partner p WHERE p.id = r.partner_id AND p.customer_managed IS NOT TRUE)
                UNION
               SELECT p.id FROM res_partner p
                WHERE p.customer_managed IS TRUE AND %(bought)s
                  AND NOT EXISTS (SELECT 1 FROM customer_rhythm r WHERE r.partner_id = p.id)""",
            news=purchases._news_sql(mark, latest), still_bought=purchases._bought_until_sql(SQL("r.partner_id"), latest),
            bought=purchases._bought_until_sql(SQL("p.id"), latest)))} | set(changed)
        return sorted(found) if len(found) <= MANY else None

    @api.depends('purchases', 'first_day', 'last_day')
    def _compute_usual_days(self):
        for rhythm in self:
            rhythm.usual_days = rhythm.purchases > 1 and (rhythm.last_day - rhythm.first_day).days / (rhythm.purchases - 1)

    @api.depends('purchases', 'first_day', 'last_day')
    @api.depends_context('lang', 'tz')
    def _compute_foretold(self):
        fit = self.env['customer.churn.fit'].sudo()._get_current()  # of all companies, like the chances themselves
        model = fit and fit._model()
        horizon = self.env['res.config.settings']._customer_success('churn_horizon_days')
        second = self.env['customer.churn.why']._second_order_days()
        once = self.env._("One order: nothing can be told") if not second else self.env._(
            "One order; a second one usually comes within %(days)s", days=in_days(self.env, round(second)))
        for rhythm in self:
            rhythm.expected_orders, rhythm.foretold_from = False, rhythm.purchases < 2 and once
            if rhythm.purchases < 2 or not model:
                continue
            expected, (least, most) = self.env['customer.churn.why']._expected_orders(model, rhythm, horizon)
            rhythm.expected_orders = self.env._(
                "%(expected)s (%(least)s to %(most)s) in %(days)s days",
                expected=formatLang(self.env, expected, digits=1 if expected >= 1 else 2), least=least, most=most, days=horizon)
            rhythm.foretold_from = self.env._(
                "%(model)s of %(day)s, %(customers)s", model=fit._model_names().get(fit.model),
                day=format_date(self.env, fit.date), customers=customers(self.env, fit.customers))
