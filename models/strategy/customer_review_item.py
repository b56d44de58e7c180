from odoo import api, fields, models
from odoo.exceptions import AccessError


class CustomerReviewItem(models.AbstractModel):
    """What findings and decisions share: they belong to one review, and stay as they are once it is done (STR-5)."""

    _name = 'customer.review.item'
    _description = "Part of a Review"
    _inherit = ['customer.guarded']

    #: Names of the fields that only methods write.
    _kept = frozenset()

    review_id = fields.Many2one(comodel_name='customer.review', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10, required=True)

    @api.model_create_multi
    def create(self, vals_list):
        """Nothing is added to a review that is done."""
        self._guard({name for vals in vals_list for name in vals})
        items = super().create(vals_list)
        items._check_review_open()
        return items

    def write(self, vals):
        """Nothing is changed about a review that is done."""
        self._guard(vals)
        self._check_review_open()
        self._check_stays(vals)
        return super().write(vals)

    def _open_to_people(self):
        return super()._open_to_people() - self._kept

    def _say_kept(self, names):
        return self.env['customer.review']._say_kept(names)

    def _check_stays(self, vals):
        """Refuse to carry over into another review, whose customers may be others."""
        if not self.env.su and 'review_id' in vals and self.review_id.ids != [vals['review_id']]:
            raise AccessError(self.env._(
                "Findings and decisions stay in their review. Add it to the other review instead."))

    def _check_review_open(self):
        """Refuse to change what belongs to a review that is done."""
        if not self.env.su:
            self.review_id._check_open_for_changes()
