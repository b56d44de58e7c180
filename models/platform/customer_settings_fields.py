from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .setting import Within

PREFIX = 'customer_success.'

#: What a field that is a setting says besides what any field does.
PARAMETERS = {'shipped', 'of_company', 'check', 'after'}


class CustomerSettingsFields(models.AbstractModel):
    """The settings of the addon, declared by each wing in its ``settings.py``.

    They stand on Odoo's settings page, for administrators, and on a page of their own for managers, who can't open that one.
    A field is a setting by its name ``customer_<setting>``, and says everything about it:

    ``shipped``
        the value where nobody changed it, kept as the parameter ``customer_success.<setting>`` from then on
    ``of_company``
        instead of it: the setting is the field of that name of the company
    ``check``
        function of the settings and the field's name that returns the sentence by which a value is refused, if it is;
        see :mod:`.setting` for the usual ones
    ``after``
        name of the method to call, once, after the setting got another value
    """

    _name = 'customer.settings.fields'
    _description = "Settings of Customer Success"

    customer_begin_here = fields.Boolean(string="Begin Here", shipped=True)
    customer_night_hour = fields.Integer(
        string="Begins At (hour)", shipped=0, after='_keep_night',
        check=Within(0, 23, lambda env: env._("The night begins at an hour between 0 and 23 o'clock.")))

    def _valid_field_parameter(self, field, name):
        return name in PARAMETERS or super()._valid_field_parameter(field, name)

    @api.model
    def get_values(self):
        """Show every setting as it is in force, the shipped value where nobody changed it."""
        return {**super().get_values(), **self._get_current_settings()}

    def set_values(self):
        """Keep every setting as entered, 0 and off included; what hangs on one that changed follows."""
        self._check_settings()
        before = self._get_current_settings()
        result = super().set_values()
        self._keep_settings()
        current = self._get_current_settings()
        changed = [name for name, value in current.items() if value != before[name]]
        for method in dict.fromkeys(filter(None, (getattr(self._fields[name], 'after', None) for name in changed))):
            getattr(self, method)()
        return result

    @api.model
    def _get_current_settings(self):
        """Return the values in force, by the names of the fields."""
        company = self.env.company.sudo()  # managers may see nothing else that administrators keep of a company
        return {
            name: company[name] if of_company else self._customer_success(name.removeprefix('customer_'))
            for name, of_company in self._get_customer_settings().items()
        }

    @api.model
    def _get_customer_settings(self):
        """Return the names of the fields that are settings, and whether they are a company's."""
        return {
            name: hasattr(field, 'of_company')
            for name, field in self._fields.items()
            if hasattr(field, 'of_company') or hasattr(field, 'shipped')
        }

    def _check_settings(self):
        """Refuse what a setting can't be, with the sentence that it says itself."""
        for name in self._get_customer_settings():
            check = getattr(self._fields[name], 'check', None)
            if check and (refusal := check(self, name)):
                raise ValidationError(refusal)

    def _keep_settings(self):
        """Write every setting where it is kept."""
        for name, of_company in self._get_customer_settings().items():
            value = self[name]
            if of_company:
                company = self.company_id.sudo()  # managers may change nothing else of a company
                if (value or False) != company[name]:
                    company[name] = value
                continue
            # written as text: Odoo deletes a parameter that is 0 or off, which would read as the shipped value
            value = value.id if isinstance(value, models.BaseModel) else value
            self.env['ir.config_parameter'].sudo().set_param(  # settings are for administrators only
                PREFIX + name.removeprefix('customer_'), value if isinstance(value, str) else repr(value))

    def _keep_night(self):
        """Let what runs at night do so at the hour of the settings."""
        self.env['ir.cron']._customer_keep_night()

    @api.model
    def _customer_success(self, name):
        """Return a setting of the addon, of the type of its shipped value.

        :param str name: name of the field that declares it, without ``customer_``
        """
        default = self._fields[f'customer_{name}'].shipped
        text = self.env['ir.config_parameter'].sudo().get_param(PREFIX + name)  # rules bind everybody
        if not text:
            return default
        if isinstance(default, bool):
            return text == 'True'
        if isinstance(default, str):
            return '' if text == 'False' else text  # emptied on purpose
        try:
            return type(default)(text)
        except ValueError:
            return default
