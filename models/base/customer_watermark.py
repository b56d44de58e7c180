from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

#: Transactions are numbered in 32 bits: a mark that is older than that tells nothing of what came after it.
OLDEST = 2 ** 31 - 10 ** 7


class Mark(NamedTuple):
    """Up to where a reader has seen the database.

    :param age: rows that were written by so many transactions ago, or later, may not have been seen; see
        :meth:`CustomerWatermark._written_sql`
    :param day: the day that it was for the reader
    :param checked_on: the day on which the reader last looked at everything
    """

    age: int
    day: fields.Date
    checked_on: fields.Date


class CustomerWatermark(models.Model):
    """Up to where something that is kept beside the documents has read them, so that the next night begins there.

    It goes by the number of the transaction that PostgreSQL keeps with each row, and not by ``write_date``: that is the
    moment at which a transaction began, which may be committed hours later, and whoever writes by SQL leaves it as it was.
    A row that was deleted leaves nothing; the reader has to miss it by itself.
    """

    _name = 'customer.watermark'
    _description = "How Far Something Was Read"
    _log_access = False
    _order = 'name'

    name = fields.Char(required=True, readonly=True)
    transaction = fields.Char(
        required=True, readonly=True, help="The oldest transaction that was still running when everything was read.")
    database = fields.Char(
        required=True, readonly=True, help="The number that the database had: in a restored one transactions count anew.")
    fingerprint = fields.Char(required=True, readonly=True, help="What the result follows from, besides what was read.")
    day = fields.Date(required=True, readonly=True)
    checked_on = fields.Date(required=True, readonly=True)

    _name_uniq = models.Constraint('UNIQUE (name)', "Something is read up to one mark.")

    @api.model
    def _get(self, name, fingerprint):
        """Return up to where something was read, or None where all has to be read anew: for the first time, in a restored
        database, or because it follows from something else now.

        :param str name: of the reader
        :param str fingerprint: what the result follows from, besides what is read
        :rtype: Mark | None
        """
        self.flush_model()
        rows = self.env.execute_query(SQL(
            """SELECT age((transaction::numeric %% 4294967296)::text::xid), day, checked_on,
                      pg_snapshot_xmax(pg_current_snapshot())::text::numeric - transaction::numeric
                 FROM customer_watermark
                WHERE name = %s AND fingerprint = %s AND database = (%s)""", name, fingerprint, self._database_sql()))
        if not rows or abs(rows[0][3]) >= OLDEST:
            return None
        return Mark(*rows[0][:3])

    @api.model
    def _set(self, name, fingerprint, day, checked_on):
        """Keep that everything was read that is committed by now, as this transaction sees it.

        :param str name: of the reader
        :param str fingerprint: see :meth:`_get`
        :param date day: the day that it is for the reader
        :param date checked_on: when everything was looked at for the last time
        """
        self.env.cr.execute(SQL(
            """INSERT INTO customer_watermark (name, transaction, database, fingerprint, day, checked_on)
                    VALUES (%s, pg_snapshot_xmin(pg_current_snapshot())::text, (%s), %s, %s, %s)
               ON CONFLICT (name) DO UPDATE
                       SET transaction = EXCLUDED.transaction, database = EXCLUDED.database,
                           fingerprint = EXCLUDED.fingerprint, day = EXCLUDED.day, checked_on = EXCLUDED.checked_on""",
            name, self._database_sql(), fingerprint, day, checked_on))
        self.invalidate_model()

    @api.model
    def _written_sql(self, alias, mark):
        """Return SQL that is true for rows that were written after a mark, whoever wrote them.

        :param str alias: of the table
        :param Mark mark: of this transaction
        """
        return SQL("age(%s) <= %s", SQL.identifier(alias, 'xmin'), mark.age)

    @api.model
    def _database_sql(self):
        return SQL("SELECT oid::text FROM pg_database WHERE datname = current_database()")
