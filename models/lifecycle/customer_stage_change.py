from odoo import api, fields, models
from odoo.tools.i18n import format_list

from ..platform.local_text import labelled
from .customer_stage_rule import Measured


class CustomerStageChange(models.Model):
    """One change of a customer's stage, with its cause in words and how long it had stood in the old one (LIF-3)."""

    _name = 'customer.stage.change'
    _inherit = ['customer.moves']
    _description = "Customer Stage Change"

    old_stage_id = fields.Many2one(comodel_name='customer.stage', readonly=True, ondelete='restrict')
    new_stage_id = fields.Many2one(comodel_name='customer.stage', readonly=True, ondelete='restrict')
    cause = fields.Selection(
        selection=[
            ('first', "First look"), ('facts', "What is known of it"), ('lost', "Marked as lost"),
            ('won_back', "Ordered again"), ('rules', "Changed rules"), ('manual', "Set by hand"),
            ('expired', "Stage set by hand ended"), ('left', "Not a customer any more"), ('back', "A customer again"),
        ],
        required=True, readonly=True)
    days = fields.Integer(
        string="Days in the Old Stage", readonly=True, aggregator='avg',
        help="How long the customer had stood in the old stage. Groups show the mean of the changes they hold.")
    rule_id = fields.Many2one(comodel_name='customer.stage.rule', string="By the Rule", readonly=True, ondelete='set null')
    met = fields.Json(string="What Was Met", readonly=True)
    reason = fields.Char(readonly=True, help="What the person who set the stage by hand wrote.")
    user_id = fields.Many2one(comodel_name='res.users', string="Set By", readonly=True, ondelete='set null')
    why = fields.Char(compute='_compute_why', help="What the rule looked at, with the values of that day.")

    _rule_idx = models.Index('(rule_id) WHERE rule_id IS NOT NULL')

    @api.model
    def _moved(self):
        return 'stage'

    @api.depends('met', 'cause', 'reason')
    @api.depends_context('lang')
    def _compute_why(self):
        for change in self:
            change.why = change._describe_cause()

    def _describe_cause(self):
        """Return why the stage changed, in words: what was met then, whatever the rule says by now."""
        self.ensure_one()
        cause = dict(self._fields['cause']._description_selection(self.env)).get(self.cause, '')
        if self.cause in ('manual', 'left', 'lost'):
            return labelled(self.env, cause, self.reason)
        met = self.met or {}
        rules, conditions = self.env['customer.stage.rule'], self.env['customer.stage.condition']
        parts = rules._describe_choices([tuple(choice) for choice in met.get('choices', ())])
        parts += [
            conditions._describe(Measured(*measured), value)
            for measured, value in zip(met.get('measured', ()), met.get('values', ()), strict=False) if value is not None]
        if not parts:
            parts = [self.env._("no other rule fitted")] if self.new_stage_id else []
        words = format_list(self.env, parts) if parts else ''
        return words if self.cause in ('facts', 'won_back') and words else labelled(self.env, cause, words)
