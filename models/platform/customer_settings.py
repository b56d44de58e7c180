from lxml import etree

from odoo import api, fields, models
from odoo.exceptions import AccessError


class CustomerSettings(models.TransientModel):
    """The settings page of the addon for managers: the same settings as on Odoo's page, and nothing else.

    Managers need no rights of an administrator for it. They write the addon's own parameters, the addon's settings of the
    company they work in, and no others.
    """

    _name = 'customer.settings'
    _description = "Settings"
    _inherit = ['customer.settings.fields', 'customer.settings.page']

    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, default=lambda self: self.env.company)

    @api.depends('company_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for settings in self:
            settings.display_name = self.env._("Settings")

    @api.model
    def default_get(self, fields):
        """Show what is in force."""
        values = super().default_get(fields)
        return {**values, **{name: value for name, value in self.get_values().items() if name in fields}}

    def set_values(self):
        """Keep the settings, those of the company included."""
        self._customer_one()
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("These are the settings of a company that you don't work in."))
        return super().set_values()

    def execute(self):
        """Keep these settings; what the button *Save* of a settings page calls.

        :return: an action that shows them anew
        :rtype: dict
        """
        self._customer_one()
        self.set_values()
        return {'type': 'ir.actions.client', 'tag': 'reload'}

    def cancel(self):
        """Leave everything as it was; what the button *Discard* of a settings page calls.

        :rtype: dict
        """
        return {'type': 'ir.actions.client', 'tag': 'reload'}

    @api.model
    def _get_view(self, view_id=None, view_type='form', **options):
        """Show the addon's part of Odoo's settings page: what is added there is here too."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == 'form':
            # a view is no secret, though only administrators may read its record
            page = self.env.ref('customer_success.res_config_settings_view_form').sudo()
            arch.extend(etree.fromstring(page.arch).iterfind('.//app'))
        return arch, view
