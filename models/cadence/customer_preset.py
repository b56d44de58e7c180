from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..platform.local_text import labelled, listed
from ..platform.locks import wait_for_update
from .arranged import Meant

#: With more customers, ranking and planning are left to the scheduled actions, which begin at once.
AT_ONCE = 20000


class Plan(NamedTuple):
    """What applying a preset would write: only what differs from today.

    :param scheme: customer.tier.scheme that is put in force, empty where it stays
    :param writes: pairs of a record and its new values; ids of a relation are a sorted tuple
    """

    scheme: object
    writes: list


class CustomerPreset(models.Model):
    """A way of working that fits a kind of business: how customers are ranked, and which rhythms they follow (PLT-5).

    It is a list of records that are there already. Applying it writes whom cadences are meant for, and switches records on and
    off; nothing is deleted, and what was there before can be had back, see ``customer.preset.change``.
    """

    _name = 'customer.preset'
    _inherit = ['customer.named']
    _description = "Preset That Fits a Business"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True, help="What it does, in a sentence or two.")
    fits = fields.Text(translate=True, help="Which business it is for.")
    scheme_id = fields.Many2one(
        comodel_name='customer.tier.scheme', string="Ranking", ondelete='restrict',
        help="It is put in force. Empty: customers are ranked as they are today.")
    line_ids = fields.One2many(
        comodel_name='customer.preset.line', inverse_name='preset_id', string="Cadences", copy=True)
    replaces = fields.Boolean(
        string="Instead of the Others", default=True,
        help="Cadences that are meant for tiers, for segments or for everybody else, and don't stand here, are switched off. "
             "Off: they go on beside these.")
    is_current = fields.Boolean(string="In Force", compute='_compute_is_current')

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a preset with this name.")

    def _compute_is_current(self):
        for preset in self:
            plan = preset._origin._plan() if preset._origin.line_ids else None
            preset.is_current = bool(plan) and not plan.scheme and not plan.writes

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_preview(self):
        """Open the dialog that shows what this preset would do to the customers, before anything changes.

        :rtype: dict
        """
        self._customer_one()
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.name, 'res_model': 'customer.preset.apply', 'view_mode': 'form',
            'target': 'new', 'context': {'default_preset_id': self.id},
        }

    # ------------------------------------------------------------
    # WHAT IT WOULD WRITE
    # ------------------------------------------------------------

    def _plan(self):
        """Return what applying this preset would write.

        :rtype: Plan
        """
        self.ensure_one()
        current = self.env['customer.tier.scheme']._get_current()
        scheme = self.scheme_id if self.scheme_id != current else self.scheme_id.browse()
        return Plan(scheme, [
            (record, differing) for record, values in self._arrange()
            if (differing := {name: value for name, value in values.items() if self._now(record, name) != value})])

    def _arrange(self):
        """Return how records have to be for this preset, as pairs of a record and its values; those that are switched on come
        first. Other wings and addons add theirs.

        :rtype: list[tuple]
        """
        self.ensure_one()
        segments = self.with_context(active_test=False).line_ids.segment_ids
        listed_here = [(line.cadence_id, {
            'active': True, 'tier_ids': tuple(sorted(line.tier_ids.ids)),
            'segment_ids': tuple(sorted(line.with_context(active_test=False).segment_ids.ids)),
            'is_default': line.is_default}) for line in self.line_ids]
        others = self._others() if self.replaces else self.env['customer.cadence']
        used = others._used_besides()
        return [
            *((segment, {'active': True}) for segment in segments.sorted('id')), *listed_here,
            *((cadence, {'tier_ids': (), 'segment_ids': (), 'is_default': False} if cadence.id in used else {'active': False})
              for cadence in others)]

    def _others(self):
        """Return the cadences that this preset takes the place of. Those of a company that the user doesn't work in stay."""
        cadences = self.env['customer.cadence'].search([
            ('is_beside', '=', False), ('needs_grade_ids', '=', False), ('company_id', 'in', [False, *self.env.companies.ids]),
            '|', '|', ('tier_ids', '!=', False), ('segment_ids', '!=', False), ('is_default', '=', True)])
        return (cadences - self.line_ids.cadence_id).sorted('id')

    @api.model
    def _now(self, record, name):
        """Return a value of a record as it is today, as :meth:`_arrange` gives it."""
        value = record.with_context(active_test=False)[name]
        return tuple(sorted(value.ids)) if isinstance(value, models.BaseModel) else value

    @api.model
    def _write_one(self, record, values):
        """Write values as :meth:`_arrange` gives them."""
        record.write({
            name: [Command.set(value)] if isinstance(value, list | tuple) else value for name, value in values.items()})

    # ------------------------------------------------------------
    # APPLYING
    # ------------------------------------------------------------

    def _apply(self, give_up=False):
        """Put this preset in force, and keep what was there before. Applied once more, nothing happens.

        :param bool give_up: tiers that people set by hand may be decided by revenue from now on
        :return: what was kept
        :rtype: customer.preset.change
        :raises UserError: with a sentence, where it can't be, or where tiers set by hand would be lost
        """
        self.ensure_one()
        self._check_may_apply()
        wait_for_update(self.with_context(active_test=False).search([]))  # one after the other
        self.invalidate_recordset()
        plan, changes = self._plan(), self.env['customer.preset.change']
        last = changes._standing()
        if not plan.scheme and not plan.writes and last.preset_id == self:
            return last
        lost = self.env['customer.preset.forecast']._lost_by_hand(self)
        if lost and not give_up:
            raise UserError(self.env._(
                "Tiers that people set by hand would be lost: %(count)s. Tick that revenue decides from now on, or leave it.",
                count=lost))
        change = changes._keep_plan(self, plan)
        for record, values in plan.writes:
            self._write_one(record, values)
        self._put_in_force(plan.scheme, any(record._name == 'customer.segment' for record, __ in plan.writes))
        return change

    def _check_may_apply(self):
        """Refuse to apply a preset that would leave customers to nobody, and let only managers do it."""
        if not self.env.user.has_group('customer_success.group_customer_success_manager'):
            raise AccessError(self.env._("Managers of Customer Success choose how everybody works. Ask one of them."))
        self.check_access('read')
        if not self.line_ids:
            raise UserError(self.env._("“%(preset)s” names no cadence. Add at least one to it first.", preset=self.name))
        if without := self.line_ids.cadence_id.filtered(lambda cadence: not cadence.step_ids):
            raise UserError(self.env._(
                "Cadences without a touchpoint plan nothing: %(cadences)s. Add one to each first.",
                cadences=listed(self.env, without.mapped('name'))))
        if self.replaces and not any(self.line_ids.mapped('is_default')):
            raise UserError(self.env._(
                "“%(preset)s” says nothing about everybody else. Tick one of its cadences as the default, so that nobody is "
                "forgotten.", preset=self.name))

    @api.model
    def _put_in_force(self, scheme, anew=False):
        """Rank and plan customers by what was just written: now, or by the scheduled actions where they are many.

        :param scheme: customer.tier.scheme, empty where it stays
        :param bool anew: customers are placed by other rules, whatever the ranking
        """
        if scheme:
            self.env['ir.config_parameter'].sudo().set_param(  # managers configure the addon, not all of Odoo
                'customer_success.tier_scheme_id', scheme.id)
            scheme._act()
            scheme._ask_for_refresh()
        many = self.env.execute_query(SQL("SELECT FROM res_partner WHERE customer_managed IS TRUE OFFSET %s LIMIT 1", AT_ONCE))
        if many:
            return
        if scheme or anew:
            self.env['customer.ranking'].sudo()._refresh_all()  # writes figures of customers of all companies
        self.env['customer.planner'].sudo()._work_queue()  # follow-ups of every salesperson

    def _arranged(self, plan):
        """Return what a plan makes of cadences: those that are switched on, those that are switched off, and whom they are meant
        for by their id; see ``arranged.Arranged``.

        :param Plan plan: of :meth:`_plan`
        """
        cadences = self.env['customer.cadence']
        written = {record: values for record, values in plan.writes if record._name == cadences._name}
        return (
            cadences.union(*(one for one, values in written.items() if values.get('active'))),
            cadences.union(*(one for one, values in written.items() if values.get('active') is False)),
            {one.id: Meant(*(values.get(name, self._now(one, name)) for name in Meant._fields))
             for one, values in written.items()})


