from odoo import api, models

#: What the addon itself notes on a rule; nothing follows from it.
NOTES = frozenset({'acted_at', 'problem'})


class CustomerCached(models.AbstractModel):
    """Rows that are written rarely and read with every customer: what follows from them is kept in memory (``ormcache``),
    of all processes, until one of them is written."""

    _name = 'customer.cached'
    _description = "Rules Kept in Memory"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - NOTES:
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
