from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import ormcache


class CustomerProfileRequirement(models.Model):
    """One thing a customer's file should hold, and how strictly (PRO-2)."""

    _name = 'customer.profile.requirement'
    _inherit = ['customer.cached']
    _description = "Customer Profile Requirement"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    field_id = fields.Many2one(
        comodel_name='ir.model.fields',
        required=True,
        ondelete='cascade',
        domain=[
            ('model', '=', 'res.partner'),
            ('store', '=', True),
            ('ttype', 'in', ('char', 'text', 'html', 'many2one', 'date', 'selection', 'integer', 'float')),
        ],
        help="The field of the contact form that should be filled in.",
    )
    scope = fields.Selection(
        selection=[('customer', "The customer"), ('contact', "A contact person")],
        default='customer',
        required=True,
        help="Whether the customer itself should have it, or at least one of its contact persons. "
             "A customer who is a person is its own contact person.",
    )
    policy = fields.Selection(
        selection=[('off', "Off"), ('warn', "Warn"), ('block', "Block")],
        default='warn',
        required=True,
        help="Off: not looked at. Warn: counts for the completeness and is listed as missing. "
             "Block: moreover a managed customer can't be saved without it.",
    )

    _field_scope_uniq = models.Constraint(
        'UNIQUE (field_id, scope)', "This field is already in the list of required profile data.")

    @api.model
    def _get_active(self, policy=None):
        """Return the requirements that are looked at; with a policy, those of that policy only."""
        return self.sudo().browse(self._active_ids(policy))  # which data we ask for is no secret; ir.model.fields is

    @api.model
    @ormcache('policy')
    def _active_ids(self, policy):
        domain = Domain('policy', '=', policy) if policy else Domain('policy', '!=', 'off')
        return self.sudo().search(domain).ids  # as above

    @ormcache('self.id')
    def _field_name(self):
        """Return the name of the field that should be filled in."""
        return self.field_id.name

    @ormcache('self.id')
    def _missing_domain(self):
        """Return the domain of the partners that lack what this requirement asks for."""
        self.ensure_one()
        empty = Domain(self._field_name(), '=', False)
        if self.scope == 'customer':
            return empty
        filled_contact = Domain('type', '=', 'contact') & ~empty
        return (
            Domain('is_company', '=', False) & empty
            | Domain('is_company', '=', True) & Domain('child_ids', 'not any', filled_contact)
        )

    def _is_missing(self, partner):
        """Return whether the partner lacks what this requirement asks for."""
        self.ensure_one()
        holders = partner
        if self.scope == 'contact' and partner.is_company:
            holders = partner.child_ids.filtered(lambda child: child.type == 'contact')
        return not any(holder[self._field_name()] for holder in holders)
