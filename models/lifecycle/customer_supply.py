from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerSupply(models.Model):
    """Something that a customer offers, or needs, besides what it buys of us (LIF-6)."""

    _name = 'customer.supply'
    _description = "Offer or Need of a Customer"
    _order = 'date desc, id desc'

    name = fields.Char(string="What", required=True, help="What exactly: “aluminium housings, small series”.")
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='cascade',
        domain=[('customer_managed', '=', True)])
    contact_id = fields.Many2one(
        comodel_name='res.partner', string="Contact Person", index='btree_not_null', ondelete='set null',
        domain="[('commercial_partner_id', '=', partner_id)]")
    kind = fields.Selection(selection=[('offer', "Offers"), ('need', "Needs")], required=True, default='need', index=True)
    category_id = fields.Many2one(
        comodel_name='customer.supply.category', required=True, index=True, ondelete='restrict',
        help="An offer and a need of the same category are proposed to be brought together.")
    date = fields.Date(string="Noted On", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Until", help="After this day it is proposed to nobody any more. Empty: until somebody ends it.")
    active = fields.Boolean(default=True)
    note = fields.Text()
    match_ids = fields.Many2many(
        comodel_name='customer.match', string="Introductions", compute='_compute_match_ids')
    user_id = fields.Many2one(related='partner_id.user_id', string="Account Manager")

    @api.depends('kind')
    def _compute_match_ids(self):
        matches = self.env['customer.match'].search(
            ['|', ('offer_id', 'in', self.ids), ('need_id', 'in', self.ids)])
        for supply in self:
            supply.match_ids = matches.filtered(lambda match, supply=supply: supply in (match.offer_id, match.need_id))

    @api.model
    def _of_customer(self, vals):
        """Return values that name the customer instead of a contact of it."""
        if not vals.get('partner_id'):
            return dict(vals)
        partner = self.env['res.partner'].browse(vals['partner_id'])
        customer = partner.commercial_partner_id
        return ({'contact_id': partner.id} if partner != customer else {}) | vals | {'partner_id': customer.id}

    @api.model_create_multi
    def create(self, vals_list):
        """Note offers and needs, and see at once with whom they fit."""
        supplies = super().create([self._of_customer(vals) for vals in vals_list])
        supplies._check_whose()
        self.env['customer.match'].sudo()._propose(supplies.ids)  # the other side may be a colleague's customer
        return supplies

    def write(self, vals):
        vals = self._of_customer(vals)
        if not self.env.su:
            self.filtered(lambda supply: (
                vals.get('partner_id', supply.partner_id.id) != supply.partner_id.id
                or vals.get('kind', supply.kind) != supply.kind))._refuse_introduced()
        result = super().write(vals)
        if {'partner_id', 'contact_id'} & vals.keys():
            self._check_whose()
        if {'kind', 'category_id', 'partner_id', 'active', 'date_to'} & vals.keys():
            self.env['customer.match'].sudo()._propose(self.ids)  # as above
        return result

    def _check_whose(self):
        """Refuse offers and needs of the customers of others, and with people of another customer."""
        if not self.env.su:
            self.partner_id._check_works_with()
            for supply in self:
                supply.contact_id._check_belongs_to(supply.partner_id)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_introduced(self):
        self._refuse_introduced()

    def _refuse_introduced(self):
        """Refuse to take away, or to give to another customer, what an introduction is about: what became of it is kept."""
        kept = self.env['customer.match'].sudo().search([  # the other side may be a colleague's customer
            '|', ('offer_id', 'in', self.ids), ('need_id', 'in', self.ids),
            ('state', 'in', ('introduced', 'worked', 'failed'))], limit=1)
        if kept:
            supply = self & (kept.offer_id + kept.need_id)
            raise UserError(self.env._(
                "“%(supply)s” stands on an introduction (%(match)s), and what became of that is kept. Archive it, and note a new "
                "one.", supply=supply[:1].name, match=kept.display_name))
