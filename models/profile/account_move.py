from odoo import fields, models


class AccountMove(models.Model):
    _inherit = 'account.move'

    customer_corrects_id = fields.Many2one(
        comodel_name='account.move',
        string="Corrects",
        readonly=True,
        copy=False,
        index='btree_not_null',
        ondelete='set null',
        help="The first of the invoices that this one takes the place of: they are one purchase, on the day of the first.",
    )

    # Odoo has none, and whoever looks at one customer would read all invoices
    _customer_commercial_idx = models.Index(
        "(commercial_partner_id) WHERE move_type IN ('out_invoice', 'out_refund')")

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        invoices = posted.filtered(lambda move: move.move_type == 'out_invoice')
        # who gets an invoice is a customer at once; accountants need no right for that
        invoices.commercial_partner_id.sudo()._refresh_managed()
        return posted
