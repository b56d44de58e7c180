from odoo import api, fields, models

#: What a case can wait for.
WAITS = [
    ('customer', "Waiting for the customer"), ('supplier', "Waiting for somebody else"),
    ('agreed', "A later day was agreed on"),
]


class CustomerCasePause(models.Model):
    """A stretch in which the clocks of a case stood still: since when, until when, why, and by whom (SRV-1)."""

    _name = 'customer.case.pause'
    _description = "Pause of a Case"
    _order = 'date_start desc, id desc'
    _rec_name = 'reason'

    case_id = fields.Many2one(
        comodel_name='customer.case', required=True, readonly=True, index=True, ondelete='cascade')
    partner_id = fields.Many2one(related='case_id.partner_id', string="Customer")
    reason = fields.Selection(selection=WAITS, required=True, readonly=True, default='customer')
    note = fields.Char(readonly=True)
    date_start = fields.Datetime(string="From", required=True, readonly=True)
    date_end = fields.Datetime(string="Until", readonly=True, help="Empty: it still waits.")
    user_id = fields.Many2one(comodel_name='res.users', string="Paused By", readonly=True, ondelete='set null')
    end_user_id = fields.Many2one(comodel_name='res.users', string="Ended By", readonly=True, ondelete='set null')
    end_reason = fields.Selection(
        selection=[
            ('resumed', "Taken up again"), ('reply', "The customer answered"), ('told', "Customer informed"),
            ('solved', "Solved"), ('withdrawn', "Withdrawn"),
        ], string="Ended Because", readonly=True)

    _dates = models.Constraint('CHECK (date_end >= date_start)', "A pause can't end before it begins.")
    _open_uniq = models.UniqueIndex("(case_id) WHERE date_end IS NULL", "This case is waiting already.")

    @api.depends('reason', 'date_start')
    @api.depends_context('lang')
    def _compute_display_name(self):
        reasons = dict(self._fields['reason']._description_selection(self.env))
        for pause in self:
            pause.display_name = reasons.get(pause.reason)

    def _end(self, reason, moment):
        """End the open ones of these pauses.

        :param str reason: see ``end_reason``
        :param datetime moment: when
        """
        self.filtered(lambda pause: not pause.date_end).write({
            'date_end': moment, 'end_reason': reason, 'end_user_id': self.env.uid})
