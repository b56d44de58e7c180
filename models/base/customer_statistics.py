from odoo import api, models
from odoo.tools import SQL

#: A smaller table is read through in no time, whatever PostgreSQL thinks of it; in pages of 8 kB.
SMALL = 64


class CustomerStatistics(models.AbstractModel):
    """What PostgreSQL knows about the data, before statements over all customers join them.

    Autovacuum counts a table some time after it was filled, and never what the running transaction wrote: the installation
    fills all tables and joins them at once, a restored database has counted nothing. A plan made of such guesses may walk
    through all rows for each customer.
    """

    _name = 'customer.statistics'
    _description = "Statistics of the Database"

    @api.model
    def _keep(self, *tables):
        """Let PostgreSQL count again the tables that are more than twice as large as when it counted last.

        :param str tables: names of tables that are joined next
        :return: the tables that were counted
        :rtype: list[str]
        """
        counted = [name for [name] in self.env.execute_query(SQL(
            """SELECT relname FROM pg_class
                WHERE oid = ANY(%s::regclass[]) AND pg_relation_size(oid) / 8192 > GREATEST(2 * relpages, %s)""",
            list(tables), SMALL))]
        for name in counted:
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(name)))
        return counted
