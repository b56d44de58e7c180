from odoo import api, fields, models
from odoo.tools import ormcache

from ...engine import names


class CustomerLegalForm(models.Model):
    """What says of which legal form a company is, and nothing of which company it is: left out where names are compared
    (PRO-6)."""

    _name = 'customer.legal.form'
    _description = "Legal Form"
    _inherit = 'customer.cached'
    _order = 'name'

    name = fields.Char(required=True, help="As it stands before or behind the name of a company, like GmbH or 有限公司.")
    country_id = fields.Many2one(comodel_name='res.country', help="Where it is usual. It is left out everywhere.")
    active = fields.Boolean(default=True)

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a legal form with this name.")

    @api.model_create_multi
    def create(self, vals_list):
        forms = super().create(vals_list)
        self._compare_anew()
        return forms

    def write(self, vals):
        result = super().write(vals)
        if {'name', 'active'} & vals.keys():
            self._compare_anew()
        return result

    def unlink(self):
        result = super().unlink()
        self._compare_anew()
        return result

    @api.model
    @ormcache()
    def _forms(self):
        """Return the legal forms in use, as ``engine.names.key`` wants them."""
        return names.prepared(self.sudo().search([]).mapped('name'))  # these are no secret

    @api.model
    def _compare_anew(self):
        """Have the names of all companies compared anew, as soon as possible."""
        self.env['customer.duplicate']._compare_anew()
