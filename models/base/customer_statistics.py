from odoo import api, models
from odoo.tools import SQL

#: From so many rows on that got another value in one go, guesses by the former values are far off.
MANY = 500

#: A smaller table is read through in no time, whatever PostgreSQL thinks of it; in pages of 8 kB.
SMALL = 64

#: PostgreSQL knows nothing of what is in the table ``c``.
NEVER = SQL(
    """NOT EXISTS (SELECT 1 FROM pg_stats s
                    WHERE s.schemaname = c.relnamespace::regnamespace::text AND s.tablename = c.relname)""")


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
        return self._count(tables, SQL(
            """pg_relation_size(c.oid) / 8192 > %s
               AND (pg_relation_size(c.oid) / 8192 > 2 * c.relpages OR %s)""", SMALL, NEVER))

    @api.model
    def _keep_small(self, *tables):
        """Let PostgreSQL count small tables that it never counted: autovacuum leaves alone what hardly changes, and contacts are
        gone through for the names of a few users.

        Where somebody only reads, nothing is counted.

        :param str tables: names of tables with something in them
        :return: the tables that were counted
        :rtype: list[str]
        """
        return self._count(tables, SQL("pg_relation_size(c.oid) > 0 AND %s", NEVER))

    @api.model
    def _count(self, tables, condition):
        """Let PostgreSQL count tables, where it may write.

        :param tables: their names
        :param SQL condition: on ``pg_class c``, which of them
        :return: those that were counted
        :rtype: list[str]
        """
        if self.env.cr.readonly:
            return []
        counted = [name for [name] in self.env.execute_query(SQL(
            "SELECT c.relname FROM pg_class c WHERE c.oid = ANY(%s::regclass[]) AND %s ORDER BY c.relname",
            list(tables), condition))]
        for name in counted:
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(name)))
        return counted

    @api.model
    def _keep_columns(self, changed, table, *columns):
        """Let PostgreSQL count some columns again of which many rows just got another value: as long as it believes that hardly
        anybody is a customer, it reads for each of them what could be joined at once.

        Where somebody only reads, nothing is counted.

        :param int changed: how many rows got another value
        :param str table: whose columns they are
        :param str columns: their names
        :return: whether they were counted
        :rtype: bool
        """
        if changed < MANY or self.env.cr.readonly:
            return False
        self.env.cr.execute(SQL(
            "ANALYZE %s (%s)", SQL.identifier(table), SQL(", ").join(SQL.identifier(column) for column in columns)))
        return True
