from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerAdvice(models.Model):
    """Advice that a customer was given, and what it brought (LIF-6)."""

    _name = 'customer.advice.given'
    _description = "Advice Given"
    _inherit = 'customer.main.currency'
    _order = 'date desc, id desc'

    name = fields.Char(string="Advice", required=True, help="What you advised, in a line.")
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='cascade',
        domain=[('customer_managed', '=', True)])
    contact_id = fields.Many2one(
        comodel_name='res.partner', string="Given To Whom", index='btree_not_null', ondelete='set null',
        domain="[('commercial_partner_id', '=', partner_id)]")
    date = fields.Date(required=True, default=fields.Date.context_today, index=True)
    category_id = fields.Many2one(
        comodel_name='customer.supply.category', string="About", index='btree_not_null', ondelete='restrict')
    user_id = fields.Many2one(
        comodel_name='res.users', string="Advised By", required=True, index=True, ondelete='restrict',
        default=lambda self: self.env.user, domain=[('share', '=', False)])
    text = fields.Text(string="What Was Advised")
    outcome = fields.Selection(
        selection=[('open', "Not known yet"), ('helped', "It helped"), ('tried', "Tried in vain"), ('ignored', "Not taken up")],
        required=True, default='open')
    result = fields.Text(help="What came of it, in the customer's words if you can.")
    saving = fields.Monetary(
        currency_field='currency_id', help="What the customer saved or earned by it in a year, in the main company's currency.")
    result_on = fields.Date(string="Result Known On")

    _saving_positive = models.Constraint(
        'CHECK (COALESCE(saving, 0) >= 0)',
        "A saving can't be negative. Advice that cost more than it brought was tried in vain.")

    @api.constrains('outcome', 'saving', 'result')
    def _check_outcome(self):
        for advice in self:
            if advice.outcome in ('open', 'ignored') and advice.saving:
                raise ValidationError(self.env._(
                    "“%(advice)s” has a saving: say that it helped, or leave the amount out.", advice=advice.name))
            if advice.outcome == 'helped' and not (advice.saving or (advice.result or '').strip()):
                raise ValidationError(self.env._(
                    "Say what “%(advice)s” brought the customer: an amount, or a sentence.", advice=advice.name))

    @api.model_create_multi
    def create(self, vals_list):
        of_customer = self.env['customer.supply']._of_customer
        advice = super().create([of_customer(vals) for vals in vals_list])._checked()
        advice._date_result()
        return advice

    def write(self, vals):
        result = super().write(self.env['customer.supply']._of_customer(vals))
        if {'partner_id', 'contact_id'} & vals.keys():
            self._checked()
        if {'outcome', 'result_on'} & vals.keys():
            self._date_result()
        return result

    def _checked(self):
        """Refuse advice to customers of others, and return it."""
        if not self.env.su:
            self.partner_id._check_works_with()
            for advice in self:
                advice.contact_id._check_belongs_to(advice.partner_id)
        return self

    def _date_result(self):
        """A result has a day: the one on which it was noted where nobody said another one. What is open has none."""
        known = self.filtered(lambda advice: advice.outcome != 'open' and not advice.result_on)
        known.result_on = fields.Date.context_today(self)
        unknown = self.filtered(lambda advice: advice.outcome == 'open' and advice.result_on)
        unknown.result_on = False
