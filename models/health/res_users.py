from odoo import fields, models


class ResUsers(models.Model):
    _inherit = 'res.users'

    customer_warn_digest = fields.Boolean(
        string="Warnings by Email", default=True,
        help="Every morning one email with your open warnings; none when there is nothing to do.")

    @property
    def SELF_READABLE_FIELDS(self):  # noqa: N802
        return super().SELF_READABLE_FIELDS + ['customer_warn_digest']

    @property
    def SELF_WRITEABLE_FIELDS(self):  # noqa: N802
        return super().SELF_WRITEABLE_FIELDS + ['customer_warn_digest']
