from odoo import api, models

from ...engine import sheet_value
from ..base.customer_import_kind import QUIETLY, Column, Kind

#: What a row proposes, by column.
PROPOSED = {
    'reason': 'reason', 'root_cause': 'root_cause', 'adjusted': 'core_approach', 'expected': 'expected_effect',
    'feasibility': 'feasibility', 'feasibility_note': 'feasibility_note', 'note': 'note',
}


class CustomerImportKind(models.AbstractModel):
    """The adjustment sheet 策略动态调整表: what is proposed for customers (STR-3, REP-5)."""

    _inherit = 'customer.import.kind'

    @api.model
    def _kinds(self):
        return super()._kinds() | {'adjustments': Kind(
            label=self.env._("Adjustment sheet"), sequence=50, model='customer.strategy.adjustment',
            hint=self.env._(
                "Each row is a proposal, as a draft: it is handed in and approved here, by somebody else than whoever loads it."),
            columns=self._columns_of_adjustments(), plan=self._plan_adjustments, write=self._write_adjustments)}

    @api.model
    def _columns_of_adjustments(self):
        return {
            **self._columns_of_customer(),
            'user': Column(self.env._("Owner"), type='person'),
            'current': Column(self.env._("Current strategy"), type='text'),
            'cycle': Column(self.env._("Cycle (days)"), type='number'),
            'reason': Column(self.env._("Reason"), type='text', required=True),
            'root_cause': Column(self.env._("Root cause"), type='text'),
            'adjusted': Column(self.env._("Adjusted strategy"), type='text', required=True),
            'expected': Column(self.env._("Expected effect"), type='text'),
            'feasibility': Column(self.env._("Feasibility"), type='choice', choices=lambda kinds: kinds._feasibilities()),
            'feasibility_note': Column(self.env._("Feasibility in words"), type='text'),
            'applies': Column(self.env._("Apply on"), type='day', ahead=True),
            'note': Column(self.env._("Remarks"), type='text'),
        }

    @api.model
    def _feasibilities(self):
        return self._user_choices(self.env['customer.strategy.adjustment']._fields['feasibility'])

    @api.model
    def _plan_adjustments(self, rows, options):
        """Find the strategies that rows would adjust, and the proposals that are there already."""
        self.env['customer.import.finder']._find(rows, {**options, 'missing': ''})
        rows = [row for row in rows if row.state != 'bad']
        strategies, there = {}, {}
        customers = list({row.customer for row in rows})
        for strategy in self.env['customer.strategy'].search([('partner_id', 'in', customers), ('state', '=', 'active')]):
            strategies[strategy.partner_id.id] = strategy
        for adjustment in self.env['customer.strategy.adjustment'].search([('partner_id', 'in', customers)]):
            there.setdefault(adjustment.partner_id.id, []).append(adjustment)
        for row in rows:
            self._plan_adjustment(row, strategies.get(row.customer), there.get(row.customer, []))

    @api.model
    def _plan_adjustment(self, row, strategy, there):
        """Say what becomes of one row: a new proposal, or a draft that says something else now."""
        values = {name: row.values[column] for column, name in PROPOSED.items() if row.values.get(column)}
        if row.values.get('applies'):
            values['date'] = row.values['applies'].day
        if row.values.get('cycle'):
            values['cycle_days'] = round(row.values['cycle'])
            if values['cycle_days'] < 1:
                row.refuse('cycle', self.env._("A cycle lasts at least a day."))
                return
        if row.values.get('user'):
            values['user_id'] = row.values['user']
        said = sheet_value.line(values.get('core_approach'))
        found = next((one for one in there if sheet_value.line(one.core_approach or '') == said), None) or next(
            (one for one in there if one.state == 'draft' and sheet_value.similar(one.core_approach or '-', said)
             and sheet_value.similar(one.reason or '-', values.get('reason') or '')), None)
        if found:
            changed = {name: value for name, value in values.items()
                       if found._fields[name].convert_to_write(found[name], found) != value}
            row.record, row.vals = found.id, {'changed': changed}
            row.state = 'update' if changed and found.state == 'draft' else 'same'
            return
        customer = self.env['res.partner'].browse(row.customer)
        if not strategy and not (row.values.get('current') and self.env['customer.strategy.template']._find_for(
                customer, self.env['customer.responsibility']._company_of(customer))):
            row.refuse('customer', self.env._(
                "%(customer)s has no running strategy that could be adjusted. Start one, or give the current strategy in the "
                "sheet of a customer whose segment has a template.", customer=customer.display_name))
            return
        if not strategy:
            row.notes.append(self.env._("The current strategy of the sheet begins today."))
        row.vals = {'strategy': strategy.id if strategy else False, 'values': values}

    @api.model
    def _write_adjustments(self, rows, options):
        """Begin proposals as drafts of whoever loads them."""
        adjustments, begun = self.env['customer.strategy.adjustment'].with_context(**QUIETLY), {}
        for row in rows:
            if row.state == 'update':
                adjustments.browse(row.record).write(row.vals['changed'])
                continue
            strategy_id = row.vals['strategy'] or begun.get(row.customer)
            if not strategy_id:
                strategies = self.env['customer.strategy'].with_context(**QUIETLY)
                values = strategies._values_from_template(
                    self.env['res.partner'].browse(row.customer), self.env['customer.strategy.template'])
                strategy = strategies.create({**values, 'core_approach': row.values['current']})
                strategy.action_start()
                strategy_id = begun[row.customer] = strategy.id
            row.record = adjustments.create({'strategy_id': strategy_id, **row.vals['values']}).id
