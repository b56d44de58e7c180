from odoo import models


class MailBlacklist(models.Model):
    _name = 'mail.blacklist'
    _inherit = ['mail.blacklist', 'customer.opt.out']

    _opt_out_fields = ('email', 'email_normalized')
