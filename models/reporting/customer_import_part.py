from odoo import fields, models


class CustomerImportPart(models.Model):
    """Some rows of a sheet that is loaded part by part: what stands in them until they are loaded, and then what they did, by
    which a load is taken back. Kept for as long as that can be done (REP-5)."""

    _name = 'customer.import.part'
    _description = "Part of a Sheet"
    _order = 'id'
    _rec_name = 'import_id'

    import_id = fields.Many2one(
        comodel_name='customer.import', required=True, readonly=True, index=True, ondelete='cascade')
    waits = fields.Boolean(string="Still to Be Loaded", readonly=True)
    lines = fields.Json(string="What Stands in It", readonly=True, help="Number and cells of each row.")
    made = fields.Json(string="Records Made", readonly=True, help="Ids by model.")
    marks = fields.Json(string="As They Were", readonly=True, help="By it it is seen whether somebody changed them.")
    changed = fields.Json(string="Records Changed", readonly=True, help="Of each what was there before, and what is since.")
