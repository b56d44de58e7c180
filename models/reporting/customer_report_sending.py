from odoo import fields, models


class CustomerReportSending(models.Model):
    """A sheet that was sent to a reader: for each subscription and due day there is one, which comes into being together with its
    email, so that nothing is sent twice (REP-4)."""

    _name = 'customer.report.sending'
    _description = "Sheet Sent by Email"
    _order = 'due_on desc, id desc'
    _rec_name = 'subscription_id'

    subscription_id = fields.Many2one(
        comodel_name='customer.report.subscription', required=True, readonly=True, index=True, ondelete='cascade')
    due_on = fields.Date(required=True, readonly=True, help="Where the reader is.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Sent To", required=True, readonly=True, index=True, ondelete='cascade')
    files = fields.Char(readonly=True, help="What was attached.")
    customers = fields.Integer(string="Number of Customers", readonly=True, aggregator=None)
    note = fields.Char(readonly=True, help="What else was said in the email.")
    mail_id = fields.Many2one(comodel_name='mail.mail', readonly=True, index='btree_not_null', ondelete='set null')

    _due_uniq = models.UniqueIndex("(subscription_id, due_on)", "A sheet is sent once for each of its days.")
