from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..profile.customer_carry import BUSINESS


class CustomerCarry(models.AbstractModel):
    """Strategies with their adjustments, and what reviews say of a customer, go along with the business."""

    _inherit = 'customer.carry'

    @api.model
    def _fates(self):
        return super()._fates() | {
            ('customer.strategy', 'partner_id'): BUSINESS,
            ('customer.strategy.adjustment', 'partner_id'): BUSINESS,
            ('customer.strategy.adjustment', 'cohort_ids'): BUSINESS,
            ('customer.review.decision', 'partner_id'): BUSINESS,
            ('customer.review.line', 'partner_id'): BUSINESS,
        }

    @api.model
    def _make_room(self, sources, target, into):
        """Of two strategies that run in a company the one that began later goes on, the other is stopped.

        Odoo would delete those of a merged contact as soon as one of them runs besides one of the target.
        """
        result = super()._make_room(sources, target, into)
        strategies = self.env['customer.strategy']
        running = strategies.search(
            strategies._running_domain() & Domain('partner_id', 'in', (sources + target).ids))
        for several in running.grouped('company_id').values():
            kept, *others = several.sorted(lambda strategy: (strategy.date_start, strategy.id), reverse=True)
            for strategy in others:
                self.env['customer.strategy.cycle']._finish(strategy, 'stopped', fields.Date.context_today(self))
                strategy.message_post(body=self.env._(
                    "Stopped: %(customer)s was merged into %(target)s, and of the two strategies the one from %(day)s "
                    "goes on.", customer=strategy.partner_id.display_name, target=target.display_name,
                    day=format_date(self.env, kept.date_start)))
        self.env.flush_all()
        # what a finding is about is opened from it
        self.env.cr.execute(SQL(
            "UPDATE customer_review_line SET res_id = %s WHERE res_model = 'res.partner' AND res_id = ANY(%s)",
            target.id, sources.ids))
        return result
