from odoo import api, fields, models

from ...models.platform.counted import days


class CustomerPresetApply(models.TransientModel):
    """What a preset would do, worked out on the real customers; nothing changes until it is applied (PLT-5)."""

    _name = 'customer.preset.apply'
    _description = "Apply a Preset"

    preset_id = fields.Many2one(comodel_name='customer.preset', required=True, readonly=True)
    preview = fields.Html(string="What It Would Do", compute='_compute_preview', sanitize=False)  # made by the server
    lost = fields.Integer(string="Tiers Set by Hand", compute='_compute_preview')
    is_current = fields.Boolean(related='preset_id.is_current')
    give_up = fields.Boolean(
        string="Revenue Decides From Now On",
        help="Tiers are set by hand today. Ticked, customers get the tier that their revenue gives them; a tier that was set by "
             "hand on a customer itself stays.")
    note = fields.Char(compute='_compute_note')

    @api.depends_context('lang')
    def _compute_note(self):
        self.note = self.env._(
            "Nothing changes until you apply it. Then it can be taken back for %(days)s.",
            days=days(self.env, self.env['res.config.settings']._customer_success('preset_back_days')))

    @api.depends('preset_id')
    @api.depends_context('lang', 'uid')
    def _compute_preview(self):
        forecast = self.env['customer.preset.forecast']
        for wizard in self:
            wizard.preset_id.check_access('read')
            wizard.lost = forecast._lost_by_hand(wizard.preset_id) if wizard.preset_id else 0
            wizard.preview = self.env['ir.qweb']._render(
                'customer_success.customer_preset_preview', forecast._values(wizard.preset_id)) if wizard.preset_id else False

    def action_apply(self):
        """Put the preset in force, and show what was written.

        :rtype: dict
        """
        self._customer_one()
        change = self.preset_id._apply(give_up=self.give_up)
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Applied"), 'res_model': 'customer.preset.change',
            'res_id': change.id, 'view_mode': 'form', 'views': [(False, 'form')], 'target': 'current'}
