from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..base.customer_fact import PREFIX, Fact, Use
from ..platform.counted import days


class CustomerFact(models.AbstractModel):
    """What the life of a customer with us tells (LIF-3, LIF-4)."""

    _inherit = 'customer.fact'

    @api.model
    def _facts(self):
        return super()._facts() | self._onboarding_facts() | {
            'stage_days': Fact(
                label=self.env._("Time in its stage"), unit='days', past=False, period=False, gives=('day', 'res_id'),
                sql=self._stage_days_sql, say=self._say_stage_days,
                open=lambda partner, found: partner.action_customer_stage_dialog()),
            'loss_due': Fact(
                label=self.env._("It may be lost: too long in its stage"), unit='days', better='lower', minimum=0, past=False,
                period=False, nothing=True, contacts=False, gives=('day', 'res_id'), sql=self._loss_due_sql,
                say=self._say_loss_due, open=lambda partner, found: partner.action_customer_mark_lost()),
            'referrals_given': Fact(
                label=self.env._("Customers that it referred to us"), better='higher', minimum=0, additive=True, gives=('day',),
                sql=self._referrals_sql, say=lambda found, options: self.env._(
                    "Customers referred to us in these days: %(count)s", count=int(found.value))),
            'advice_saving': Fact(
                label=self.env._("Savings by our advice"), unit='money', better='higher', minimum=0, additive=True,
                gives=('count',), sql=self._advice_sql, say=lambda found, options: self.env._(
                    "By advice that helped, of so many pieces: %(count)s", count=found.count)),
        }

    @api.model
    def _uses(self):
        conditions = self.env['customer.stage.condition'].search([('kind', '=like', PREFIX + '%')])
        return super()._uses() + [
            Use(condition.kind.removeprefix(PREFIX), self.env._("Rule of a stage"), condition.rule_id.stage_id.name,
                condition.rule_id.problem) for condition in conditions
        ] + self._onboarding_uses()

    @api.model
    def _stage_days_sql(self, spans, options):
        """Days that customers have been in the stage they are in."""
        return SQL(
            """SELECT s.id AS span_id, GREATEST(%(today)s - p.customer_stage_since, 0) AS value, p.customer_stage_since AS day,
                      p.id AS res_id
                 FROM %(spans)s s JOIN res_partner p ON p.id = s.partner_id
                WHERE p.customer_stage_since IS NOT NULL""",
            spans=spans.table, today=fields.Date.context_today(self))

    @api.model
    def _say_stage_days(self, found, options):
        return self.env._(
            "In the stage “%(stage)s” for %(days)s", stage=self._stage_name(found.res_id), days=days(self.env, found.value))

    @api.model
    def _loss_due_sql(self, spans, options):
        """Days in a stage, of customers that are there for so long that the stage proposes them as lost."""
        return SQL(
            """SELECT s.id AS span_id, %(today)s - p.customer_stage_since AS value, p.customer_stage_since AS day,
                      p.id AS res_id
                 FROM %(spans)s s JOIN res_partner p ON p.id = s.partner_id
                 JOIN customer_stage stage ON stage.id = p.customer_stage_id AND stage.lost_after_days > 0
                WHERE p.customer_stage_since <= %(today)s::date - stage.lost_after_days""",
            spans=spans.table, today=fields.Date.context_today(self))

    @api.model
    def _say_loss_due(self, found, options):
        return self.env._(
            "In the stage “%(stage)s” for %(days)s: mark it as lost, or agree on a last attempt",
            stage=self._stage_name(found.res_id), days=days(self.env, found.value))

    @api.model
    def _stage_name(self, partner_id):
        partner = self.env['res.partner'].sudo().browse(partner_id)  # whoever may ask about it sees its stage
        name, __ = self.env['customer.stage']._get_badges().get(partner.customer_stage_id.id, ("–", 0))
        return name

    @api.model
    def _referrals_sql(self, spans, options):
        """Referrals of the span that were not refused; 0 where there is none."""
        return SQL(
            """SELECT s.id AS span_id, count(r.id) AS value, max(r.date) AS day
                 FROM %s s
            LEFT JOIN customer_referral r
                   ON r.referrer_id = s.partner_id AND r.state <> 'refused' AND r.date BETWEEN s.start AND s.stop
             GROUP BY s.id""", spans.table)

    @api.model
    def _advice_sql(self, spans, options):
        """What advice saved whose result became known in the span; 0 where there is none."""
        return SQL(
            """SELECT s.id AS span_id, COALESCE(sum(a.saving), 0) AS value, count(a.id) AS count
                 FROM %s s
            LEFT JOIN customer_advice_given a
                   ON a.partner_id = s.partner_id AND a.outcome = 'helped' AND a.result_on BETWEEN s.start AND s.stop
             GROUP BY s.id""", spans.table)

    # ------------------------------------------------------------
    # ONBOARDINGS
    #
    # What is known of customers who signed (LIF-1, LIF-2).
    # ------------------------------------------------------------

    @api.model
    def _onboarding_facts(self):
        """Return the facts of customers who signed; see :meth:`_facts`."""
        onboarding = {'model': 'customer.onboarding', 'open': self._open_onboarding, 'better': 'lower', 'minimum': 0,
                      'past': False, 'period': False, 'nothing': True, 'gives': ('day', 'res_id')}
        since = {'better': 'higher', 'minimum': 0, 'past': False, 'gives': ('count',), 'tells': ()}
        return {
            'onboarding_late': Fact(
                label=self.env._("An onboarding is late"), unit='days', sql=self._onboarding_late_sql,
                say=self._say_onboarding_late, **onboarding),
            'onboarding_stuck': Fact(
                label=self.env._("An onboarding is stuck"), unit='days', sql=self._onboarding_stuck_sql,
                say=self._say_onboarding_late, **onboarding),
            'signed_annexes': Fact(
                label=self.env._("Documents attached to orders"), counted=self.env._("documents"),
                sql=self._signed_annexes_sql, say=self._say_so_many, **since),
            'meetings_booked': Fact(
                label=self.env._("Meetings booked"), counted=self.env._("meetings"), sql=self._meetings_booked_sql,
                say=self._say_so_many, **since),
        }

    @api.model
    def _onboarding_uses(self):
        """Return which items of onboardings are done by a fact; see :meth:`_uses`."""
        items = self.env['customer.onboarding.plan.item'].with_context(active_test=False).search([
            ('done_by', '=like', PREFIX + '%')])
        return [Use(item.done_by.removeprefix(PREFIX), self.env._("Item of an onboarding"), item.name, False) for item in items]

    # ------------------------------------------------------------
    # ONBOARDINGS
    # ------------------------------------------------------------

    @api.model
    def _onboarding_late_sql(self, spans, options):
        """Return SQL for how many days the required item is late that is due first."""
        return self._late_sql(spans, options, SQL("0"))

    @api.model
    def _onboarding_stuck_sql(self, spans, options):
        """Return SQL for the same of the onboardings that are stuck, and none of the others."""
        return self._late_sql(spans, options, SQL("p.stuck_days"))

    @api.model
    def _late_sql(self, spans, options, beyond):
        """Return SQL with the running onboardings that are late for more days than some.

        :param SQL beyond: so many days, of a plan ``p``
        """
        self.env['customer.onboarding'].flush_model()
        clock = self.env['customer.clock']
        due = clock._day_sql(SQL("o.next_due"), clock._company_zone_sql(SQL("o.company_id")))
        return SQL(
            """SELECT DISTINCT ON (s.id) s.id AS span_id, (%(today)s::date - %(due)s) AS value, %(due)s AS day, o.id AS res_id
                 FROM %(spans)s s
                 JOIN customer_onboarding o ON o.partner_id = s.partner_id AND o.state = 'running'
                 JOIN customer_onboarding_plan p ON p.id = o.plan_id
                WHERE %(today)s::date - %(due)s > %(beyond)s AND %(seen)s
             ORDER BY s.id, o.next_due, o.id""",
            spans=spans.table, today=options['today'], due=due, beyond=beyond,
            seen=self._seen_sql('customer.onboarding', SQL("o.id"), spans))

    @api.model
    def _say_onboarding_late(self, found, options):
        """Return for how long an item is late."""
        return self.env._("The onboarding is late for %(days)s, since %(day)s", days=days(self.env, found.value),
                          day=format_date(self.env, found.day))

    @api.model
    def _open_onboarding(self, partner, found):
        """Return the action that opens the onboarding."""
        return {'type': 'ir.actions.act_window', 'res_model': 'customer.onboarding', 'res_id': found.res_id, 'view_mode': 'form'}

    # ------------------------------------------------------------
    # WHAT THEIR ITEMS LOOK AT
    # ------------------------------------------------------------

    @api.model
    def _signed_annexes_sql(self, spans, options):
        """Return SQL for how many documents are attached to the orders that were confirmed in the span."""
        self.env['ir.attachment'].flush_model()
        self.env['sale.order'].flush_model()
        return SQL(
            """SELECT s.id AS span_id, count(a.id) AS value, count(a.id) AS count
                 FROM %(spans)s s
            LEFT JOIN sale_order o ON o.customer_commercial_id = s.partner_id AND o.state = 'sale' AND o.date_order >= s.start - 1
                                  AND %(seen)s
            LEFT JOIN ir_attachment a ON a.res_model = 'sale.order' AND a.res_id = o.id AND a.res_field IS NULL
             GROUP BY s.id""", spans=spans.table, seen=self._seen_sql('sale.order', SQL("o.id")))

    @api.model
    def _meetings_booked_sql(self, spans, options):
        """Return SQL for how many meetings with people of the customer take place after the first day of the span, those to
        come included."""
        for model in ('calendar.event', 'calendar.attendee', 'res.partner'):
            self.env[model].flush_model()
        return SQL(
            """SELECT s.id AS span_id, count(DISTINCT e.id) AS value, count(DISTINCT e.id) AS count
                 FROM %(spans)s s
            LEFT JOIN res_partner p ON p.commercial_partner_id = s.partner_id
            LEFT JOIN calendar_attendee a ON a.partner_id = p.id AND a.state IS DISTINCT FROM 'declined'
            LEFT JOIN calendar_event e ON e.id = a.event_id AND e.active AND e.start >= s.start
             GROUP BY s.id""", spans=spans.table)
