from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.platform.counted import customers as in_customers
from ...models.platform.counted import plural
from ...models.platform.local_text import listed
from ...models.profile.customer_handover import SCOPES, Plan

#: Customers named in a sentence.
NAMED = 5


class CustomerAssign(models.TransientModel):
    """Hand customers, one or many, over to an account manager, after a look at what would move along (PRO-7)."""

    _name = 'customer.assign'
    _description = "Give Customers to an Account Manager"

    partner_ids = fields.Many2many(comodel_name='res.partner', string="Customers", required=True)
    count = fields.Integer(compute='_compute_count')
    user_id = fields.Many2one(
        comodel_name='res.users', string="New Account Manager", required=True, default=lambda self: self._default_user_id(),
        domain=lambda self: self.env['customer.responsibility']._role_domain())
    scope = fields.Selection(
        selection=SCOPES, string="What Moves", required=True,
        default=lambda self: self.env['customer.handover']._default_scope())
    reason = fields.Char(help="Stands on each customer and in the list of hand-overs.")
    preview = fields.Html(string="What Would Move", compute='_compute_preview', sanitize=False)
    consequence = fields.Char(compute='_compute_preview')
    problem = fields.Char(compute='_compute_preview')
    back = fields.Char(string="Taking It Back", compute='_compute_back')

    @api.model
    def _default_user_id(self):
        """Return who stands in for all of the chosen customers and could look after them, if there is such a one."""
        chosen = self.env.context.get('default_partner_ids')
        ids = [one for one in chosen if isinstance(one, int)] if isinstance(chosen, (list, tuple)) else []
        customers = self.env['res.partner'].browse(ids).exists().commercial_partner_id
        backups = {partner.customer_backup_id for partner in customers}
        if len(backups) != 1 or not (backup := backups.pop()):
            return False
        responsibility, works_at = self.env['customer.responsibility'], backup.sudo().company_id  # where a colleague works
        companies = {partner.company_id or works_at for partner in customers}
        return all(responsibility._is_able(backup, company) for company in companies) and backup

    @api.depends('partner_ids')
    def _compute_count(self):
        for wizard in self:
            wizard.count = len(wizard.partner_ids.commercial_partner_id)

    @api.depends_context('lang')
    def _compute_back(self):
        self.back = self.env['customer.handover']._say_back()

    @api.depends('partner_ids', 'user_id', 'scope')
    @api.depends_context('lang', 'uid')
    def _compute_preview(self):
        for wizard in self:
            customers = wizard.partner_ids._origin.commercial_partner_id
            moved = wizard._moved()
            wizard.problem = wizard._find_problem() if wizard.user_id else False
            wizard.preview = wizard._preview(moved)
            own = customers - moved
            wizard.consequence = bool(wizard.user_id and own and moved) and self.env._(
                "%(customers)s: with %(user)s already, and stay so.", customers=in_customers(self.env, len(own)),
                user=wizard.user_id.name)

    def _moved(self):
        """Return the customers that would get another account manager."""
        return self.partner_ids._origin.commercial_partner_id.filtered(
            lambda partner: partner.sudo().user_id != self.user_id)  # a colleague of another company

    def _find_problem(self):
        """Return why the chosen person can't take these customers over, or nothing."""
        try:
            self._check()
        except UserError as refusal:
            return str(refusal)
        return ''

    def _check(self):
        """Refuse a hand-over that can't be meant.

        :raises UserError: with a sentence that says why
        """
        customers, user, moved = self.partner_ids._origin.commercial_partner_id, self.user_id, self._moved()
        if not moved:
            raise UserError(plural(
                len(customers),
                self.env._("%(user)s looks after this customer already. Choose somebody else.", user=user.name),
                self.env._("%(user)s looks after these customers already. Choose somebody else.", user=user.name)))
        moved._check_works_with()
        for company in {partner.company_id or user.sudo().company_id for partner in moved}:  # where a colleague works
            self.env['customer.responsibility']._check_able(user.id, company.id)

    def _preview(self, moved):
        """Return a table of what would move along and what would stay, by kind; nothing is changed.

        :param moved: the customers that would get another account manager
        """
        handovers, kinds = self.env['customer.handover'], self.env['customer.handover']._kinds()
        moves, stays = handovers._split(handovers._open_items(moved.sudo()), self.scope or 'all')  # as the hand-over does
        rows = Markup().join(
            Markup("<tr><td>%s</td><td class='text-end'>%s</td><td class='text-end text-muted'>%s</td></tr>") % (
                kinds[name].label(self.env), len(moves[name]), len(stays[name]))
            for name in kinds if moves[name] or stays[name])
        if not rows:
            return Markup("<p class='text-muted mb-0'>%s</p>") % self.env._("Nothing is open with these customers.")
        head = Markup("<tr><th></th><th class='text-end'>%s</th><th class='text-end'>%s</th></tr>") % (
            self.env._("Moves"), self.env._("Stays"))
        return Markup("<table class='table table-sm mb-0'>%s%s</table>") % (head, rows)

    def action_apply(self):
        """Do it: with one message to the new account manager, however many customers there are."""
        self._customer_one()
        self._check()
        moved = self._moved()
        # in the order of the ids: two people who give the same customers away don't wait for each other
        moved.sorted('id').with_context(customer_handover=Plan(self.scope, self.reason or '')).write({'user_id': self.user_id.id})
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification', 'params': {
                'type': 'success', 'next': {'type': 'ir.actions.act_window_close'},
                'message': self.env._(
                    "%(user)s looks after %(customers)s now.", user=self.user_id.name,
                    customers=listed(self.env, moved[:NAMED].mapped('name'))
                    if len(moved) <= NAMED else in_customers(self.env, len(moved)))}}
