from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date


class CustomerReading(models.Model):
    """What was counted of a customer on a day: one value per customer, metric and day (HEA-5)."""

    _name = 'customer.reading'
    _description = "Usage Reading"
    _inherit = 'customer.health.input'
    _order = 'date desc, id desc'
    _rec_name = 'metric_id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='cascade',
        domain=[('customer_managed', '=', True)])
    metric_id = fields.Many2one(comodel_name='customer.metric', required=True, index=True, ondelete='restrict')
    date = fields.Date(required=True, default=fields.Date.context_today, index=True)
    value = fields.Float(required=True, digits=(16, 4), aggregator='sum')
    unit = fields.Char(related='metric_id.unit')
    user_id = fields.Many2one(related='partner_id.user_id', string="Account Manager")
    tier_id = fields.Many2one(related='partner_id.customer_tier_id')

    _reading_uniq = models.Constraint(
        'UNIQUE (partner_id, metric_id, date)', "There is already a reading of this metric for this customer and day.")

    @api.constrains('date')
    def _check_date(self):
        today = fields.Date.context_today(self)
        if coming := self.filtered(lambda reading: reading.date > today)[:1]:
            raise ValidationError(self._refusal_of_day(coming.date))

    def _refusal_of_day(self, day):
        """Return the sentence that refuses a day to come."""
        return self.env._("%(day)s is still to come: a reading says what was counted.", day=format_date(self.env, day))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self.env['customer.metric'].browse({vals['metric_id'] for vals in vals_list if vals.get('metric_id')})._check_by_hand()
        return super().create(vals_list)

    def write(self, vals):
        (self.metric_id | self.metric_id.browse(vals.get('metric_id') or ()))._check_by_hand()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_counted(self):
        self.metric_id._check_by_hand()

    def _refresh_health(self, partners=None):
        """What a person puts down about one customer shows at once; what comes in for many is for the night."""
        partners = self.partner_id | (partners or self.partner_id.browse())
        if len(partners) > 1 or self.env.context.get('customer_health_later'):
            return None
        return super()._refresh_health(partners)

    # ------------------------------------------------------------
    # IMPORT OF FILES
    # ------------------------------------------------------------

    @api.model
    def get_import_templates(self):
        """Return the file to begin with."""
        return [{
            'label': self.env._("Import Template for Readings"),
            'template': '/customer_success/static/import/customer_reading.csv',
        }]

    @api.model
    def load(self, fields, data):
        """Import a file: customers by number, email or name, found for all rows at once; an import that is run again updates
        what is there. Where a row can't be taken nothing is."""
        if 'partner_id' in fields:
            column = fields.index('partner_id')
            found = self._find_customers({row[column] for row in data if row[column]}, by_name=True)
            if refused := {key: reason for key, (partner_id, reason) in found.items() if reason}:
                return {'ids': False, 'nextrow': 0, 'messages': [
                    {'type': 'error', 'message': refused[row[column]], 'record': number, 'field': 'partner_id',
                     'rows': {'from': number, 'to': number}}
                    for number, row in enumerate(data) if row[column] in refused]}
            fields = [*fields[:column], 'partner_id/.id', *fields[column + 1:]]
            data = [[*row[:column], str(found[row[column]][0]) if row[column] else '', *row[column + 1:]] for row in data]
        # what one file brings is remembered for as long as it is read: the second row of a day is a mistake
        return super(CustomerReading, self.with_context(customer_readings_read=set())).load(fields, data)

    def _load_records_create(self, vals_list):
        """Take readings that are there already as updates, and refuse what stands twice in a file."""
        vals_list = [self._complete_values(vals) for vals in vals_list]
        later = self.with_context(customer_health_later=True)
        try:
            known = later._update_known(vals_list)
            new = {key: vals for vals in vals_list if (key := self._key_of(vals)) not in known}
            created = super(CustomerReading, later)._load_records_create(list(new.values()))
        except UserError as error:
            if len(vals_list) == 1:
                raise
            # Odoo tries again row by row then; what people are told of the whole would be put down to the first row
            raise ValueError(str(error)) from error
        readings = known | dict(zip(new, created, strict=True))
        self.env.context.get('customer_readings_read', set()).update(readings)
        result = self.browse(readings[self._key_of(vals)].id for vals in vals_list)
        result._refresh_health()
        return result

    @api.model
    def _update_known(self, vals_list):
        """Write values of an import into the readings that are there.

        :return: those readings, see :meth:`_find_readings`
        :raises ValidationError: when one of them came before while the same file was read
        """
        keys = [self._key_of(vals) for vals in vals_list]
        seen = set(self.env.context.get('customer_readings_read', ()))
        for partner_id, metric_id, day in keys:
            if (partner_id, metric_id, day) in seen:
                raise ValidationError(self.env._(
                    "%(customer)s, %(metric)s, %(day)s stands in the file twice.",
                    customer=self.partner_id.browse(partner_id).display_name,
                    metric=self.metric_id.browse(metric_id).name, day=format_date(self.env, day)))
            seen.add((partner_id, metric_id, day))
        readings = self._find_readings(keys)
        for key, vals in zip(keys, vals_list, strict=True):
            if key in readings:
                readings[key].write(vals)
        return readings

    @api.model
    def _key_of(self, vals):
        """Return which customer, metric and day values are about, for values of an import."""
        day = fields.Date.to_date(vals['date']) if vals.get('date') else fields.Date.context_today(self)
        return vals.get('partner_id'), vals.get('metric_id'), day

    @api.model
    def _find_readings(self, keys):
        """Return the readings that are there.

        :param keys: tuples of customer id, metric id and day
        :rtype: dict[tuple, CustomerReading]
        """
        readings = self.search(
            Domain('partner_id', 'in', {key[0] for key in keys}) & Domain('metric_id', 'in', {key[1] for key in keys})
            & Domain('date', 'in', {key[2] for key in keys}))
        there = {(reading.partner_id.id, reading.metric_id.id, reading.date): reading for reading in readings}
        return {key: there[key] for key in keys if key in there}
