from odoo import fields, models


class CustomerWarningWatch(models.Model):
    """On how many evaluations in a row a rule held for a customer, or was over. Only customers that are counting have a
    line, and it is written only when it changes (HEA-3)."""

    _name = 'customer.warning.watch'
    _description = "Counter of a Warning Rule"
    _order = 'rule_id, partner_id'
    _rec_name = 'partner_id'
    _log_access = False  # written by SQL alone

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, ondelete='cascade')
    rule_id = fields.Many2one(
        comodel_name='customer.warning.rule', required=True, readonly=True, index=True, ondelete='cascade')
    met_count = fields.Integer(string="Held In a Row", required=True, default=0, readonly=True)
    clear_count = fields.Integer(string="Over In a Row", required=True, default=0, readonly=True)

    _rule_uniq = models.UniqueIndex("(partner_id, rule_id)", "A customer is counted once for each rule.")
