from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...models.platform.local_text import labelled, listed_first

#: So many customers are named; more are counted.
NAMED = 5


class CustomerStrategyStart(models.TransientModel):
    """Start strategies for many customers at once (STR-1)."""

    _name = 'customer.strategy.start'
    _description = "Start Strategies"

    partner_ids = fields.Many2many(comodel_name='res.partner', string="Customers", required=True)
    template_id = fields.Many2one(
        comodel_name='customer.strategy.template', help="Empty: for each customer the template of its segment.")
    date_start = fields.Date(string="Start", required=True, default=fields.Date.context_today)
    is_draft = fields.Boolean(
        string="As Drafts", help="Their owners look at them first, adapt the targets and start them.")
    ready_ids = fields.Many2many(comodel_name='res.partner', compute='_compute_ready_ids')
    ready_count = fields.Integer(string="Strategies", compute='_compute_ready_ids')
    skipped = fields.Text(string="Left Out", compute='_compute_ready_ids')

    @api.depends('partner_ids', 'template_id')
    @api.depends_context('lang')
    def _compute_ready_ids(self):
        for wizard in self:
            partners = wizard.partner_ids._origin
            left_out = wizard._left_out(partners)
            ready = partners - self.env['res.partner'].union(*left_out.values())
            wizard.ready_ids = ready
            wizard.ready_count = len(ready)
            wizard.skipped = "\n".join(
                labelled(self.env, reason, listed_first(self.env, some.mapped('name'), NAMED))
                for reason, some in left_out.items() if some)

    def _left_out(self, partners):
        """Return which of these customers get no strategy, by why.

        :rtype: dict[str, res.partner]
        """
        managed = partners.filtered('customer_managed')
        here = managed.filtered(lambda partner: self._company(partner) in self.env.companies)
        mine = here._filtered_worked_with()
        # a colleague's, which the user perhaps doesn't see, is in the way as well
        strategies = self.env['customer.strategy'].sudo()
        taken = strategies.search(
            Domain('partner_id', 'in', mine.ids) & Domain('state', '!=', 'done')).partner_id.with_env(self.env) & mine
        left = mine - taken
        templates = self._templates(left)
        unfit = left.filtered(lambda partner: not templates[partner].kpi_ids)
        return {
            self.env._("Not under care"): partners - managed,
            self.env._("Customers of another company"): managed - here,
            self.env._("Looked after by somebody else"): here - mine,
            self.env._("Have a strategy already, running or as a draft"): taken,
            self.env._("No template with a KPI for their segment"): unfit,
        }

    def _templates(self, partners):
        """Return the template for each of these customers.

        :rtype: dict[res.partner, customer.strategy.template]
        """
        if self.template_id:
            return dict.fromkeys(partners, self.template_id)
        known, result = {}, {}
        for partner in partners:
            key = partner.customer_segment_id, self._company(partner)
            if key not in known:
                known[key] = self.env['customer.strategy.template']._find_for(partner, key[1])
            result[partner] = known[key]
        return result

    def _company(self, partner):
        """Return the company that a strategy for this customer is of."""
        return self.env['customer.strategy']._company_for(partner)

    def action_start(self):
        """Make the strategies, and let them run unless they shall be drafts or begin later."""
        self._customer_one()
        if not self.ready_ids:
            raise ValidationError(self.env._(
                "None of these customers can get a strategy now. Below it says why; choose others, or a template."))
        strategies = self.env['customer.strategy'].with_context(mail_auto_subscribe_no_notify=True)
        templates = self._templates(self.ready_ids)
        strategies = strategies.create([
            strategies._values_from_template(partner, templates[partner], self.date_start) for partner in self.ready_ids])
        if not self.is_draft and self.date_start <= fields.Date.context_today(self):
            strategies.action_start()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_strategy_action')
        action['domain'] = [('id', 'in', strategies.ids)]
        action['context'] = {}
        if len(strategies) == 1:
            action.update(views=[(False, 'form')], res_id=strategies.id)
        return action
