from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, ormcache

from ..platform.local_text import listed
from ..platform.locks import wait_for_update


class CustomerPresetChange(models.Model):
    """That a preset was applied: who, when, what was written, and what was there before (PLT-5).

    For some days it can be taken back. What somebody changed since then stays as it was changed.
    """

    _name = 'customer.preset.change'
    _inherit = ['customer.cached']
    _description = "Preset That Was Applied"
    _order = 'id desc'

    preset_id = fields.Many2one(
        comodel_name='customer.preset', readonly=True, index='btree_not_null', ondelete='set null')
    name = fields.Char(string="Name of the Preset", readonly=True, help="What it was called then.")
    user_id = fields.Many2one(comodel_name='res.users', string="Applied By", readonly=True, ondelete='set null')
    date = fields.Datetime(string="Applied At", readonly=True)
    note = fields.Text(string="What Changed", readonly=True)
    written = fields.Json(
        string="What Was Written", readonly=True,
        help="For each record that was written, what was there before, and what was written.")
    scheme_before_id = fields.Many2one(
        comodel_name='customer.tier.scheme', string="Ranking Before", readonly=True, ondelete='set null')
    scheme_id = fields.Many2one(comodel_name='customer.tier.scheme', string="Ranking Since", readonly=True, ondelete='set null')
    back_at = fields.Datetime(string="Taken Back At", readonly=True)
    back_user_id = fields.Many2one(comodel_name='res.users', string="Taken Back By", readonly=True, ondelete='set null')
    back_note = fields.Text(string="What Came Back", readonly=True)
    back_until = fields.Date(string="Can Be Taken Back Until", compute='_compute_back_until')
    can_take_back = fields.Boolean(compute='_compute_back_until')

    @api.depends('date', 'back_at')
    def _compute_back_until(self):
        days = self.env['res.config.settings']._customer_success('preset_back_days')
        today, last = fields.Date.context_today(self), self._standing()
        for change in self:
            change.back_until = change.date and fields.Date.add(
                fields.Datetime.context_timestamp(change, change.date).date(), days=days)
            change.can_take_back = bool(
                change == last and change.back_until and today <= change.back_until and (change.written or change.scheme_id))

    @api.depends('name', 'date')
    @api.depends_context('lang', 'tz')
    def _compute_display_name(self):
        for change in self:
            change.display_name = self.env._(
                "%(preset)s, %(day)s", preset=change.name or '–', day=format_date(self.env, change.date)) if change.date \
                else change.name

    @api.model
    def _standing(self):
        """Return the last preset that was applied and not taken back; empty where there is none."""
        return self.browse(self._standing_id())

    @api.model
    @ormcache()
    def _standing_id(self):
        # who reads it may not have to do with it, and how everybody works is no secret
        return self.sudo().search([('back_at', '=', False)], limit=1).id or None

    @api.model
    def _keep_plan(self, preset, plan):
        """Keep what a plan is about to write.

        :param preset: customer.preset
        :param plan: see ``customer.preset._plan``
        :rtype: customer.preset.change
        """
        current = self.env['customer.tier.scheme']._get_current()
        forecast = self.env['customer.preset.forecast']
        change = self.sudo().create({  # nobody writes the history but this
            'preset_id': preset.id, 'name': preset.name, 'user_id': self.env.uid, 'date': fields.Datetime.now(),
            'note': "\n".join(forecast._describe_plan(preset, plan)) or self.env._("Everything was so already."),
            'scheme_before_id': plan.scheme and current.id, 'scheme_id': plan.scheme.id,
            'written': [{
                'model': record._name, 'id': record.id, 'after': values,
                'before': {name: preset._now(record, name) for name in values}} for record, values in plan.writes]})
        return change.with_env(self.env)

    def action_take_back(self):
        """Have everything as it was before this preset was applied; what was changed since then stays.

        :raises UserError: with a sentence, where it can't be taken back any more
        """
        self._customer_one()
        if not self.env.user.has_group('customer_success.group_customer_success_manager'):
            raise AccessError(self.env._("Managers of Customer Success choose how everybody works. Ask one of them."))
        self.check_access('read')
        wait_for_update(self.env['customer.preset'].with_context(active_test=False).search([]))
        self.invalidate_recordset()
        self._check_can_take_back()
        stays, presets = [], self.env['customer.preset']
        anew, scheme = False, self.scheme_before_id
        # what is switched on again comes first: somebody has to be there for everybody
        for row in sorted(self.written or [], key=lambda row: not row['before'].get('active', row['before'].get('is_default'))):
            record = self.env[row['model']].browse(row['id']).exists()
            values = {name: value for name, value in row['before'].items()
                      if record and self._same(presets._now(record, name), row['after'][name])}
            if values:
                presets._write_one(record, values)
                anew |= row['model'] == 'customer.segment'
            if len(values) < len(row['before']):
                stays.append(record.display_name if record else self.env._("something that was deleted"))
        if self.scheme_id and self.env['customer.tier.scheme']._get_current() != self.scheme_id:
            stays.append(self.env._("the ranking in force"))
            scheme = scheme.browse()
        self.sudo().write({  # as above
            'back_at': fields.Datetime.now(), 'back_user_id': self.env.uid,
            'back_note': self.env._("Changed since then, and left so: %(records)s.", records=listed(self.env, stays))
            if stays else self.env._("Everything is as it was before.")})
        presets._put_in_force(scheme, anew)
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification', 'params': {
                'type': 'success', 'message': self.back_note, 'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'}}}

    def _check_can_take_back(self):
        if self.back_at:
            raise UserError(self.env._("“%(preset)s” was taken back already.", preset=self.name))
        if self != self._standing():
            raise UserError(self.env._(
                "Another preset was applied after this one. Take “%(later)s” back first.", later=self._standing().name))
        if not self.can_take_back:
            raise UserError(self.env._(
                "“%(preset)s” could be taken back until %(day)s. Apply another preset instead.", preset=self.name,
                day=format_date(self.env, self.back_until)) if self.written or self.scheme_id else self.env._(
                "“%(preset)s” changed nothing, so there is nothing to take back.", preset=self.name))

    @api.model
    def _same(self, value, kept):
        """Return whether a value is the one that was kept; relations are lists there."""
        return list(value) == kept if isinstance(value, tuple) else value == kept
