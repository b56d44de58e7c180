from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerExpertise(models.Model):
    """What somebody who looks after customers knows, and how many customers that one can look after (SEG-9).

    Whoever has no such record can be given customers as well, by rules that ask for nothing in particular.
    """

    _name = 'customer.expertise'
    _description = "What an Account Manager Knows"
    _order = 'user_id, id'
    _rec_name = 'user_id'

    user_id = fields.Many2one(
        comodel_name='res.users', string="Who", required=True, index=True, ondelete='cascade',
        domain=lambda self: self.env['customer.responsibility']._role_domain())
    team_id = fields.Many2one(related='user_id.customer_team_id', string="Team", related_sudo=True)
    lang_ids = fields.Many2many(
        comodel_name='res.lang', string="Speaks", context={'active_test': False},
        help="Languages, whether Odoo is translated into them here or not. One form of a language stands for all of them: "
             "who speaks German speaks it with customers in Austria, too.")
    industry_ids = fields.Many2many(
        comodel_name='res.partner.industry', string="Knows the Industries", help="In which customers of these industries feel "
        "understood.")
    most = fields.Integer(
        string="At Most (customers)",
        help="No rule gives more than that; by hand one can. A customer counts as many times as its tier says. 0: as in the "
             "settings.")
    takes_new = fields.Boolean(string="Gets New Customers", default=True, help="Off: the rules pass this person by.")
    load = fields.Integer(
        string="Has (weighted)", compute='_compute_load', help="Managed customers, each as many times as its tier counts.")
    limit_text = fields.Char(string="Of at Most", compute='_compute_load')

    _user_uniq = models.Constraint('UNIQUE (user_id)', "What this person knows is noted already. Open that instead.")
    _most_check = models.Constraint('CHECK (most >= 0)', "Nobody looks after fewer than 0 customers.")

    @api.depends('user_id', 'most')
    @api.depends_context('lang')
    def _compute_load(self):
        assigner = self.env['customer.assigner'].sudo()  # how many somebody has is no secret
        loads, general = assigner._loads(self.user_id.ids), assigner._general_limit()
        for expertise in self:
            limit = expertise.most or general
            expertise.load = loads.get(expertise.user_id.id, (0, 0))[0]
            expertise.limit_text = str(limit) if limit else self.env._("no limit")

    @api.constrains('user_id')
    def _check_user(self):
        for expertise in self:
            user = expertise.user_id.sudo()  # the role of a colleague
            if not user.has_group('customer_success.group_customer_success_user'):
                raise ValidationError(self.env._(
                    "%(user)s has no role in Customer Success and gets no customers. Choose somebody else, or ask an "
                    "administrator to give %(user)s a role.", user=user.name))

    def action_view_customers(self):
        """Open the customers of this person."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.res_partner_action_customers')
        return {**action, 'context': {}, 'domain': [('customer_managed', '=', True), ('user_id', '=', self.user_id.id)]}
