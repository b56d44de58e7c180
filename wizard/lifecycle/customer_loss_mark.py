from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...models.platform.local_text import day_text


class CustomerLossMark(models.TransientModel):
    """Marks a customer as lost, after saying what follows from it (LIF-4)."""

    _name = 'customer.loss.mark'
    _description = "Mark a Customer as Lost"

    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", required=True, readonly=True)
    date = fields.Date(string="Lost On", required=True, default=fields.Date.context_today)
    reason_id = fields.Many2one(comodel_name='customer.loss.reason')
    advice = fields.Text(related='reason_id.advice')
    note = fields.Text(string="What Happened")
    known = fields.Char(compute='_compute_consequence')
    consequence = fields.Text(string="What Follows", compute='_compute_consequence')

    @api.depends('partner_id')
    @api.depends_context('lang')
    def _compute_consequence(self):
        for wizard in self:
            partner = wizard.partner_id
            wizard.known = self.env._(
                "Last order: %(order)s. In the stage “%(stage)s” since %(day)s.",
                stage=partner.customer_stage_id.name or "–", **{
                    name: day_text(self.env, day, 'yMMMd') if day else "–"
                    for name, day in (('order', partner.customer_last_order), ('day', partner.customer_stage_since))})
            wizard.consequence = wizard._describe_consequence()

    def _describe_consequence(self):
        """Return what happens when the customer is marked as lost, in sentences."""
        lost = [rule.stage_id for rule in self.env['customer.stage.rule']._get_rules() if ('situation', 'lost') in rule.choices]
        stage = self.env['customer.stage'].sudo().browse(lost[:1])  # what it is called is no secret
        cadence = stage.cadence_ids.filtered('active')[:1]
        lines = []
        if stage:
            lines.append(self.env._("The customer goes into the stage “%(stage)s” at once.", stage=stage.name))
        if self.partner_id.customer_cadence_id:
            lines.append(self.env._(
                "Its follow-ups go on by its own cadence “%(cadence)s”.", cadence=self.partner_id.customer_cadence_id.name))
        elif cadence:
            lines.append(self.env._(
                "Its recurring follow-ups are those of the cadence “%(cadence)s” from now on.", cadence=cadence.name))
        else:
            lines.append(self.env._(
                "Its follow-ups go on as before: no cadence for lost customers is switched on."))
        lines.append(self.env._("With its next order it counts as won back."))
        return "\n".join(lines)

    def action_mark(self):
        """Mark the customer as lost."""
        self._customer_one()
        if not self.reason_id:
            raise ValidationError(self.env._("Please choose why the customer is lost: win-back is measured by it."))
        self.env['customer.loss'].create({
            'partner_id': self.partner_id.id, 'date': self.date, 'reason_id': self.reason_id.id, 'note': self.note})
        return True
