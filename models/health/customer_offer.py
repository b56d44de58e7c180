from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from .customer_offer_pair import LEVELS

STATES = [
    ('open', "To offer"), ('later', "Put off"), ('quoted', "Quoted"), ('refused', "Not interested"), ('bought', "Was bought"),
    ('gone', "No longer proposed"), ('over', "Refused, and over")]

#: What somebody can still do something about.
WAITING = ('open', 'later', 'quoted')

#: After these the same may be offered once more.
ENDED = ('bought', 'over')


class CustomerOffer(models.Model):
    """Something that similar customers buy and this one does not: what to offer next, why, and what became of it (HEA-7).

    The night finds what is worth being offered (``customer.offer.finder``) and what was quoted and bought since
    (``customer.offer.keeper``); people quote it, put it off, or note that the customer is not interested.
    """

    _name = 'customer.offer'
    _inherit = ['customer.kept', 'customer.main.currency']
    _description = "What to Offer"
    _order = 'place, amount desc, id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Sold By", required=True, readonly=True, ondelete='cascade')
    user_id = fields.Many2one(related='partner_id.user_id', string="Account Manager")
    tier_id = fields.Many2one(related='partner_id.customer_tier_id', string="Tier")
    level = fields.Selection(selection=LEVELS, string="Offers Of", required=True, readonly=True)
    item_key = fields.Integer(required=True, readonly=True, export_string_translation=False)
    product_tmpl_id = fields.Many2one(
        comodel_name='product.template', string="Product", readonly=True, index='btree_not_null', ondelete='cascade')
    categ_id = fields.Many2one(
        comodel_name='product.category', string="Category", readonly=True, ondelete='cascade')
    pair_id = fields.Many2one(
        comodel_name='customer.offer.pair', required=True, readonly=True, index=True, ondelete='cascade')
    evidence = fields.Text(related='pair_id.evidence', string="Why It Is Offered")
    place = fields.Integer(
        string="Rank", readonly=True, aggregator=None,
        help="Its place among the offers to this customer: the likeliest comes first.")
    amount = fields.Monetary(
        string="Expected a Year", currency_field='currency_id', readonly=True,
        help="Half of the similar customers spend more than this a year on it, without taxes, in the main company's currency. "
             "An estimate.")
    state = fields.Selection(selection=STATES, string="Status", required=True, readonly=True, default='open')
    offered_on = fields.Date(string="Proposed On", required=True, readonly=True)
    until = fields.Date(readonly=True, help="Put off, or not interested, up to this day. Empty: for good.")
    reason_id = fields.Many2one(
        comodel_name='customer.followup.reason', string="Why Not Interested", readonly=True, index='btree_not_null',
        ondelete='restrict')
    note = fields.Char(readonly=True, help="What the customer said.")
    decided_by_id = fields.Many2one(
        comodel_name='res.users', readonly=True, index='btree_not_null', ondelete='set null')
    decided_on = fields.Date(readonly=True)
    order_id = fields.Many2one(
        comodel_name='sale.order', string="Quotation", readonly=True, index='btree_not_null', ondelete='set null')
    quoted_on = fields.Date(readonly=True)
    bought_on = fields.Date(readonly=True)
    gone_on = fields.Date(string="No Longer Proposed Since", readonly=True)
    quoted_percent = fields.Float(
        string="Quoted (%)", readonly=True, digits=(16, 1), aggregator='avg', help="100 if it was quoted.")
    bought_percent = fields.Float(
        string="Bought in Time (%)", readonly=True, digits=(16, 1), aggregator='avg',
        help="100 if it was bought within the days that the settings say, 0 if not, or not yet.")

    _item_uniq = models.UniqueIndex(
        "(partner_id, company_id, level, item_key) WHERE state NOT IN ('bought', 'over')",
        "This is among the offers to this customer already.")

    @api.depends('product_tmpl_id', 'categ_id', 'level')
    def _compute_display_name(self):
        for offer in self:
            offer.display_name = offer._what().sudo().display_name or "–"  # what is for sale is no secret

    def _what(self):
        """Return the product or the category that this is about."""
        return self.categ_id if self.level == 'category' else self.product_tmpl_id

    @api.model
    def _open_on_sql(self):
        """Return SQL with the offers that somebody could do something about: ``partner_id``, ``id``, ``place``, ``amount``, from
        the day ``since`` on, before the day ``until``."""
        self.flush_model()
        return SQL(
            """SELECT partner_id, id, place, amount, offered_on AS since,
                      COALESCE(LEAST(decided_on, quoted_on, bought_on, gone_on), 'infinity') AS until FROM customer_offer""")

    # ------------------------------------------------------------
    # WHAT PEOPLE MAY WRITE
    # ------------------------------------------------------------

    def _open_to_people(self):
        return set()

    def _say_kept(self, names):
        return self.env._(
            "%(fields)s of an offer follows from what customers buy. Use the buttons: quote it, put it off, or note that the "
            "customer is not interested.", fields=names)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_quote(self):
        """Open a quotation for this customer with the product: the newest draft of one's own, else a new one."""
        self._customer_one()
        self.check_access('write')
        if self.state == 'quoted' and self.order_id:
            return self._open_order(self.order_id)
        self._refuse_unless(WAITING)
        product = self._variant()
        if not product:
            raise UserError(self.env._(
                "“%(product)s” can't be sold any more. It goes off the offers tonight.", product=self.display_name))
        order = self._draft()
        line = Command.create({'product_id': product.id, 'product_uom_qty': 1})
        if order:
            if product not in order.order_line.product_id:
                order.write({'order_line': [line]})
        else:
            order = self.env['sale.order'].with_company(self.company_id).create({
                'partner_id': self.partner_id.id, 'company_id': self.company_id.id, 'order_line': [line]})
        self._keep({
            'state': 'quoted', 'order_id': order.id, 'quoted_on': fields.Date.context_today(self), 'quoted_percent': 100,
            'until': False, 'decided_by_id': self.env.uid, 'decided_on': fields.Date.context_today(self)})
        return self._open_order(order)

    def _open_order(self, order):
        return {
            'type': 'ir.actions.act_window', 'name': order.display_name, 'res_model': order._name, 'res_id': order.id,
            'view_mode': 'form', 'views': [(False, 'form')],
        }

    def _draft(self):
        """Return the newest quotation for this customer that the user has not sent yet."""
        return self.env['sale.order'].search([
            ('partner_id.commercial_partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id),
            ('state', '=', 'draft'), ('user_id', '=', self.env.uid)], order='id desc', limit=1)

    def _variant(self):
        """Return the product to quote: the variant, or in a category the product, that most orders of the company have."""
        self.env['customer.document']._flush()
        sellable = Domain('sale_ok', '=', True) & Domain('active', '=', True)
        if self.level == 'category':
            sellable &= Domain('categ_id', '=', self.categ_id.id)
        else:
            sellable &= Domain('product_tmpl_id', '=', self.product_tmpl_id.id)
        products = self.env['product.product'].search(
            sellable & Domain('company_id', 'in', [False, *self.company_id.parent_ids.ids]))
        if len(products) < 2:
            return products
        counts = dict(self.env.execute_query(SQL(
            """SELECT l.product_id, count(*) FROM sale_order_line l JOIN sale_order o ON o.id = l.order_id
                WHERE l.product_id = ANY(%s) AND o.state = 'sale' AND o.company_id = %s GROUP BY l.product_id""",
            products.ids, self.company_id.id)))
        return max(products, key=lambda product: counts.get(product.id, 0))

    def action_not_interested(self):
        """Ask why the customer is not interested, and for how long that holds."""
        return self._ask('refused', self.env._("Not Interested"))

    def action_later(self):
        """Ask until when it is put off."""
        return self._ask('later', self.env._("Offer Later"))

    def _ask(self, answer, name):
        self.check_access('write')
        self._refuse_unless(WAITING)
        return {
            'type': 'ir.actions.act_window', 'name': name, 'res_model': 'customer.offer.answer', 'view_mode': 'form',
            'views': [(False, 'form')], 'target': 'new',
            'context': {'default_offer_ids': self.ids, 'default_answer': answer},
        }

    def action_offer_again(self):
        """Put offers that were refused or put off on the list again."""
        self.check_access('write')
        self._refuse_unless(('refused', 'later'))
        self._keep({
            'state': 'open', 'until': False, 'reason_id': False, 'note': False, 'decided_on': False,
            'decided_by_id': self.env.uid})
        return True

    def _refuse_unless(self, states):
        if wrong := self.filtered(lambda offer: offer.state not in states):
            names = dict(self._fields['state']._description_selection(self.env))
            raise UserError(self.env._(
                "“%(product)s” for %(customer)s: %(state)s. Nothing can be done about it here any more.",
                product=wrong[0].display_name, customer=wrong[0].partner_id.display_name, state=names[wrong[0].state]))

    def _answer(self, state, until, reason=None, note=False):
        """Note what the customer, or its account manager, says to offers.

        :param str state: ``refused`` or ``later``
        :param date until: the last day of that, or nothing for no end
        :param reason: customer.followup.reason of a refusal
        :param str note: in words
        """
        self._refuse_unless(WAITING)
        self._keep({
            'state': state, 'until': until or False, 'reason_id': reason.id if reason else False, 'note': note or False,
            'decided_by_id': self.env.uid, 'decided_on': fields.Date.context_today(self)})
        if state == 'refused':
            for offer in self:
                offer.partner_id._message_log(body=offer._describe_refusal())

    def _describe_refusal(self):
        values = {'product': self.display_name, 'reason': self.reason_id.name, 'note': self.note or "–",
                  'day': format_date(self.env, self.until) if self.until else ''}
        if self.until:
            return self.env._("Not interested in %(product)s until %(day)s: %(reason)s (%(note)s)", **values)
        return self.env._("Not interested in %(product)s: %(reason)s (%(note)s)", **values)
