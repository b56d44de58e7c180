from odoo import api, models
from odoo.tools import SQL


class CustomerContactFinder(models.AbstractModel):
    _inherit = 'customer.contact.finder'

    @api.model
    def _meetings_that_count_sql(self, alias):
        """Who came to a care event is noted with its guests."""
        return SQL(
            "%s AND %s IS NULL", super()._meetings_that_count_sql(alias), SQL.identifier(alias, 'care_event_id'))
