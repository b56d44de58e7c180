from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerSettingsFields(models.AbstractModel):
    _inherit = 'customer.settings.fields'

    customer_case_warn_percent = fields.Integer(string="Warn From (%)")
    customer_case_offer_hours = fields.Integer(string="Hand-over Answered Within (hours)")
    customer_case_reopen_days = fields.Integer(string="Reopened by an Answer For (days)")
    customer_case_reopen_limit = fields.Integer(string="Reopened Without Telling Anybody")
    customer_case_recurrence_days = fields.Integer(string="A Repetition Within (days)")
    customer_case_thanks_words = fields.Text(string="Words of Thanks")
    customer_case_alias = fields.Char(string="Address of Cases")
    customer_case_alias_domain = fields.Char(string="Email Domain", readonly=True)

    @api.model
    def get_values(self):
        """Show to which address emails open a case."""
        values, alias = super().get_values(), self._customer_case_alias()
        return {**values, 'customer_case_alias': alias.alias_name or '', 'customer_case_alias_domain': alias.alias_domain or ''}

    @api.model
    def _customer_case_alias(self):
        """Return the alias of cases; none where an administrator has deleted it."""
        # managers configure the addon, and only this alias of all
        return self.env['mail.alias'].sudo().search([('alias_model_id.model', '=', 'customer.case')], order='id', limit=1)

    def _keep_customer_case_alias(self):
        """Let emails to the address that was entered open a case; empty: no email does."""
        alias, name = self._customer_case_alias(), (self.customer_case_alias or '').strip().partition('@')[0]
        if alias:
            if (alias.alias_name or '') != name:
                alias.alias_name = name or False
        elif name:
            alias.create({
                'alias_name': name, 'alias_model_id': self.env['ir.model']._get_id('customer.case'),
                'alias_contact': 'everyone'})

    def set_values(self):
        """Refuse what no clock could keep; open clocks follow another share to warn at."""
        if not 1 <= self.customer_case_warn_percent <= 99:
            raise ValidationError(self.env._("Somebody is warned after 1 to 99 percent of the time of a deadline."))
        if self.customer_case_offer_hours < 1:
            raise ValidationError(self.env._("A colleague needs at least an hour to answer to a hand-over."))
        if min(self.customer_case_reopen_days, self.customer_case_reopen_limit, self.customer_case_recurrence_days) < 0:
            raise ValidationError(self.env._("The days and the number of times of cases can't be negative."))
        before = self._customer_success('case_warn_percent')
        result = super().set_values()
        self._keep_customer_case_alias()
        if self.customer_case_warn_percent != before:
            self.env['customer.case.clock'].sudo()._replan_open()  # cases of everybody
        return result
