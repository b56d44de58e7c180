from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..profile.customer_carry import BUSINESS, PERSON


class CustomerCarry(models.AbstractModel):
    """Stages, losses, onboardings and referrals, with their histories, go along with the business."""

    _inherit = 'customer.carry'

    @api.model
    def _fates(self):
        return super()._fates() | {
            ('customer.stage.change', 'partner_id'): BUSINESS,
            ('customer.loss', 'partner_id'): BUSINESS,
            ('customer.onboarding', 'partner_id'): BUSINESS,
            ('customer.referral', 'referrer_id'): BUSINESS,
            ('customer.referral', 'partner_id'): BUSINESS,
            ('customer.referral', 'referrer_contact_id'): PERSON,
            ('customer.advice.given', 'partner_id'): BUSINESS,
            ('customer.advice.given', 'contact_id'): PERSON,
            ('customer.supply', 'partner_id'): BUSINESS,
            ('customer.supply', 'contact_id'): PERSON,
            ('customer.match', 'offerer_id'): BUSINESS,
            ('customer.match', 'needer_id'): BUSINESS,
        }

    @api.model
    def _carried_together(self):
        return [
            *super()._carried_together(),
            ('customer_stage_id', 'customer_stage_since'),
            ('customer_stage_manual_id', 'customer_stage_manual_until', 'customer_stage_manual_reason'),
        ]

    @api.model
    def _make_room(self, sources, target, into):
        """A customer is lost once: of several open losses the first one stays, the others are withdrawn and kept."""
        result = super()._make_room(sources, target, into)
        self.env['customer.loss'].flush_model()
        self.env.cr.execute(SQL(
            """UPDATE customer_loss SET state = 'withdrawn', write_date = %(now)s
                WHERE state = 'lost' AND partner_id = ANY(%(ids)s)
                  AND id <> (SELECT id FROM customer_loss WHERE state = 'lost' AND partner_id = ANY(%(ids)s)
                           ORDER BY date, id LIMIT 1)""", ids=(sources + target).ids, now=self.env.cr.now()))
        self.env['customer.loss'].invalidate_model()
        self._make_room_for_referrals((sources + target).ids)
        self._make_room_for_onboardings(sources, target)
        return result

    @api.model
    def _make_room_for_onboardings(self, sources, target):
        """Of two running onboardings in a company that of the target goes on, else the older one."""
        running = self.env['customer.onboarding'].search(
            Domain('partner_id', 'in', [target.id, *sources.ids]) & Domain('state', '=', 'running'))
        for own in running.grouped('company_id').values():
            kept = own.sorted(lambda onboarding: (onboarding.partner_id != target, onboarding.started_at, onboarding.id))[:1]
            (own - kept)._mark_closed('merged')  # they are planned when all is carried
        self.env.flush_all()

    @api.model
    def _make_room_for_referrals(self, partner_ids):
        """A customer is referred once in a programme, and not by itself: the first referral stays, a rewarded one before all;
        the others are refused and say why.

        :param partner_ids: ids of those that are one customer from now on
        """
        self.env['customer.referral'].flush_model()
        self.env.cr.execute(SQL(
            """UPDATE customer_referral r
                  SET state = 'refused', refusal = CASE WHEN k.own THEN 'same' ELSE 'taken' END,
                      other_id = CASE WHEN NOT k.own THEN k.first_id END, write_date = %(now)s
                 FROM (SELECT id, state, referrer_id = ANY(%(ids)s) AS own, first_value(id) OVER mine AS first_id
                         FROM customer_referral WHERE partner_id = ANY(%(ids)s) AND state <> 'refused'
                       WINDOW mine AS (PARTITION BY program_id
                                           ORDER BY referrer_id = ANY(%(ids)s), state IN ('rewarded', 'clawed_back') DESC,
                                                    date, id)) AS k
                WHERE k.id = r.id AND (k.own AND k.state NOT IN ('rewarded', 'clawed_back') OR k.id <> k.first_id)""",
            ids=partner_ids, now=self.env.cr.now()))
        self.env['customer.referral'].invalidate_model()

    @api.model
    def _settle(self, partners):
        result = super()._settle(partners)
        # the orders of all are now of one
        self.env['customer.stager']._refresh(partners.ids)
        # nobody is introduced to itself
        self.env['customer.match']._propose()
        return result
