from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..platform.local_text import listed
from ..platform.locks import wait_for_update

#: For so many hours a sheet can be taken back.
UNDO_HOURS = 24

#: So many records that stay are named.
NAMED = 20


class CustomerImport(models.Model):
    """Taking a loaded sheet back within a day, as far as nothing was done with its rows since (REP-5)."""

    _inherit = 'customer.import'

    part_ids = fields.One2many(
        comodel_name='customer.import.part', inverse_name='import_id', groups='customer_success.group_customer_success_manager')
    may_undo = fields.Boolean(compute='_compute_may_undo')
    undone_at = fields.Datetime(string="Taken Back On", readonly=True, copy=False)
    undone_by_id = fields.Many2one(
        comodel_name='res.users', string="Taken Back By", readonly=True, copy=False, ondelete='set null')
    undone_note = fields.Text(string="What Was Taken Back", readonly=True, copy=False)

    @api.depends('state', 'loaded_at', 'create_uid')
    @api.depends_context('uid')
    def _compute_may_undo(self):
        since = fields.Datetime.subtract(fields.Datetime.now(), hours=UNDO_HOURS)
        manager = self.env.user.has_group('customer_success.group_customer_success_manager')
        for record in self:
            record.may_undo = record.state == 'done' and bool(record.loaded_at) and record.loaded_at >= since and (
                manager or record.create_uid == self.env.user)

    def action_undo(self):
        """Open the dialog that says what comes of taking this sheet back."""
        self._customer_one()
        self._check_may_undo()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Take Back"), 'res_model': 'customer.import.undo',
            'views': [(False, 'form')], 'target': 'new', 'context': {'default_import_id': self.id}}

    def _check_may_undo(self):
        """Refuse to take back what is none of the user's, was never loaded, or was loaded too long ago."""
        self.ensure_one()
        self.check_access('read')
        if self.state == 'undone':
            raise UserError(self.env._("“%(sheet)s” was taken back already.", sheet=self.display_name))
        if self.state != 'done':
            raise UserError(self.env._(
                "“%(sheet)s” is not loaded yet, so there is nothing to take back.", sheet=self.display_name))
        if self.may_undo:
            return
        if self.create_uid != self.env.user and not self.env.user.has_group('customer_success.group_customer_success_manager'):
            raise AccessError(self.env._(
                "“%(sheet)s” was loaded by a colleague. That one, or a manager, can take it back.", sheet=self.display_name))
        raise UserError(self.env._(
            "“%(sheet)s” can't be taken back any more: that can be done within a day. Change or remove by hand what is wrong.",
            sheet=self.display_name))

    def _undo(self):
        """Take this sheet back, as far as nothing was done with its rows since."""
        self._check_may_undo()
        own = self.sudo()  # what the sheet wrote is removed, whoever's it is by now; who may is checked above
        wait_for_update(own, allow_referencing=True)
        own.invalidate_recordset(['state'])
        self._check_may_undo()
        look = self.env['customer.import.undoer']._take_back(self)
        self._keep({
            'state': 'undone', 'undone_at': fields.Datetime.now(), 'undone_by_id': self.env.uid,
            'undone_note': "\n".join(filter(None, self._say_look(look)))})
        own.part_ids.unlink()

    def _say_look(self, look):
        """Return in sentences what goes, what comes back and what stays.

        :param look: of ``customer.import.undoer``
        :return: the three, '' for nothing
        :rtype: tuple[str, str, str]
        """
        undoer = self.env['customer.import.undoer']
        goes = undoer._say({model: len(ids) for model, ids in look.removed.items()})
        back = undoer._say(Counter(model for model, __ in look.restored))
        stays = [
            self.env._("%(record)s: %(reason)s", record=undoer._records(model, one).display_name, reason=reason)
            for (model, one), reason in list(look.stays.items())[:NAMED]]
        if (more := len(look.stays) - NAMED) > 0:
            stays.append(self.env._("… and %(count)s more", count=more))
        return (
            self.env._("Goes: %(what)s", what=listed(self.env, goes)) if goes else '',
            self.env._("Is as it was before: %(what)s", what=listed(self.env, back)) if back else '',
            self.env._("Stays (%(count)s):\n%(records)s", count=len(look.stays), records="\n".join(stays)) if stays else '')

    @api.autovacuum
    def _gc_traces(self):
        """Forget what loads did that can't be taken back any more.

        :return: how many batches, and whether some are left
        """
        late = fields.Datetime.subtract(fields.Datetime.now(), hours=UNDO_HOURS + 1)
        traces = self.env['customer.import.part'].search(
            ['|', ('import_id.loaded_at', '<', late), ('import_id.state', '=', 'undone')], limit=1000)
        traces.unlink()
        return len(traces), len(traces) == 1000
