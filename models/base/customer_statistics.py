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
        """Let PostgreSQL count again the tables that are more than twice as large as when it counted last, and those of which
        it knows the size alone: an index that is built on a restored table tells that, and nothing of what is in it.

        Where somebody only reads, nothing is counted.

        :param str tables: names of tables that are joined next
        :return: the tables that were counted
        :rtype: list[str]
        """
        if self.env.cr.readonly:
            return []
        counted = [name for [name] in self.env.execute_query(SQL(
            """SELECT c.relname FROM pg_class c
                WHERE c.oid = ANY(%(tables)s::regclass[]) AND pg_relation_size(c.oid) / 8192 > %(small)s
                  AND (pg_relation_size(c.oid) / 8192 > 2 * c.relpages
                       OR NOT EXISTS (SELECT 1 FROM pg_stats s
                                       WHERE s.schemaname = c.relnamespace::regnamespace::text AND s.tablename = c.relname))
             ORDER BY c.relname""",
            tables=list(tables), small=SMALL))]
        for name in counted:
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(name)))
        return counted
