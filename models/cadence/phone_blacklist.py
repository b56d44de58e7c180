from odoo import models


class PhoneBlacklist(models.Model):
    _name = 'phone.blacklist'
    _inherit = ['phone.blacklist', 'customer.opt.out']

    _opt_out_fields = ('number', 'phone_sanitized')
