from odoo import api, fields, models
from odoo.tools.i18n import format_list

from ...models.platform.counted import plural

#: Customers named in the message to the new account manager.
NAMED = 10


class CustomerAssign(models.TransientModel):
    """Give customers, one or many, to an account manager (PRO-7)."""

    _name = 'customer.assign'
    _description = "Give Customers to an Account Manager"

    partner_ids = fields.Many2many(comodel_name='res.partner', string="Customers", required=True)
    count = fields.Integer(compute='_compute_count')
    user_id = fields.Many2one(
        comodel_name='res.users', string="Account Manager", required=True,
        domain=lambda self: self.env['customer.responsibility']._role_domain())
    consequence = fields.Char(compute='_compute_count')

    @api.depends('partner_ids')
    @api.depends_context('lang')
    def _compute_count(self):
        for wizard in self:
            wizard.count = len(wizard.partner_ids.commercial_partner_id)
            wizard.consequence = self.env._(
                "Follow-ups, warnings, strategies and what was agreed move along, unless they were given to somebody else on "
                "purpose.")

    def action_apply(self):
        """Do it: with one message, however many customers there are."""
        self._customer_one()
        customers, user = self.partner_ids.commercial_partner_id, self.user_id
        moved = customers.filtered(lambda partner: partner.user_id != user)
        moved._check_works_with()
        companies = {partner.company_id or user.sudo().company_id for partner in customers}  # where a colleague works
        for company in companies:
            self.env['customer.responsibility']._check_able(user.id, company.id)
        moved.with_context(mail_auto_subscribe_no_notify=True).user_id = user
        if moved and user != self.env.user:
            self._tell(moved)
        return {'type': 'ir.actions.act_window_close'}

    def _tell(self, customers):
        """Send the new account manager one message about all customers."""
        says = self.with_context(lang=self.user_id.lang).env
        values = {
            'user': self.env.user.name, 'customers': format_list(says, customers[:NAMED].mapped('display_name'))}
        # written in the name of the user, who need not be able to write to colleagues
        says['mail.thread'].sudo().message_notify(
            partner_ids=self.user_id.partner_id.ids,
            subject=plural(
                len(customers), says._("A customer was given to you"),
                says._("%(count)s customers were given to you", count=len(customers))),
            body=plural(
                len(customers), says._("%(user)s gave you a customer: %(customers)s.", **values),
                says._("%(user)s gave you %(count)s customers. The first of them: %(customers)s.", count=len(customers),
                       **values)))
