import json
import logging
from typing import NamedTuple

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import scoring

_logger = logging.getLogger(__name__)

#: What is larger is no measurement, and no number that JSON knows: infinity, or not a number at all.
LARGEST = 1e15


class Refresh(NamedTuple):
    """What one refresh works with.

    :param version: the ``customer.health.rules`` in force, None for rules of which no versions are kept
    :param rules: the rules as a dict
    :param sources: the SQL of the measures that can be taken, by measure id as text
    :param partner_ids: ids of customers, or None for all
    """

    version: models.BaseModel | None
    rules: dict
    sources: dict
    partner_ids: list | None


def column(prefix, key):
    """Return the name of a column about a measure.

    :param str prefix: what the column says, see :class:`CustomerJudging`
    :param str key: the measure's id as text
    """
    return SQL.identifier(f'{prefix}{key}')


class CustomerJudging(models.AbstractModel):
    """How customers are judged by rules that take facts and give points, in one statement for one customer and for all: what
    the health score and the value score share.

    The statement is made of layers, each a sub-query that adds columns to the one inside: what the sources say (``r``, as of
    ``d``), the value as it is kept (``v``), its known points (``k``) and its weight on the customer's card (``w``), the points
    that count (``p``). It says the same as :mod:`engine.scoring`. Whoever inherits says what becomes of the points, in a
    temporary table :attr:`_judged_table` with a line per customer (:meth:`_now_sql`).
    """

    _name = 'customer.judging'
    _description = "How Customers Are Judged"

    #: The model of the rules that take the values, a ``customer.yardstick``.
    _judged_model = ''

    #: The temporary table with a line per customer.
    _judged_table = ''

    @api.model
    def _now_sql(self, refresh):
        """Return SQL with a line per managed customer, ``id``, and what is to be written of it.

        :param Refresh refresh: what to work with
        """
        raise NotImplementedError

    @api.model
    def _kept_sql(self):
        """Return SQL of further columns of a partner ``p`` that the statement looks at, each after a comma."""
        return SQL()

    # ------------------------------------------------------------
    # SOURCES
    # ------------------------------------------------------------

    @api.model
    def _sources_in_force(self, rules, partner_ids, version=None):
        """Return what to work with, and which measures can't be asked at all.

        :param dict rules: as :mod:`engine.scoring` takes them
        :param version: the ``customer.health.rules`` that they are, if they are kept
        :return: the :class:`Refresh`, and the problems by measure id as text
        """
        sources, problems = {}, {}
        judged = self.env[self._judged_model]
        available = judged._sources()
        for measure in judged.browse(map(int, rules['measures'])):
            key = str(measure.id)
            # one customer does not wait for a measure that fails for all; the night tries it again
            if partner_ids is not None and measure.problem:
                continue
            if measure.source not in available:
                problems[key] = self.env._("Its source is not there any more.")
            elif not scoring.judges(rules['measures'][key]):
                problems[key] = self.env._("It has no points.")
            elif obstacle := measure._obstacle():
                problems[key] = obstacle
            else:
                try:
                    sources[key] = available[measure.source].sql(measure, partner_ids)
                except (psycopg2.OperationalError, psycopg2.errors.ReadOnlySqlTransaction):
                    raise  # nothing is wrong with the measure; Odoo asks again
                except Exception as error:  # whatever another addon's code raises
                    self._set_aside(problems, key, error)
        return Refresh(version, rules, sources, partner_ids), problems

    @api.model
    def _collect(self, refresh, problems):
        """Put a line per customer into the temporary table, see :meth:`_now_sql`.

        All measures are taken at once. Only when that fails they are tried one by one, and those that fail alone are left
        out.

        :return: the :class:`Refresh` without the measures that failed
        """
        try:
            with self.env.cr.savepoint(flush=False):
                self._make_table(refresh)
                [[lines, customers]] = self.env.execute_query(SQL(
                    "SELECT count(*), count(DISTINCT id) FROM %s", SQL.identifier(self._judged_table)))
                if lines == customers:
                    return refresh
                raise psycopg2.DataError("a source returns a customer twice")
        except psycopg2.OperationalError:
            raise  # another transaction was in the way, which is no fault of a source
        except psycopg2.Error:
            failed = self._probe(refresh.sources, refresh.partner_ids, problems)
            if not failed:
                raise
        refresh = refresh._replace(sources={key: sql for key, sql in refresh.sources.items() if key not in failed})
        self._make_table(refresh)
        return refresh

    @api.model
    def _make_table(self, refresh):
        table = SQL.identifier(self._judged_table)
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", table))
        self.env.cr.execute(SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", table, self._now_sql(refresh)))

    @api.model
    def _probe(self, sources, partner_ids, problems):
        """Try sources one by one and note what is wrong with them.

        :param dict problems: by measure id as text; those found are added
        :return: the ids, as text, of the measures that fail
        :rtype: set[str]
        """
        failed = set()
        for key, source in sources.items():
            try:
                with self.env.cr.savepoint(flush=False):
                    [[lines, customers, *__]] = self.env.execute_query(SQL(
                        """SELECT count(*), count(DISTINCT m.partner_id), max(m.value::float8),
                                  max(m.as_of::date)
                             FROM (%s) m JOIN res_partner p ON p.id = m.partner_id AND p.customer_managed IS TRUE""", source))
                    if lines > customers:
                        raise psycopg2.DataError(self.env._(
                            "It returns more than one value for a customer (values: %(rows)s, customers: %(customers)s).",
                            rows=lines, customers=customers))
            except psycopg2.OperationalError:
                raise
            except psycopg2.Error as error:
                failed.add(key)
                self._set_aside(problems, key, error)
        return failed

    @api.model
    def _set_aside(self, problems, key, error):
        problems[key] = str(error).strip().partition('\n')[0] or type(error).__name__
        _logger.error("%s %s was set aside: %s", self._judged_model, key, error, exc_info=error)

    @api.model
    def _note_problems(self, problems, sources):
        """Show on the measures what is wrong with them, and clear it where they work again.

        Written by SQL: nobody changed the rule, so it has no new author.
        """
        measures = self.env[self._judged_model].browse(map(int, [*problems, *sources]))
        for measure in measures:
            problem = problems.get(str(measure.id), False)
            if measure.problem != problem:
                self.env.cr.execute(SQL(
                    "UPDATE %s SET problem = %s WHERE id = %s", SQL.identifier(measure._table), problem or None, measure.id))
                measure.invalidate_recordset(['problem'])

    # ------------------------------------------------------------
    # THE STATEMENT
    # ------------------------------------------------------------

    @api.model
    def _points_sql(self, refresh, only, today):
        """The points that count: the known ones, else what the measure puts in their place."""
        measures, columns, joins = refresh.rules['measures'], [], []
        for key in self._ordered(measures):
            policy = measures[key]['policy'] if key in refresh.sources else 'leave_out'
            instead = {'neutral': SQL("%s", scoring.NEUTRAL_POINTS), 'worst': SQL("0")}.get(policy)
            if policy == 'median':
                instead = SQL("%s.points", column('u', key))
                joins.append(SQL(
                    "LEFT JOIN customer_health_median %(alias)s ON %(alias)s.measure_id = %(id)s"
                    " AND %(alias)s.segment_id = j.segment_id", alias=column('u', key), id=int(key)))
            columns.append(SQL(
                "%s AS %s", SQL("COALESCE(%s, %s)", column('k', key), instead) if instead else column('k', key),
                column('p', key)))
        return SQL(
            "SELECT j.*%(columns)s FROM (%(judged)s OFFSET 0) j %(joins)s",
            columns=SQL().join(SQL(", %s", column) for column in columns), joins=SQL(" ").join(joins),
            judged=self._judged_sql(refresh, only, today))

    @api.model
    def _judged_sql(self, refresh, only, today):
        """What known values are worth, and what they weigh on the customer's card."""
        columns = []
        for key, measure in refresh.rules['measures'].items():
            columns.append(SQL("%s AS %s", self._known_points_sql(key, measure, today), column('k', key)))
            columns.append(SQL(
                "%s AS %s", self._by_card_sql(refresh.rules, lambda __, card, key=key: (
                    SQL("%s::float8", card['weights'][key]) if key in card['weights'] else None)), column('w', key)))
        return SQL(
            "SELECT v.*%(columns)s FROM (%(values)s OFFSET 0) v",
            columns=SQL().join(SQL(", %s", column) for column in columns), values=self._values_sql(refresh, only))

    @api.model
    def _known_points_sql(self, key, measure, today):
        """SQL for the points of a value that is known and not too old, else NULL."""
        value = column('v', key)
        if measure.get('ends'):
            worst, best = map(float, measure['ends'])
            points = SQL(
                "floor(100 * LEAST(GREATEST((%s - %s::float8) / %s::float8, 0), 1) + 0.5)::int", value, worst, best - worst)
        else:
            # NULL points where there is no value, for the array has no such place
            points = SQL(
                "(%s::int[])[GREATEST(width_bucket(%s, %s::float8[]), 1)]", [band[1] for band in measure['bands']], value,
                [float(band[0]) for band in measure['bands']]) if measure['bands'] else SQL("NULL::int")
        fresh = SQL("%s IS NOT NULL", value)
        if measure['validity']:
            fresh = SQL("%s AND %s >= %s", fresh, column('d', key),
                        fields.Date.subtract(today, days=measure['validity']))
        return SQL("CASE WHEN %s THEN %s END", fresh, points)

    @api.model
    def _values_sql(self, refresh, only):
        """What the sources say, as it is kept, and which card the customer is judged by."""
        columns, joins = [], []
        for key in refresh.rules['measures']:
            if key not in refresh.sources:
                columns.append(SQL("NULL::float8 AS %s, NULL::date AS %s", column('v', key), column('d', key)))
                continue
            alias = column('m', key)
            columns.append(SQL(
                """CASE WHEN abs(%(alias)s.value) < %(largest)s THEN round(%(alias)s.value * 10000) / 10000 END AS %(value)s,
                   %(alias)s.as_of AS %(day)s""",
                alias=alias, largest=LARGEST, value=column('v', key), day=column('d', key)))
            joins.append(SQL(
                """LEFT JOIN (SELECT partner_id, value::float8 AS value, as_of::date AS as_of
                                FROM (%(source)s) s) %(alias)s ON %(alias)s.partner_id = p.id""",
                source=refresh.sources[key], alias=alias))
        return SQL(
            """SELECT p.id, p.customer_segment_id AS segment_id, %(card)s AS card_id%(kept)s%(columns)s
                 FROM res_partner p %(joins)s
                -- the planner expects half of the rows of such an expression, and not one as of a mark that was NULL
                -- everywhere when the statistics were made
                WHERE p.customer_managed IS TRUE %(only)s""",
            card=self._card_sql(refresh.rules), kept=self._kept_sql(), joins=SQL(" ").join(joins), only=only,
            columns=SQL().join(SQL(", %s", column) for column in columns))

    # ------------------------------------------------------------
    # PIECES
    # ------------------------------------------------------------

    @api.model
    def _ordered(self, measures):
        """Return the ids of measures in the order in which both sides add up."""
        return sorted(measures, key=int)

    @api.model
    def _card_sql(self, rules):
        """SQL for the id of the first card that fits a partner ``p``."""
        cases = []
        for card_id in rules['order']:
            card = rules['cards'][str(card_id)]
            fits = [SQL("%s = ANY(%s)", column, ids) for column, ids in (
                (SQL("p.customer_tier_id"), card['tiers']), (SQL("p.customer_segment_id"), card['segments'])) if ids]
            cases.append(SQL("WHEN %s THEN %s", SQL(" AND ").join(fits) if fits else SQL("TRUE"), card_id))
        return SQL("CASE %s END", SQL(" ").join(cases)) if cases else SQL("NULL::int")

    @api.model
    def _by_card_sql(self, rules, make):
        """SQL for what differs by card; NULL where there is no card, or nothing for it.

        :param make: function of a card's id as text and the card, which returns SQL or None
        """
        cases = [(int(key), sql) for key, card in rules['cards'].items() if (sql := make(key, card)) is not None]
        if not cases:
            return SQL("NULL")
        return SQL("CASE card_id %s END", SQL(" ").join(SQL("WHEN %s THEN %s", *case) for case in cases))

    @api.model
    def _parts_sql(self, rules):
        """SQL for the parts of a snapshot as JSON, see :mod:`engine.scoring`.

        It is put together as text: a third faster than PostgreSQL's functions that build JSON, with numbers, dates and
        names of ours in it, and nothing that would have to be quoted.
        """
        measures = rules['measures']

        def part(key, weight):
            return SQL(
                """%(head)s || COALESCE(%(points)s::text, 'null') || ',"v":' || COALESCE(%(value)s::text, 'null')
                   || ',"d":' || COALESCE(to_json(%(day)s)::text, 'null') || ',"s":'
                   || CASE WHEN %(known)s IS NOT NULL THEN '"known","i":false}'
                           ELSE CASE WHEN %(value)s IS NULL THEN '"missing","i":' ELSE '"stale","i":' END
                                || CASE WHEN %(points)s IS NULL THEN 'false}' ELSE 'true}' END END""",
                head=f'"{key}":{{"w":{float(weight)},"g":{json.dumps(measures[key]["group"])},"p":', points=column('p', key),
                value=column('v', key), day=column('d', key), known=column('k', key))

        def card_parts(__, card):
            parts = [part(key, card['weights'][key]) for key in self._ordered(card['weights'])]
            return SQL("'{' || %s || '}'", SQL(" || ',' || ").join(parts)) if parts else None
        return SQL("(%s)::jsonb", self._by_card_sql(rules, card_parts))
