from odoo import api, fields, models
from odoo.exceptions import UserError

from ..platform.locks import wait_for_update


class CustomerOnboardingItem(models.Model):
    """One thing that has to be done for a customer who signed (LIF-1)."""

    _name = 'customer.onboarding.item'
    _description = "Item of an Onboarding"
    _inherit = ['customer.kept']
    _order = 'onboarding_id, due_at, id'
    _rec_name = 'name'

    onboarding_id = fields.Many2one(
        comodel_name='customer.onboarding', string="Of Which Onboarding", required=True, readonly=True, index=True,
        ondelete='cascade')
    plan_item_id = fields.Many2one(
        comodel_name='customer.onboarding.plan.item', required=True, readonly=True, index=True, ondelete='restrict')
    name = fields.Char(related='plan_item_id.name')
    done_by = fields.Selection(related='plan_item_id.done_by', string="Done By What")
    required = fields.Boolean(readonly=True, help="The onboarding is not done without it.")
    due_at = fields.Datetime(string="Due", required=True, readonly=True)
    done_at = fields.Datetime(string="Done On", readonly=True)
    done_by_id = fields.Many2one(
        comodel_name='res.users', string="Ticked By", readonly=True, ondelete='set null',
        help="Empty: it was done by its follow-up, or by what is known of the customer.")
    followup_id = fields.Many2one(
        comodel_name='customer.followup', readonly=True, index='btree_not_null', ondelete='set null')
    note = fields.Char()
    state = fields.Selection(
        selection=[('done', "Done"), ('late', "Late"), ('open', "Open")], compute='_compute_state')

    _once_uniq = models.UniqueIndex('(onboarding_id, plan_item_id)', "An onboarding has each item once.")

    @api.depends('done_at', 'due_at')
    def _compute_state(self):
        now = fields.Datetime.now()
        for item in self:
            item.state = 'done' if item.done_at else 'late' if item.due_at and item.due_at < now else 'open'

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _open_to_people(self):
        return {'note'}

    def _say_kept(self, names):
        return self.env._("These fields of an item follow from what is done: %(names)s. Tick the item instead.", names=names)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_tick(self):
        """Note that these are done; what was planned for them is withdrawn."""
        self._check_running()
        items = self.filtered(lambda item: not item.done_at).sudo()  # people don't write what is done
        items._done(user=self.env.user)
        items.onboarding_id._end_if_done()
        return True

    def action_untick(self):
        """Take a tick back; what was planned is planned anew, as long as it is time for it."""
        self._check_running()
        kept = self.sudo().filtered('done_by_id')  # as above
        kept.write({'done_at': False, 'done_by_id': False})
        self.env['customer.plan.request']._request(kept.onboarding_id.partner_id.ids)
        return True

    def action_open_onboarding(self):
        """Open the onboarding that this belongs to."""
        self._customer_one()
        return self.onboarding_id._customer_open()

    def _check_running(self):
        """Refuse to change what is over."""
        self.check_access('write')
        onboardings = self.onboarding_id
        wait_for_update(onboardings)
        onboardings.invalidate_recordset(['state'])
        if closed := onboardings.filtered(lambda onboarding: onboarding.state != 'running')[:1]:
            raise UserError(self.env._(
                "The onboarding of %(customer)s is over. Reload the page to see what became of it.",
                customer=closed.partner_id.display_name))

    def _done(self, user=None, followup=None):
        """Note that these are done.

        :param user: res.users who ticked them, or None
        :param followup: the customer.followup by which they are, or None
        """
        self.write({
            'done_at': fields.Datetime.now(), 'done_by_id': user.id if user else False,
            'followup_id': followup.id if followup else False})
        if not followup:
            # what is planned for them and not made is withdrawn
            self.env['customer.plan.request']._request(
                self.filtered('plan_item_id.step_id').onboarding_id.partner_id.ids)

    def _undone(self, reason):
        """Let these be open again whose message came back after it had done them. An onboarding that was done by it runs on; one
        that is over otherwise stays as it is.

        :param str reason: why the message did not arrive
        """
        onboardings = self.onboarding_id
        wait_for_update(onboardings)
        onboardings.invalidate_recordset(['state'])
        items = self.filtered(lambda item: item.onboarding_id.state in ('running', 'done'))
        items.write({'done_at': False, 'followup_id': False})
        again = items.filtered('required').onboarding_id.filtered(lambda onboarding: onboarding.state == 'done')
        again -= again.filtered(lambda onboarding: onboarding.search_count([  # one at a time
            ('partner_id', '=', onboarding.partner_id.id), ('company_id', '=', onboarding.company_id.id),
            ('state', '=', 'running')], limit=1))
        again.write({'state': 'running', 'closed_at': False})
        for item in items:
            says = item.with_context(lang=item.onboarding_id.user_id.lang or self.env.lang)
            item.onboarding_id.message_post(body=says.env._(
                "“%(item)s” is open again: the message did not arrive. %(reason)s", item=says.name, reason=reason))
