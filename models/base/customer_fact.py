"""What can be known of a customer: one catalogue of facts, and one way to ask them."""
import logging
from contextlib import contextmanager

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ..platform.counted import days, points
from .fact import EXTRAS, UNITS, Fact, Found, Span, Spans, Use, array  # noqa: F401 where other addons look for them

_logger = logging.getLogger(__name__)

#: Before the name of a fact where it stands among other things that can be chosen.
PREFIX = 'fact_'

#: From where on a value is bad enough.
COMPARISONS = [('from', "At least"), ('to', "At most")]

#: Of so many customers the ids stand in what is asked.
SOME = 1000

#: The tables in which the runner keeps the spans asked about, and their customers.
SPAN_TABLE, CUSTOMER_TABLE = 'customer_fact_span', 'customer_fact_customer'

#: Condition on ``value`` that it is no number to reckon with.
STRANGE = SQL("value::float8 IN ('NaN', 'Infinity', '-Infinity')")


class CustomerFact(models.AbstractModel):
    """The catalogue of what can be known of a customer, and the one way to ask.

    A fact answers for *spans*, days of customers: one customer today and 200,000 strategies over their cycles are the same
    statement. What it answers is the span and the value, and besides what it says it gives: whose a span is and of which
    days, the spans themselves say. Readers add what they do with it: a measure its points, a warning rule its threshold and
    nights, a KPI its target, a next best action its click, a review its place among the others.

    Asked with the rights of a user, a fact sees what that user may see; asked with ``sudo``, it is a figure for all
    (:meth:`_seen_sql`).
    """

    _name = 'customer.fact'
    _description = "Facts About Customers"

    # ------------------------------------------------------------
    # THE CATALOGUE
    # ------------------------------------------------------------

    @api.model
    def _facts(self):
        """Return what can be known of customers, by technical name: **this is how wings and other addons add what they
        know**; each wing does it in its ``facts.py``.

        Extend it in a model that inherits from this one::

            class CustomerFact(models.AbstractModel):
                _inherit = 'customer.fact'

                def _facts(self):
                    return super()._facts() | {'complaints': Fact(
                        label=self.env._("Complaints"), unit='count', better='lower', minimum=0, additive=True,
                        gives=('day',), sql=self._complaints_sql, say=self._say_complaints)}

                def _complaints_sql(self, spans, options):
                    return SQL(
                        \"\"\"SELECT s.id AS span_id, count(c.id) AS value, max(c.day) AS day
                             FROM %s s LEFT JOIN complaint c
                                         ON c.partner_id = s.partner_id AND c.day BETWEEN s.start AND s.stop
                         GROUP BY s.id\"\"\", spans.table)

        From then on it can be chosen as a health measure, in a warning rule, as a KPI and as a next best action, and reviews
        tell it where it says so (:attr:`Fact.review`). Thousands of spans are asked about in one statement, and spans of the
        same customer may overlap. Pending writes are flushed before.

        A health measure must not rise because *we* do more: effort is no health.

        A fact that fails, gives a span twice or a value that is no number is set aside: the other facts are asked, and whoever
        uses it shows the problem.

        :rtype: dict[str, Fact]
        """
        return {}

    @api.model
    def _get(self, name):
        """Return the fact of a name.

        :raises UserError: where there is none, or its app is not installed
        """
        fact = self._facts().get(name)
        if not fact:
            raise UserError(self.env._(
                "What it looks at, “%(name)s”, is not there any more: was an addon taken away?", name=name))
        if not self._is_there(fact):
            raise UserError(self.env._("“%(fact)s” needs an app that is not installed.", fact=fact.label))
        return fact

    @api.model
    def _offered(self, options=(), past=False):
        """Return the facts that somebody can use who knows some options.

        :param options: names of the options
        :param bool past: who asks about days gone by
        :rtype: dict[str, Fact]
        """
        return {
            name: fact for name, fact in self._facts().items()
            if set(fact.options) <= set(options) and (fact.past or not past) and self._is_there(fact)}

    @api.model
    def _is_there(self, fact):
        """Return whether the app that a fact needs is installed."""
        if not fact.needs or fact.needs in self.env:
            return True
        model, __, field = fact.needs.rpartition('.')
        return model in self.env and field in self.env[model]._fields

    @api.model
    def _uses(self):
        """Return who looks at facts, archived rules too; wings add their rules.

        :rtype: list[Use]
        """
        return []

    @api.model
    def _unit_name(self, fact):
        """Return in words what the values of a fact count."""
        if fact.counted:
            return fact.counted
        # while the addon is updated, the database may not know them yet
        names = dict(UNITS) | dict(self.env['customer.fact.entry']._fields['unit']._description_selection(self.env))
        return names[fact.unit]

    @api.model
    def _format(self, value, unit):
        """Return a value with its unit: "85 %", "1 day", "2", "$ 1,200".

        :param float value: money is in the main company's currency, whichever company the user is in
        :param str unit: one of :data:`UNITS`
        """
        if unit == 'money':
            return self._format_money(value)
        if unit in ('days', 'points'):
            return (days if unit == 'days' else points)(self.env, value)
        rounded = round(value, 1)
        number = formatLang(self.env, rounded, digits=0 if rounded == int(rounded) else 1)
        return self.env._("%(number)s %%", number=number) if unit == 'percent' else number

    @api.model
    def _format_money(self, value):
        """Return an amount in the main company's currency."""
        currency = self.env['customer.clock']._main_company().currency_id
        rounded = currency.round(value)
        number = formatLang(
            self.env, rounded, digits=0 if rounded == int(rounded) else currency.decimal_places)
        return f'{currency.symbol} {number}' if currency.position == 'before' else f'{number} {currency.symbol}'

    @api.model
    def _say(self, name, fact, found, options, known=tuple(EXTRAS)):
        """Return what a fact found in a sentence; a sentence that fails takes nothing with it.

        :param str name: of the fact
        :param Fact fact: see :meth:`_get`
        :param Found found: what it said
        :param dict options: as it was asked
        :param known: what of that was kept besides the value
        """
        if not set(fact.gives if fact.tells is None else fact.tells) <= set(known):
            return self._tell(fact, found.value)
        try:
            return fact.say(found, options)
        except Exception:  # whatever another addon's code raises
            _logger.exception("The fact %s can't be told", name)
            return self._tell(fact, found.value)

    @api.model
    def _read_together(self, model, res_ids):
        """Read the records that several sentences are about at once; each sentence alone would ask for its own.

        :param str model: of the records, None for none
        :param res_ids: their ids, None among them
        """
        res_ids = {res_id for res_id in res_ids if res_id}
        if model and len(res_ids) > 1:
            self.env[model].browse(res_ids)._filtered_access('read').fetch()

    @api.model
    def _tell(self, fact, value):
        """Return the value of a fact in the plainest sentence, where nothing else is known of it."""
        if value is None:
            return fact.label
        text = self._format(value, fact.unit)
        return self.env._("%(fact)s: %(value)s", fact=fact.label, value=f'{text} {fact.counted}'.strip())

    # ------------------------------------------------------------
    # THRESHOLDS
    # ------------------------------------------------------------

    @api.model
    def _worse(self, fact):
        """Return from where on a fact is bad: one of :data:`COMPARISONS`."""
        return 'to' if fact.better == 'higher' else 'from'

    @api.model
    def _complete_rules(self, vals_list, field):
        """Return the values of new rules with the comparison of the fact that they look at, where they say none.

        :param str field: which says the fact, after :data:`PREFIX`
        """
        facts = self._facts()

        def complete(vals):
            value = vals.get(field) or ''
            fact = facts.get(value.removeprefix(PREFIX)) if value.startswith(PREFIX) else None
            return {'comparison': self._worse(fact), **vals} if fact else vals
        return [complete(vals) for vals in vals_list]

    @api.model
    def _holds_sql(self, fact, comparison, threshold):
        """Return a condition on ``value`` that it is bad enough: from a threshold on, or up to it; the threshold itself counts.

        Of nothing there is never enough: what begins at 0 days overdue begins with the first.

        :param str comparison: one of :data:`COMPARISONS`
        :param threshold: None for any value but nothing
        """
        if threshold is None:
            return SQL("value > 0")
        if comparison == 'to':
            return SQL("value <= %s", threshold)
        return SQL("(value >= %s AND value > 0)", threshold) if fact.nothing else SQL("value >= %s", threshold)

    @api.model
    def _check_threshold(self, fact, comparison, threshold, name):
        """Refuse a threshold that is met by everybody, or by nobody.

        :param str name: of the rule, as people call it
        :raises ValidationError: with a sentence that says why
        """
        if fact.minimum is None:
            return
        values = {'rule': name, 'fact': fact.label, 'minimum': f'{fact.minimum:g}'}
        if comparison == 'to' and threshold < fact.minimum:
            raise ValidationError(self.env._(
                "“%(rule)s” would never hold: “%(fact)s” is %(minimum)s at least. Choose a greater threshold.", **values))
        if comparison == 'from' and threshold <= fact.minimum and not fact.nothing:
            raise ValidationError(self.env._(
                "“%(rule)s” would hold for everybody: “%(fact)s” is %(minimum)s at least. Choose a greater threshold, or “At "
                "most”.", **values))

    # ------------------------------------------------------------
    # SPANS
    # ------------------------------------------------------------

    @api.model
    def _days_back(self, partner_ids, window_days):
        """Return a span for each customer: the last days up to today. Its id is that of the customer.

        :param partner_ids: ids of customers, None for all
        :param int window_days: how many, at least one
        :rtype: Spans
        """
        today = fields.Date.context_today(self)
        whose = SQL("res_partner WHERE customer_managed IS TRUE") if partner_ids is None else SQL(
            "unnest(%s::int[]) AS u (id)", list(partner_ids))
        return Spans(SQL(
            "(SELECT id, id AS partner_id, %s::date AS start, %s::date AS stop, FALSE AS running FROM %s)",
            fields.Date.subtract(today, days=window_days - 1), today, whose), partner_ids)

    @api.model
    def _seen_sql(self, model, record_id, spans=None):
        """Return a condition that the user may see a record: all of them for who asks for a figure of all (``sudo``).

        :param str model: of the record
        :param SQL record_id: its id
        :param Spans spans: what is asked about, where ``partner_id`` of the record is its customer: of some customers, nobody
            looks through the records of all to find which may be seen
        """
        if self.env.su:
            return SQL("TRUE")
        some = spans is not None and spans.partner_ids is not None and len(spans.partner_ids) <= SOME
        domain = [('partner_id', 'in', list(spans.partner_ids))] if some else []
        return SQL("%s IN %s", record_id, self.env[model]._search(domain).subselect())

    @api.model
    def _until_sql(self):
        """Return SQL for the last day of a span ``s``: where the customer is, it may be tomorrow already, so that a span up to
        today has no end."""
        return SQL("CASE WHEN s.stop = %s THEN 'infinity' ELSE s.stop END", fields.Date.context_today(self))

    # ------------------------------------------------------------
    # THE RUNNER
    # ------------------------------------------------------------

    @api.model
    def _measure(self, wanted):
        """Ask several facts, looking up once what they share. A fact that fails is set aside, and the others are asked.

        :param dict wanted: by a key of the caller, the fact's name, its options and a list of :class:`Span`
        :return: by key, what was found by the spans' keys, without the spans of which nothing is known; and the problems by
            key, of those that could not be asked
        :rtype: tuple[dict[object, dict[int, Found]], dict[object, str]]
        """
        results, problems = {key: {} for key in wanted}, {}
        with self._measuring({span.partner_id for *__, spans in wanted.values() for span in spans}):
            for key, (name, options, spans) in wanted.items():
                rows, problem = self._ask(
                    lambda relation, name=name, options=options: self._query(name, relation, options, *EXTRAS),
                    [(*span, 0) for span in spans], SQL("SELECT * FROM found"))
                if problem:
                    problems[key] = problem
                else:
                    results[key] = {row[0]: Found(*row[1:]) for row in rows}
        return results, problems

    @api.model
    def _try(self, name, window_days):
        """Ask a fact about the last days of all customers.

        :param str name: of the fact
        :param int window_days: how many
        :return: of how many customers it is known, the smallest and the greatest value, and None; or None and the problem
        """
        self.env.flush_all()
        try:
            with self.env.cr.savepoint(flush=False):
                fact = self._get(name)
                options = {'window_days': window_days, **self._usual_options(fact)}
                found = self._read(self._query(name, self._days_back(None, window_days), options), SQL(
                    "SELECT count(*), min(value)::float8, max(value)::float8 FROM found"))
                return found[0], None
        except psycopg2.OperationalError:
            raise  # as in _ask
        except Exception as error:  # as in _ask
            return None, self._problem(error)

    @api.model
    def _usual_options(self, fact):
        """Return what a fact is told where nobody says anything else; wings add what their facts want to know.

        :raises UserError: where it can't be asked without a choice
        """
        if fact.options:
            raise UserError(self.env._("What it looks at is chosen where it is used. Look at the rules that use it."))
        return {}

    @api.model
    def _query(self, name, spans, options, *extras):
        """Return the SQL of a fact with some of what it says besides the value; see :meth:`Fact.columns`.

        :raises UserError: where the fact is not there
        """
        fact = self._get(name)
        options = {'today': fields.Date.context_today(self), 'window_days': None, 'threshold': None, **options}
        return fact.columns(fact.sql(spans, options), *extras)

    @contextmanager
    def _measuring(self, partner_ids):
        """Keep the temporary tables that facts look at for a while.

        :param partner_ids: ids of the customers of all spans
        """
        self.env.flush_all()
        drop = SQL("DROP TABLE IF EXISTS %s", SQL(", ").join(map(SQL.identifier, self._temporary_tables())))
        self.env.cr.execute(drop)
        self.env.cr.execute(SQL(
            """CREATE TEMPORARY TABLE %s (
                   id bigint, partner_id int, start date, stop date, running boolean, cohort int) ON COMMIT DROP""",
            SQL.identifier(SPAN_TABLE)))
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS SELECT unnest(%s::int[]) AS id",
            SQL.identifier(CUSTOMER_TABLE), array(sorted(partner_ids))))
        yield
        self.env.cr.execute(drop)

    @api.model
    def _temporary_tables(self):
        """Return the names of the tables that are kept while facts are asked; wings add what their facts share.

        :rtype: list[str]
        """
        return [SPAN_TABLE, CUSTOMER_TABLE]

    @api.model
    def _kept(self):
        """Return the spans that stand in the tables of the runner right now."""
        return Spans(SQL.identifier(SPAN_TABLE), kept=True)

    @api.model
    def _ask(self, make, rows, query):
        """Ask about spans; what fails is set aside, with a sentence that says why. Within :meth:`_measuring`.

        :param make: ``make(spans) -> SQL`` with ``span_id``, ``value`` and whatever the query looks at
        :param rows: list of span id, customer, first and last day, cohort
        :param query: what to select from the common table ``found``, where all values are known
        :return: the rows and None, or None and the problem
        """
        self.env.flush_all()  # what waits to be written is not at fault below
        try:
            with self.env.cr.savepoint():
                self._fill(rows)
                return self._read(make(self._kept()), query), None
        except psycopg2.OperationalError:
            raise  # a conflict with another transaction is not the fact's fault
        except Exception as error:  # whatever another addon's code raises
            _logger.warning("A fact could not be asked", exc_info=True)
            return None, self._problem(error)

    @api.model
    def _problem(self, error):
        """Return what people read of an error."""
        return str(error).strip().partition('\n')[0] or type(error).__name__

    @api.model
    def _read(self, sql, query):
        """Return what a query finds in the values of a fact.

        :raises UserError: where they are no values
        """
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_fact_found"))
        self.env.cr.execute(SQL(
            """CREATE TEMPORARY TABLE customer_fact_found ON COMMIT DROP AS
               SELECT f.* FROM (%s) AS f WHERE f.value IS NOT NULL""", sql))
        self._refuse_strange(SQL("customer_fact_found"), SQL("span_id"))
        found = self.env.execute_query(SQL("WITH found AS (SELECT * FROM customer_fact_found) %s", query))
        self.env.cr.execute(SQL("DROP TABLE customer_fact_found"))
        return found

    @api.model
    def _refuse_strange(self, relation, key):
        """Refuse values that can't be worked with.

        :param SQL relation: with a column ``value``
        :param SQL key: whose one value it is
        :raises UserError: where something has two values, or one that is no number
        """
        self._refuse_counts(*self.env.execute_query(SQL(
            "SELECT count(*), count(DISTINCT %s), count(*) FILTER (WHERE %s) FROM %s", key, STRANGE, relation))[0])

    @api.model
    def _refuse_counts(self, rows, keys, strange):
        """Refuse values of which so many rows are about so many spans, and so many are no number; see :meth:`_refuse_strange`."""
        if rows != keys:
            raise UserError(self.env._("Its source gives more than one value for the same days of a customer."))
        if strange:
            raise UserError(self.env._("Its source gives a value that is no number."))

    @api.model
    def _fill(self, rows):
        """Put spans into the table of spans, without days to come."""
        today, kept = fields.Date.context_today(self), []
        for key, partner_id, start, stop, cohort in rows:
            if start <= today:
                running, stop = stop > today, min(stop, today)
                # whole numbers are quicker to hand over than days
                kept.append((key, partner_id, start.toordinal(), stop.toordinal(), running, cohort))
        columns = [array(column) for column in zip(*kept, strict=True)] or ['{}'] * 6
        self.env.cr.execute(SQL("TRUNCATE %s", SQL.identifier(SPAN_TABLE)))
        self.env.cr.execute(SQL(
            """INSERT INTO %s
                    SELECT id, partner_id, date '0001-01-01' + start - 1, date '0001-01-01' + stop - 1, running, cohort
                      FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::bool[], %s::int[])
                           AS v (id, partner_id, start, stop, running, cohort)""", SQL.identifier(SPAN_TABLE), *columns))
        self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(SPAN_TABLE)))
