"""Locks that people meet: waited for, instead of refused.

Odoo's ``lock_for_update`` gives up at once when a row is locked, with "Cannot grab a lock on records". A batch of the planner
or a colleague has it for moments only.
"""
import psycopg2

from odoo.exceptions import LockError
from odoo.tools import SQL, mute_logger

#: So long somebody waits for a row, in milliseconds; a batch by day takes less.
WAIT = 10000


def wait_for_update(records, *, allow_referencing=False):
    """Lock rows until the end of the transaction, after whoever has them.

    Where they changed while waiting, PostgreSQL reports a serialization failure and Odoo does the whole call again, with what
    is there by then.

    :param records: those that exist in the database are locked
    :param bool allow_referencing: others may refer to them meanwhile
    :raises LockError: with a sentence, when somebody has them for too long
    """
    env, ids = records.env, sorted(id_ for id_ in records._ids if id_)
    if not ids:
        return
    how = SQL("FOR NO KEY UPDATE") if allow_referencing else SQL("FOR UPDATE")
    try:
        with mute_logger('odoo.sql_db'), env.cr.savepoint():
            env.cr.execute(SQL("SELECT set_config('lock_timeout', %s, TRUE)", str(WAIT)))
            env.cr.execute(SQL(
                "SELECT id FROM %s WHERE id = ANY(%s) ORDER BY id %s", SQL.identifier(records._table), ids, how))
            env.cr.execute("SELECT set_config('lock_timeout', '0', TRUE)")
    except psycopg2.errors.LockNotAvailable:
        raise LockError(env._(
            "%(record)s is being worked on by a colleague or a scheduled action. Try again in a moment.",
            record=records[:1].display_name)) from None
