from odoo import api, models
from odoo.exceptions import ValidationError

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
            'tier': Column(self.env._("Tier"), type='choice', choices=lambda kinds: kinds._tiers()),
            'kpis': Column(self.env._("KPIs: target / actual"), type='goals', choices=lambda kinds: kinds._coded('customer.kpi')),
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
        rows = [row for row in rows if row.state != 'bad']
        for row in rows:
            self._plan_goals(row, strategies.get(row.customer))
        self._plan_tiers([row for row in rows if row.state != 'bad'], options)

    @api.model
    def _plan_goals(self, row, strategy):
        """Say which targets a row proposes, and which actual values of its strategy it brings along: those that nothing measures
        and nobody entered."""
        targets, actuals = {}, {}
        lines = {line.kpi_id: line for line in strategy.kpi_ids} if strategy else {}
        for code, target, actual in row.values.get('kpis') or ():
            kpi = self._of_code('customer.kpi', code)
            try:
                kpi._check_target(target)
            except ValidationError as error:
                row.refuse('kpis', str(error))
                return
            targets[kpi.id] = target
            if actual is not None and kpi._is_measured():
                row.notes.append(self.env._(
                    "“%(kpi)s” is measured here: the actual value of the sheet is left out.", kpi=kpi.name))
            elif actual is not None and not (kpi in lines and lines[kpi].has_actual):
                actuals[kpi.id] = actual
        found = self.env['customer.strategy.adjustment'].browse(row.record or ())
        there = {line.kpi_id.id: line.new_target for line in found.kpi_ids}
        if found and found.state == 'draft' and {kpi: target for kpi, target in targets.items() if there.get(kpi) != target}:
            row.state = 'update'
        row.vals.update(targets=targets if not found or found.state == 'draft' else {}, actuals=actuals)

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
        trace = options['trace']
        for row in rows:
            if row.state == 'update':
                trace.change(adjustments.browse(row.record), row.vals['changed'])
                self._write_goals(adjustments.browse(row.record), row, trace)
                continue
            strategy_id = row.vals['strategy'] or begun.get(row.customer)
            if not strategy_id:
                strategies = self.env['customer.strategy'].with_context(**QUIETLY)
                values = strategies._values_from_template(
                    self.env['res.partner'].browse(row.customer), self.env['customer.strategy.template'])
                strategy = trace.make(strategies.create({**values, 'core_approach': row.values['current']}))
                self._agree_on_goals(strategy, row)
                strategy.action_start()
                strategy_id = begun[row.customer] = strategy.id
            adjustment = trace.make(adjustments.create({'strategy_id': strategy_id, **row.vals['values']}))
            row.record = adjustment.id
            self._write_goals(adjustment, row, trace)
        self._write_tiers(rows, options)

    @api.model
    def _agree_on_goals(self, strategy, row):
        """Let the strategy that begins with a row have the targets that stand there."""
        lines = {line.kpi_id.id: line for line in strategy.kpi_ids}
        for kpi_id, target in row.vals['targets'].items():
            if kpi_id in lines:
                lines[kpi_id].target = target
            else:
                strategy.kpi_ids.create({'strategy_id': strategy.id, 'kpi_id': kpi_id, 'target': target})

    @api.model
    def _write_goals(self, adjustment, row, trace):
        """Propose the targets of a row, and enter the actual values that it brings along."""
        lines = {line.kpi_id.id: line for line in adjustment.kpi_ids}
        for kpi_id, target in row.vals['targets'].items():
            if kpi_id not in lines:
                trace.make(adjustment.kpi_ids.create({'adjustment_id': adjustment.id, 'kpi_id': kpi_id, 'new_target': target}))
            elif lines[kpi_id].new_target != target:
                trace.change(lines[kpi_id], {'new_target': target})
        for line in adjustment.strategy_id.kpi_ids:
            if line.kpi_id.id in row.vals['actuals']:
                values = {'actual': row.vals['actuals'][line.kpi_id.id], 'note': self.env._("From a sheet")}
                trace.watch(line, ('actual', 'has_actual', 'by_hand', 'note', 'entered_by_id', 'entered_on'),
                            lambda line=line, values=values: line.write(values))
