from odoo import api, fields, models
from odoo.tools import SQL

from ..base.customer_fact import PREFIX, Fact, Use
from ..platform.counted import days


class CustomerFact(models.AbstractModel):
    """What the life of a customer with us tells (LIF-3, LIF-4)."""

    _inherit = 'customer.fact'

    @api.model
    def _facts(self):
        return super()._facts() | {
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
