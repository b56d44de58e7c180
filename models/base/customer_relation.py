from odoo import models


class CustomerRelation(models.AbstractModel):
    """A report that is made when it is read: the relation holds only what its reader may see, record rules included."""

    _name = 'customer.relation'
    _description = "Report Made When It Is Read"

    #: The model of the records that the rows are about, by whose ids they are called.
    _rows_of = ''

    #: The room for rows of one record: their ids are its id times this, and their numbers.
    _rows_each = 1

    def exists(self):
        """Return those that exist for whoever: whoever may not see one is to hear so, as of any other record."""
        known = self.env[self._rows_of].browse({row_id // self._rows_each for row_id in self._ids}).exists()
        return self.filtered(lambda row: row.id // self._rows_each in known._ids)
