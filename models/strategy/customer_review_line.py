from odoo import fields, models

#: Whoever changes one of these makes the finding their own.
CONTENT = {'text', 'note', 'kind', 'partner_id'}


class CustomerReviewLine(models.Model):
    """A success or a shortfall of the time that is looked back at, drafted from the data (STR-5)."""

    _name = 'customer.review.line'
    _description = "Finding of a Review"
    _inherit = ['customer.review.item']
    _order = 'kind desc, sequence, id'
    _rec_name = 'text'
    _kept = frozenset(('topic', 'key', 'res_model', 'res_id', 'res_ids', 'more', 'is_edited'))

    kind = fields.Selection(
        selection=[('success', "Success"), ('shortfall', "Shortfall"), ('point', "To talk about")],
        required=True, default='point')
    topic = fields.Char(readonly=True, help="Which look at the data found it.")
    key = fields.Char(readonly=True, help="Tells findings apart when they are drafted anew.")
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", index='btree_not_null', ondelete='cascade')
    text = fields.Text(string="Finding", required=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field='res_model', readonly=True)
    res_ids = fields.Json(string="The Rest", readonly=True, help="What a line stands for that counts the rest.")
    more = fields.Integer(
        readonly=True, default=0, required=True, aggregator='sum', help="So many findings are not listed one by one.")
    note = fields.Text(string="Comment")
    is_edited = fields.Boolean(readonly=True, help="Somebody changed it: drafting anew leaves it alone.")

    def write(self, vals):
        """Whoever changes a drafted finding keeps it from being drafted anew."""
        result = super().write(vals)
        if not self.env.su and CONTENT & vals.keys():
            self.sudo().write({'is_edited': True})  # people don't write how a finding came about
        return result

    def unlink(self):
        """What a person takes out does not come back with the next draft."""
        self._check_review_open()
        if not self.env.su:
            for review, lines in self.filtered('key').grouped('review_id').items():
                # people don't write what drafting keeps
                review.sudo().dropped = sorted({*(review.dropped or []), *lines.mapped('key')})
        return super().unlink()

    def action_open(self):
        """Open what the finding is about: a record, or the list of the rest; else the customer."""
        self._customer_one()
        if self.res_model in self.env and self.res_ids:
            return {
                'type': 'ir.actions.act_window', 'name': self.text, 'res_model': self.res_model, 'view_mode': 'list,form',
                'domain': [('id', 'in', self.res_ids)], 'context': {'active_test': False},
            }
        if self.res_model in self.env and self.res_id and self.env[self.res_model].browse(self.res_id).exists():
            return {
                'type': 'ir.actions.act_window', 'res_model': self.res_model, 'res_id': self.res_id, 'view_mode': 'form',
            }
        if self.partner_id:
            return self.partner_id._customer_open()
        return False
