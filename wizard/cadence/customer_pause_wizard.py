from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...models.platform.local_text import labelled


class CustomerPauseWizard(models.TransientModel):
    """Leave customers alone until a day, or for good (CAD-8)."""

    _name = 'customer.pause.wizard'
    _description = "Pause Customers"

    partner_ids = fields.Many2many(comodel_name='res.partner', string="Customers", required=True)
    kind = fields.Selection(
        selection=[('pause', "Pause until a day"), ('stop', "Do not contact any more")],
        required=True,
        default='pause',
    )
    date_from = fields.Date(string="From", default=fields.Date.context_today)
    date_to = fields.Date(string="Until")
    reason_id = fields.Many2one(comodel_name='customer.followup.reason', required=True)
    needs_note = fields.Boolean(related='reason_id.needs_note')
    note = fields.Char()
    consequence = fields.Char(compute='_compute_consequence')

    @api.depends('kind')
    @api.depends_context('lang')
    def _compute_consequence(self):
        for wizard in self:
            wizard.consequence = self.env._(
                "All open follow-ups are cancelled, and none are planned until somebody resumes contact. Whoever had agreed on "
                "something is told; it comes back when contact is resumed."
            ) if wizard.kind == 'stop' else self.env._(
                "The clocks stand still: nothing comes due or overdue. Contacts you log meanwhile count.")

    def action_apply(self):
        """Do it."""
        self._customer_one()
        self.partner_ids.commercial_partner_id._check_may_log()
        if self.reason_id.needs_note and not (self.note or '').strip():
            raise ValidationError(self.env._(
                "Please add a sentence: the reason “%(reason)s” asks for one.", reason=self.reason_id.name))
        if self.kind == 'stop':
            self.partner_ids.sudo().write({  # as above: who may log; the fields are not for writing
                'customer_do_not_contact': True,
                'customer_do_not_contact_reason': labelled(self.env, self.reason_id.name, self.note),
            })
            return {'type': 'ir.actions.act_window_close'}
        if not self.date_to:
            raise ValidationError(self.env._("Please say until when these customers are paused."))
        self.env['customer.pause'].sudo().create([{  # as above
            'partner_id': partner.id,
            'date_from': self.date_from or fields.Date.context_today(self),
            'date_to': self.date_to,
            'reason_id': self.reason_id.id,
            'note': self.note,
        } for partner in self.partner_ids])
        return {'type': 'ir.actions.act_window_close'}
