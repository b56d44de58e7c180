from odoo import api, fields, models

#: The fields of a tier by hand.
BY_HAND = ('customer_tier_manual_id', 'customer_tier_manual_until', 'customer_tier_manual_reason')

#: So many months a tier of a sheet holds, as one that is set in the dialog.
MONTHS = 6


class CustomerImportKind(models.AbstractModel):
    """The tier that a sheet names: set by hand, as in the dialog, by who may do so there (SEG-1, REP-5)."""

    _inherit = 'customer.import.kind'

    @api.model
    def _tiers(self):
        """Return the tiers: the shipped ones by the end of their external id, others by their id."""
        return self._coded('customer.tier')

    @api.model
    def _coded(self, model):
        """Return the names of rules, by the end of the external id of shipped ones, else by the id.

        :param str model: its technical name
        """
        records, prefix = self.env[model].search([]), f"customer_success.{model.replace('.', '_')}_"
        known = records.get_external_id()
        return {known[record.id].removeprefix(prefix) if known[record.id].startswith(prefix) else str(record.id): record.name
                for record in records}

    @api.model
    def _of_code(self, model, code):
        """Return the record that a value of :meth:`_coded` stands for."""
        if code.isdigit():
            return self.env[model].browse(int(code))
        return self.env.ref(f"customer_success.{model.replace('.', '_')}_{code}")

    @api.model
    def _plan_tiers(self, rows, options):
        """Say of which customers the tier changes. Where a sheet names several for one customer, the last day decides, of rows of
        one day the last of them; for a sheet that is loaded part by part that is settled when it is looked through.

        :param rows: planned ones, whose ``vals`` is a dict
        """
        named = [row for row in rows if row.values.get('tier')]
        if not named:
            return
        may = self.env.user.has_group('customer_success.group_customer_success_leader')
        finder, settled = self.env['customer.import.finder'], options['settled']
        if not options.get('loading'):
            last = {}
            for row in named:
                key = self._tier_key(finder, row)
                day = row.values['day'].day if row.values.get('day') else fields.Date.context_today(self)
                if key not in last or last[key] <= day:
                    last[key], settled[key] = day, row.values['tier']
        customers = self.env['res.partner'].browse({row.customer for row in named if row.customer})
        now = {customer.id: customer.customer_tier_id for customer in customers}
        managed, seen = set(customers.filtered('customer_managed').ids), set()
        for row in named:
            key = self._tier_key(finder, row)
            if key in seen:
                continue
            seen.add(key)
            # when the sheet was looked through, a customer that it made itself was known by its name alone
            code = settled.get(key) or settled.get(self._name_key(finder, row)) or row.values['tier']
            tier = self._of_code('customer.tier', code)
            if row.customer and now[row.customer] == tier:
                continue
            if not may:
                row.notes.append(self.env._("Only team leaders set a tier: it stays as it is."))
            elif row.customer and row.customer not in managed:
                row.notes.append(self.env._("Nobody looks after this customer, so it has no tier."))
            else:
                row.notes.append(self.env._("The tier becomes %(tier)s, by hand.", tier=tier.name))
                row.vals['tier'] = tier.id
                row.state = 'update' if row.state == 'same' else row.state

    @api.model
    def _tier_key(self, finder, row):
        return str(row.customer) if row.customer else self._name_key(finder, row)

    @api.model
    def _name_key(self, finder, row):
        return f"={finder._key('name', row)}"

    @api.model
    def _write_tiers(self, rows, options):
        """Set the tiers that rows name."""
        by_tier = {}
        for row in rows:
            if row.vals.get('tier'):
                by_tier.setdefault(row.vals['tier'], set()).add(row.customer)
        for tier_id, ids in by_tier.items():
            customers = self.env['res.partner'].browse(ids)
            customers._check_works_with()
            own = customers.sudo()  # readonly for everybody; who may is asked when it is planned
            options['trace'].watch(own, BY_HAND, lambda own=own, tier_id=tier_id: own._set_tier_by_hand(
                self.env['customer.tier'].browse(tier_id), self.env._("From the sheet “%(sheet)s”", sheet=options['sheet']),
                fields.Date.add(fields.Date.context_today(self), months=MONTHS)))
