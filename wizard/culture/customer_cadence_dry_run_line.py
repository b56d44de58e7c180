from odoo import fields, models


class CustomerCadenceDryRunLine(models.TransientModel):
    _inherit = 'customer.cadence.dry.run.line'

    why = fields.Char(string="Because Of")
    unfit = fields.Boolean(string="Does Not Suit")
