from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..profile.res_partner import GROUP_USER


class ResPartner(models.Model):
    _inherit = 'res.partner'

    customer_strategy_id = fields.Many2one(
        comodel_name='customer.strategy', string="Strategy", compute='_compute_customer_strategy_id',
        search='_search_customer_strategy_id', groups=GROUP_USER, help="The one that runs, in the companies one works in.")

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_customer_strategy_id(self):
        strategies = self.env['customer.strategy']
        running = strategies.search(strategies._running_domain() & Domain('partner_id', 'in', self.ids))
        # in several companies at a time: that of the current one first
        running = running.sorted(lambda strategy: (strategy.company_id != self.env.company, strategy.company_id.id))
        by_partner = running.grouped('partner_id')
        for partner in self:
            partner.customer_strategy_id = by_partner.get(partner._origin, strategies)[:1]

    def _search_customer_strategy_id(self, operator, value):
        if operator != 'in':
            return NotImplemented
        strategies = self.env['customer.strategy']
        chosen = [strategy_id for strategy_id in value if strategy_id]

        def customers(domain):
            query = strategies._search(strategies._running_domain() & domain)
            return query.subselect(SQL.identifier(query.table, 'partner_id'))

        with_one = Domain('id', 'in', customers(Domain('id', 'in', chosen)))
        if len(chosen) == len(value):
            return with_one
        return with_one | Domain('id', 'not in', customers(Domain.TRUE))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_customer_strategy(self):
        """Open the strategy of this customer: the one that runs, else a draft, else what there was; else begin one."""
        partner = self.commercial_partner_id
        partner._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_strategy_action')
        action['context'] = {'default_partner_id': partner.id}
        action['domain'] = [('partner_id', '=', partner.id)]
        known = self.env['customer.strategy'].search(action['domain'])
        current = partner.customer_strategy_id or known.filtered(lambda strategy: strategy.state == 'draft')[:1]
        if current or not known:
            action.update(views=[(False, 'form')], res_id=current.id)
        return action

    def action_customer_strategy_start(self):
        """Open the dialog that starts strategies for these customers."""
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Start a strategy"),
            'res_model': 'customer.strategy.start',
            'view_mode': 'form',
            'target': 'new',
            'context': {**self.env.context, 'default_partner_ids': self.commercial_partner_id.ids},
        }

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _customer_strip(self):
        """Add the ``strategy`` that runs, with its ``name``, its ``effect``, the ``color`` of that, and the ``doubt``: what the
        effect does not know of."""
        strip = super()._customer_strip()
        strategy = self.customer_strategy_id
        strip['strategy'] = bool(strategy) and {
            'name': strategy.template_id.name or self.env._("Strategy"),
            'effect': strategy.effect_id.name,
            'color': strategy.effect_color,
            'doubt': strategy.doubt,
        }
        return strip
