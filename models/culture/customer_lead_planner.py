from odoo import api, models
from odoo.tools import SQL


class CustomerLeadPlanner(models.AbstractModel):
    """The calendars have their say about leads as well, where it is known where they are."""

    _inherit = 'customer.lead.planner'

    @api.model
    def _owner_columns_sql(self):
        return SQL("%s, owner.customer_culture_manual_id", super()._owner_columns_sql())
