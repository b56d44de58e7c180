from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class BasePartnerMerge(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Keep the strategies of all merged contacts; of two that run in a company the one that began later goes on (PLT-2).

        Odoo would delete those of a merged contact as soon as one of them runs besides one of the target.
        """
        # of anybody: whoever merges contacts need not see all strategies
        strategies = self.env['customer.strategy'].sudo()
        running = strategies.search(
            strategies._running_domain() & Domain('partner_id', 'in', (src_partners + dst_partner).ids))
        for several in running.grouped('company_id').values():
            kept, *others = several.sorted(lambda strategy: (strategy.date_start, strategy.id), reverse=True)
            for strategy in others:
                strategy._finish('stopped', fields.Date.context_today(self))
                strategy.message_post(body=self.env._(
                    "Stopped: %(customer)s was merged into %(target)s, and of the two strategies the one from %(day)s "
                    "goes on.", customer=strategy.partner_id.display_name, target=dst_partner.display_name,
                    day=format_date(self.env, kept.date_start)))
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)
