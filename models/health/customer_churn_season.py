from odoo import api, models
from odoo.tools import SQL

from .season import LATE, OUT_OF_SEASON, YEAR


class CustomerChurn(models.AbstractModel):
    """Customers who buy in one season of the year (HEA-3, HEA-4, T2).

    The same season of last year is looked at: whoever came back from one long silence at the same time of the year twice in
    succession (the very first order is such a return) is expected back at that time again. Until then it is silent as it was
    last year, which is no reason to worry; when it has not come some weeks later, the season passes without it, however long
    its silences were before. Whoever bought through the last winter has no season any more.
    """

    _inherit = 'customer.churn'

    @api.model
    def _season_sql(self, pauses, until=None):
        """Return SQL with the customers who have a season (``id``) and the day on which they last came back (``season_day``).

        :param SQL pauses: name of a relation as of :meth:`_pauses_sql`
        :param date until: what came later does not count
        """
        return SQL(
            """SELECT returned.id, returned.day AS season_day
                 FROM (SELECT id, day, pause, last, lag(day) OVER returns AS before, lead(day) OVER returns IS NULL AS is_latest
                         FROM %(pauses)s AS p
                        WHERE (pause >= %(long)s OR pause IS NULL) %(until)s
                       WINDOW returns AS (PARTITION BY id ORDER BY day)) AS returned
            LEFT JOIN (SELECT id, max(pause) AS longest FROM %(pauses)s AS p
                        WHERE pause < %(long)s %(until)s GROUP BY id) AS short ON short.id = returned.id
                WHERE is_latest AND pause >= 2 * COALESCE(short.longest, 0) AND last < day + %(earliest)s
                  AND day - before BETWEEN %(earliest)s AND %(latest)s""",
            long=OUT_OF_SEASON, pauses=pauses, earliest=YEAR - LATE, latest=YEAR + LATE,
            until=SQL("AND day <= %s", until) if until else SQL())

    @api.model
    def _season_over_sql(self, day):
        """Return SQL for whether the season of a customer.rhythm ``r`` has passed without it on a day; NULL for who has none.

        :param day: SQL or a date
        """
        return SQL("%s >= r.season_day + %s", day, YEAR + LATE)

    @api.model
    def _waits_sql(self, day):
        """Return SQL for whether a customer.rhythm ``r`` is as silent on a day as it was last year."""
        return SQL("COALESCE(NOT (%s), FALSE)", self._season_over_sql(day))
