from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CustomerCaseNode(models.Model):
    """A day on which the customer of a complex case is told how far it has come (SRV-1).

    Each has a clock of its own, so one that is missed escalates like any other deadline.
    """

    _name = 'customer.case.node'
    _description = "Staged Feedback"
    _order = 'date_due, id'

    case_id = fields.Many2one(comodel_name='customer.case', required=True, index=True, ondelete='cascade')
    partner_id = fields.Many2one(related='case_id.partner_id', string="Customer")
    name = fields.Char(string="What the Customer Is Told", required=True)
    date_due = fields.Datetime(string="Told By", required=True)
    clock_ids = fields.One2many(comodel_name='customer.case.clock', inverse_name='node_id', string="Its Deadline")
    state = fields.Selection(
        selection=[
            ('open', "Open"), ('done', "Told"), ('missed', "Not told in time"), ('late', "Told late"), ('void', "Not told"),
        ], compute='_compute_state')
    done_at = fields.Datetime(string="Told On", readonly=True, copy=False)
    note = fields.Char(string="What Was Said")

    @api.depends('clock_ids.state', 'done_at')
    def _compute_state(self):
        for node in self:
            clock = node.clock_ids.state if len(node.clock_ids) == 1 else 'running'
            node.state = {
                'met': 'done', 'failed': 'late' if node.done_at else 'missed', 'void': 'void',
            }.get(clock, 'open')

    @api.model_create_multi
    def create(self, vals_list):
        """A node begins to run when it is planned."""
        for vals in vals_list:
            self._refuse_kept(vals)
        nodes = super().create(vals_list)
        nodes._check_due()
        self.env['customer.case.clock'].sudo()._start_nodes(nodes)  # clocks are kept by the rules
        return nodes

    def write(self, vals):
        """A node that is over stays as it was."""
        self._refuse_kept(vals)
        if 'case_id' in vals and any(node.case_id.id != vals['case_id'] for node in self):
            raise UserError(self.env._("A day for feedback stays with its case. Add it to the other case instead."))
        moved = self.filtered(lambda node: node.date_due != fields.Datetime.to_datetime(vals.get('date_due', node.date_due)))
        if over := moved.filtered(lambda node: node.state != 'open'):
            raise UserError(self.env._(
                "“%(node)s” is over: its time stays as it was. Add another day instead.", node=over[0].name))
        result = super().write(vals)
        if moved:
            moved._check_due()
            moved.sudo().clock_ids._plan()  # as above
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_over(self):
        """What was said to the customer, or missed, stays in the history."""
        if over := self.filtered(lambda node: node.state not in ('open', 'void')):
            raise UserError(self.env._("“%(node)s” is over and stays in the history of the case.", node=over[0].name))

    def unlink(self):
        cases = self.case_id
        result = super().unlink()  # the database takes the clocks along
        self.env['customer.case.keeper']._refresh_deadlines(cases.exists().sudo())  # clocks are kept by the rules
        return result

    def action_done(self):
        """Note that the customer was told."""
        self.case_id.check_access('write')
        for node in self.filtered(lambda node: not node.done_at):
            now = fields.Datetime.now()
            node.sudo().write({'done_at': now})  # people don't write what the button keeps
            node.sudo().clock_ids._done(now)  # clocks are kept by the rules
        return True

    def _refuse_kept(self, vals):
        if 'done_at' in vals and not self.env.su:
            raise UserError(self.env._("When the customer was told is noted by the button “The customer was told”."))

    def _check_due(self):
        """Refuse a day that is over, and one of a case that is."""
        for node in self:
            if node.date_due <= fields.Datetime.now():
                raise ValidationError(self.env._(
                    "“%(node)s” would be over already. Choose a time to come.", node=node.name))
            if not node.case_id._is_open():
                raise ValidationError(self.env._(
                    "%(case)s is not being worked on any more. Reopen it first.", case=node.case_id.display_name))
