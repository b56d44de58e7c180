import math
from datetime import date, datetime

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize, format_date

from ..platform.base import UNKEPT

#: The largest value that the column keeps with all its decimals.
TOO_LARGE = 10 ** 12

#: What no database id can be.
TOO_LARGE_ID = 2 ** 31


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

    # ------------------------------------------------------------
    # THE WAY IN FOR OTHER PROGRAMS
    #
    # The way in for other programs: thousands of readings in one call, as often as they like (HEA-5).
    # ------------------------------------------------------------

    @api.model
    def load_readings(self, rows):
        """Take readings in; those that are there already are updated. A row that can't be taken is named, and the others
        are taken. The scores of the customers follow in the night.

        :param list[dict] rows: each with ``customer`` (database id as a number; else customer number or email address, of the
            customer or of one of its people), ``metric`` (its code), ``date`` (YYYY-MM-DD) and ``value`` (a number)
        :return: how many were ``created``, ``updated`` and ``unchanged``, and the ``refused`` ones: a list of dicts with
            ``row`` (1 for the first) and ``reason``
        :rtype: dict
        """
        self.check_access('create')
        self.check_access('write')
        if not isinstance(rows, list | tuple):
            raise UserError(self.env._("Readings come as a list of rows."))
        customers = self._find_customers({
            row['customer'] for row in rows if isinstance(row, dict) and self._is_key(row.get('customer'))})
        metrics = {metric.code: metric for metric in self.env['customer.metric'].search([])}
        readings, refused = {}, []
        for number, row in enumerate(rows, 1):
            try:
                key, value = self._read_row(row, customers, metrics)
                if key in readings:
                    raise ValueError(self.env._(
                        "Customer, metric and day are those of row %(row)s.", row=readings[key][1]))
                readings[key] = value, number
            except ValueError as error:
                refused.append({'row': number, 'reason': str(error)})
        created, updated = self._store([(*key, value) for key, (value, __) in readings.items()])
        return {'created': created, 'updated': updated, 'unchanged': len(readings) - created - updated, 'refused': refused}

    @api.model
    def _is_key(self, customer):
        """Return whether a customer can be looked for by this."""
        return isinstance(customer, int | str) and not isinstance(customer, bool) and customer not in (0, '') \
            and not UNKEPT.search(str(customer))

    @api.model
    def _read_row(self, row, customers, metrics):
        """Return what a row of :meth:`load_readings` says.

        :param customers: see :meth:`_find_customers`
        :param metrics: those that are there, by code
        :return: customer id, metric id and day; value
        :raises ValueError: with the reason, in the user's language, why it can't be taken
        """
        if not isinstance(row, dict):
            raise ValueError(self.env._("A row names customer, metric, date and value."))
        if not self._is_key(row.get('customer')):
            raise ValueError(self.env._("The customer is missing: give its database id, number or email address."))
        partner_id, reason = customers[row['customer']]
        if reason:
            raise ValueError(reason)
        code = row.get('metric')
        if not isinstance(code, str) or code not in metrics:
            raise ValueError(self.env._("There is no metric with the code “%(code)s”.", code=code or ''))
        if metrics[code].source:
            raise ValueError(metrics[code]._refusal_by_hand())
        return (partner_id, metrics[code].id, self._read_day(row.get('date'))), self._read_value(row.get('value'))

    @api.model
    def _read_day(self, text):
        """Return a day that is not still to come, or raise a ValueError that says what is wrong."""
        try:
            day = text if isinstance(text, date) else date.fromisoformat(text)
        except (TypeError, ValueError) as error:
            raise ValueError(self.env._("“%(date)s” is no day: write it like 2026-03-31.", date=text or '')) from error
        day = day.date() if isinstance(day, datetime) else day
        if day > fields.Date.context_today(self):
            raise ValueError(self._refusal_of_day(day))
        return day

    @api.model
    def _read_value(self, text):
        """Return a number, or raise a ValueError that says what is wrong."""
        try:
            value = math.nan if isinstance(text, bool) else float(text)
        except (TypeError, ValueError, OverflowError):
            value = math.nan
        if not abs(value) < TOO_LARGE:  # what is not a number isn't smaller than anything
            raise ValueError(self.env._("“%(value)s” is no number that can be kept.", value=text if text is not None else ''))
        return value

    @api.model
    def _find_customers(self, keys, by_name=False):
        """Find customers, all at once, among those whom the user may see.

        :param keys: database ids as numbers; customer numbers and email addresses as text
        :param by_name: texts may be names, too
        :return: by key: the customer's id, and why there is none
        :rtype: dict[int | str, tuple[int | bool, str | bool]]
        """
        ids = {key for key in keys if isinstance(key, int) and 0 < key < TOO_LARGE_ID}
        texts = {key: key.strip() for key in keys if isinstance(key, str)}
        emails = {key: email_normalize(text) for key, text in texts.items() if '@' in text}
        lookups = [('id', ids, {key: key for key in ids}), ('ref', set(texts.values()) - {''}, texts),
                   ('email_normalized', set(emails.values()) - {False}, emails)]
        if by_name:
            lookups += [('complete_name', set(texts.values()) - {''}, texts)]
        found = {}
        for field_name, values, value_of_key in lookups:
            customers = self._customers_by(field_name, values)
            for key, value in value_of_key.items():
                if value in customers:
                    found.setdefault(key, customers[value])
        return {key: self._one_customer(key, found.get(key, ())) for key in keys}

    @api.model
    def _customers_by(self, field_name, values):
        """Return the customers that contacts belong to, by a field of the contacts.

        :return: sets of ids of commercial partners; where some are managed customers, those alone
        :rtype: dict[int | str, set[int]]
        """
        people = self.env['res.partner'].search_fetch(
            Domain(field_name, 'in', values) & Domain('company_id', 'in', [False, *self.env.companies.ids]),
            [field_name, 'commercial_partner_id']) if values else ()
        customers = {}
        for person in people:
            customers.setdefault(person[field_name], set()).add(person.commercial_partner_id)
        return {value: {partner.id for partner in partners if partner.customer_managed} or {p.id for p in partners}
                for value, partners in customers.items()}

    @api.model
    def _one_customer(self, key, ids):
        """Return the id of the one customer found, and why there is none."""
        if len(ids) == 1:
            return next(iter(ids)), False
        if ids:
            return False, self.env._(  # two at least
                "“%(key)s” stands for %(count)s customers: give the database id.", key=key, count=len(ids))
        return False, self.env._("There is no customer “%(key)s”.", key=key)

    @api.model
    def _store(self, readings):
        """Write readings in one statement; what does not change is not written.

        :param readings: tuples of customer id, metric id, day and value, no two of one customer, metric and day
        :return: how many were created, and how many updated
        :rtype: tuple[int, int]
        """
        if not readings:
            return 0, 0
        self.flush_model()
        partner_ids, metric_ids, days, values = (list(column) for column in zip(*readings, strict=True))
        rows = self.env.execute_query(SQL(
            """INSERT INTO customer_reading AS r (partner_id, metric_id, date, value, create_uid, write_uid, create_date,
                                                  write_date)
               SELECT partner_id, metric_id, day, round(value::numeric, 4), %(uid)s, %(uid)s, %(now)s, %(now)s
                 FROM unnest(%(partner_ids)s::int[], %(metric_ids)s::int[], %(days)s::date[], %(values)s::float[])
                      AS new (partner_id, metric_id, day, value)
             ORDER BY partner_id, metric_id, day  -- so that two of them do not wait for each other
          ON CONFLICT (partner_id, metric_id, date) DO UPDATE
                  SET value = excluded.value, write_uid = excluded.write_uid, write_date = excluded.write_date
                WHERE r.value IS DISTINCT FROM excluded.value
            RETURNING xmax = 0""",
            uid=self.env.uid, now=self.env.cr.now(), partner_ids=partner_ids, metric_ids=metric_ids, days=days, values=values))
        self.invalidate_model()
        created = sum(is_new for is_new, in rows)
        return created, len(rows) - created