class CustomerPresetLine(models.Model):
    """A cadence of a preset, and whom it is meant for."""

    _name = 'customer.preset.line'
    _description = "Cadence of a Preset"
    _order = 'preset_id, sequence, id'

    preset_id = fields.Many2one(comodel_name='customer.preset', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10)
    cadence_id = fields.Many2one(
        comodel_name='customer.cadence', required=True, ondelete='restrict', context={'active_test': False},
        domain=[('is_beside', '=', False), ('needs_grade_ids', '=', False)])
    tier_ids = fields.Many2many(comodel_name='customer.tier', string="Tiers", ondelete='restrict')
    segment_ids = fields.Many2many(
        comodel_name='customer.segment', string="Segments", ondelete='restrict', context={'active_test': False})
    is_default = fields.Boolean(string="Everybody Else")

    _cadence_uniq = models.Constraint('UNIQUE (preset_id, cadence_id)', "Each cadence stands once in a preset.")

    @api.constrains('cadence_id')
    def _check_cadence(self):
        for line in self:
            if line.cadence_id.is_beside or line.cadence_id.needs_grade_ids:
                raise ValidationError(self.env._(
                    "“%(cadence)s” runs beside others, or is for leads: it is nobody's rhythm. Choose another cadence.",
                    cadence=line.cadence_id.name))

    @api.depends('preset_id', 'cadence_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for line in self:
            line.display_name = labelled(self.env, line.preset_id.name, line.cadence_id.name)
