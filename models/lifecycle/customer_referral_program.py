from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerReferralProgram(models.Model):
    """What somebody gets who refers a customer to us, and under which conditions (LIF-5)."""

    _name = 'customer.referral.program'
    _inherit = ['customer.named']
    _description = "Referral Programme"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    reward_kind = fields.Selection(
        selection=[('discount', "Discount"), ('gift', "A gift"), ('service', "Exclusive service")], string="Kind of Reward",
        required=True, default='discount', help="A gift is booked on the care budget of the customer that gets it.")
    reward = fields.Char(required=True, translate=True, help="What the referrer gets, as you would say it to them.")
    worth = fields.Monetary(
        currency_field='currency_id', help="What the reward is worth, in the main company's currency. Of a gift it is booked.")
    currency_id = fields.Many2one(comodel_name='res.currency', compute='_compute_currency_id')
    minimum_amount = fields.Monetary(
        string="From Payments Of", currency_field='currency_id',
        help="So much, without taxes, has the customer that was referred to have paid; the referrer gets nothing before.")
    hold_days = fields.Integer(
        string="Hold (days)", default=7, required=True, help="So many days after the payment the reward is given.")
    claw_back_days = fields.Integer(
        string="Claw Back Within (days)", default=30, required=True,
        help="What is credited within so many days after the payment takes the reward back.")
    care_kind_id = fields.Many2one(
        comodel_name='customer.care.kind', string="Booked As", ondelete='restrict',
        default=lambda self: self.env['customer.care.kind'].search([('is_gift', '=', True)], limit=1),
        help="The kind of care on whose budget a gift is booked.")
    thanks_channel_id = fields.Many2one(
        comodel_name='customer.channel', string="Thanks By", ondelete='restrict',
        default=lambda self: self.env.ref('customer_success.customer_channel_call', raise_if_not_found=False),
        help="On this channel the account manager of the referrer says thank you.")
    thanks_days = fields.Integer(
        string="Thanks Within (days)", default=2, required=True,
        help="So many days after the first order the follow-up with the thanks is due.")
    referral_count = fields.Integer(string="Referrals", compute='_compute_referral_count')

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a programme with this name.")
    _days_positive = models.Constraint(
        'CHECK (hold_days >= 0 AND claw_back_days >= 0 AND thanks_days >= 0)', "The days of a programme can't be negative.")
    _amounts_positive = models.Constraint(
        'CHECK (COALESCE(worth, 0) >= 0 AND COALESCE(minimum_amount, 0) >= 0)',
        "The amounts of a programme can't be negative.")

    @api.constrains('reward_kind', 'care_kind_id')
    def _check_gift(self):
        for program in self:
            if program.reward_kind == 'gift' and not program.care_kind_id:
                raise ValidationError(self.env._(
                    "Gifts of “%(program)s” are booked on the care budget: say as which kind of care.", program=program.name))

    def _compute_currency_id(self):
        self.currency_id = self.env['customer.registry']._main_company().currency_id

    def _compute_referral_count(self):
        counts = dict(self.env['customer.referral']._read_group(
            [('program_id', 'in', self.ids)], ['program_id'], ['__count']))
        for program in self:
            program.referral_count = counts.get(program._origin, 0)

    def action_view_referrals(self):
        """Open the referrals of this programme."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_referral_action')
        return {**action, 'domain': [('program_id', 'in', self.ids)], 'context': {'default_program_id': self[:1].id}}
