import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from ..platform.local_text import listed
from .customer_review_limit import REST
from .review_topic import Finding

_logger = logging.getLogger(__name__)


class CustomerReview(models.Model):
    """Drafts what a review says: each topic is one query over all customers of all reviews that are drafted together, and
    a sentence for each of the most important of its findings (STR-5)."""

    _inherit = 'customer.review'

    @api.model
    def _topics(self):
        """Return what reviews look at that is more than a fact of the catalogue.

        **Other wings and addons add what they know as facts** that ask to be told (``customer.fact._facts``,
        ``Fact.review``), and extend this only where that is not enough: ``return super()._topics() | {'name':
        ReviewTopic(…)}``. ``sql`` is given the name of a relation with a row per review and customer: ``review_id``,
        ``partner_id``, the days ``start`` to ``stop`` that are looked back at, at most until ``today``, and
        ``warning_days``, after which something is open for long, the ``revenue`` until ``stop`` and whether it was
        ``managed`` then. A topic tells how things stood at the end of ``stop``, however long ago that is: what came later is
        not known to it. Drafted anew, a review of the time says the same.

        :rtype: dict[str, ReviewTopic]
        """
        return {}

    def _draft_lines(self):
        """Draft the findings of these reviews from the data; what somebody changed, added or took out stays so.

        A topic that can't be looked up is left out and named on the reviews; the others go on.

        :return: number of topics that could not be looked up
        :rtype: int
        """
        if not self:
            return 0
        reviews = self.sudo()  # figures are over all customers of the review, also of colleagues
        rules = reviews._draft_rules()
        covered = reviews._cover(rules)
        reviews._stand(covered)
        topics = sorted(self._known_topics().items(), key=lambda item: item[1].sequence)
        values, failed = [], []
        for name, topic in topics:
            try:
                with self.env.cr.savepoint(flush=False), mute_logger('odoo.sql_db'):
                    values += reviews._draft_topic(name, topic, covered, rules)
            except (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected):
                raise  # another process has it
            except Exception:
                _logger.exception("The topic %s of reviews can't be looked up and is left out.", name)
                failed.append(name)
        reviews._replace_lines(reviews._most_important(values, rules))
        reviews.write({
            'drafted_on': fields.Date.context_today(self),
            'problem': bool(failed) and self.env._(
                "Not looked up: %(topics)s", topics=listed(self.env, map(self._topic_name, failed)))})
        return len(failed)

    def _replace_lines(self, values):
        """Put newly drafted findings in the place of those that nobody touched."""
        lines = self.env['customer.review.line'].search([('review_id', 'in', self.ids), ('key', '!=', False)])
        kept = lines.filtered('is_edited')
        (lines - kept).unlink()
        taken = {(line.review_id.id, line.key) for line in kept}
        taken |= {(review.id, key) for review in self for key in review.dropped or []}
        self.env['customer.review.line'].create([
            vals for vals in values if (vals['review_id'], vals['key']) not in taken])

    # ------------------------------------------------------------
    # WHOSE
    # ------------------------------------------------------------

    def _draft_rules(self):
        """Return the rhythm, for each review, that says how much is listed and what is open for long.

        :rtype: dict[int, customer.review.plan]
        """
        usual, plans = {}, {}
        for review in self:
            key = review.plan_id.id, review.kind, review.company_id.id
            if key not in usual:
                # where no rhythm of the kind is left, a new one says what is usual
                usual[key] = review._usual_plan() or self.env['customer.review.plan'].new({'kind': review.kind})
            plans[review.id] = usual[key]
        return plans

    def _cover(self, rules):
        """Put into a temporary table which customers these reviews look at, former ones included.

        An account manager's are also those of somebody who left, as long as nobody else has got them.

        :param rules: see :meth:`_draft_rules`
        :return: SQL with the name of the table
        """
        self.env['res.partner'].flush_model()
        responsibility = self.env['customer.responsibility']
        responsibility._flush()
        table, today = SQL.identifier('customer_review_covered'), fields.Date.context_today(self)
        rows = SQL(", ").join(
            SQL("(%s::int, %s, %s::int, %s::int, %s::int, %s::date, %s::date, %s::int)", review.id, review.scope,
                review.user_id.id or None, review.team_id.id or None, review.company_id.id, review.date_start,
                min(review.date_end, today), rules[review.id].warning_days)
            for review in self)
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", table))
        self.env.cr.execute(SQL(
            """CREATE TEMPORARY TABLE %(table)s ON COMMIT DROP AS
                 WITH r (id, scope, user_id, team_id, company_id, start, stop, warning_days) AS (VALUES %(rows)s),
                      held AS (SELECT p.id, p.user_id, u.customer_team_id AS team_id,
                                      %(company)s AS company_id,
                                      COALESCE(p.customer_revenue, 0) AS revenue, p.customer_managed AS managed
                                 FROM res_partner p
                            LEFT JOIN res_users u ON u.id = p.user_id
                                WHERE p.customer_managed IS TRUE OR p.customer_managed_since IS NOT NULL),
                      p AS (SELECT held.*, d.owner_id
                              FROM held
                         LEFT JOIN (%(doers)s) d
                                ON d.user_id = held.user_id AND d.company_id = held.company_id AND d.role = 'manager')
               SELECT r.id AS review_id, p.id AS partner_id, r.start, r.stop, r.warning_days, p.revenue, p.managed,
                      %(today)s AS today
                 FROM r JOIN p ON r.scope = 'user' AND r.user_id IN (p.user_id, p.owner_id) AND p.company_id = r.company_id
                UNION ALL
               SELECT r.id, p.id, r.start, r.stop, r.warning_days, p.revenue, p.managed, %(today)s
                 FROM r JOIN p ON r.scope = 'team' AND p.team_id = r.team_id AND p.company_id = r.company_id
                UNION ALL
               SELECT r.id, p.id, r.start, r.stop, r.warning_days, p.revenue, p.managed, %(today)s
                 FROM r JOIN p ON r.scope = 'company' AND p.company_id = r.company_id""",
            table=table, rows=rows, today=today, company=responsibility._company_sql('p', 'u'),
            doers=responsibility._doer_sql(SQL("SELECT user_id, company_id FROM held"))))
        self.env.cr.execute(SQL("CREATE INDEX ON %s (partner_id)", table))
        self.env.cr.execute(SQL("ANALYZE %s", table))
        return table

    # ------------------------------------------------------------
    # WHAT
    # ------------------------------------------------------------

    def _draft_topic(self, name, topic, covered, rules):
        """Return the values of the findings of a topic.

        :param str name: key of the topic
        :param topic: ReviewTopic
        :param covered: see :meth:`_cover`
        :param rules: see :meth:`_draft_rules`
        :rtype: list[dict]
        """
        values, shown = [], topic.opens and self.env[topic.model]._fields[topic.opens].comodel_name or topic.model
        by_review = {review.id: [] for review in self}
        for row in self._look_up(topic, covered, rules):
            by_review[row[0]].append(row)
        languages = self.grouped(lambda review: review._reader().lang or self.env.lang)
        for lang, reviews in languages.items():
            reader = reviews.with_context(lang=lang)
            rows = [row for review in reviews for row in by_review[review.id]]
            partners = reader.env['res.partner'].browse({row[1] for row in rows if row[1]})
            records = reader.env[topic.model].browse({row[2] for row in rows if row[2]})
            place = {}
            for row in rows:
                place[row[0]] = place.get(row[0], 0) + 1
                values.append({
                    'topic': name, 'kind': topic.kind, 'res_model': shown, 'sequence': topic.sequence * 100 + place[row[0]],
                    **self._finding_values(name, topic, row, reader, partners, records)})
        return values

    @api.model
    def _finding_values(self, name, topic, row, reader, partners, records):
        """Return the values of a finding that differ from those of the others of its topic.

        :param row: see :meth:`_look_up`
        :param reader: reviews in the language of whoever reads them, as the following records
        :param partners: the customers of all findings
        :param records: the records of all findings
        """
        review_id, partner_id, res_id, facts, count, rest = row
        if rest is not None:
            return {
                'review_id': review_id, 'key': f'{name}:more', 'more': count, 'text': topic.more(reader, count),
                'res_ids': topic.opens and records.browse(rest)[topic.opens].ids or rest}
        partner = partners.browse(partner_id or ()).with_prefetch(partners._prefetch_ids)
        record = records.browse(res_id or ()).with_prefetch(records._prefetch_ids)
        return {
            'review_id': review_id, 'key': f'{name}:{res_id or partner_id or 0}', 'partner_id': partner_id,
            'res_id': topic.opens and record[topic.opens].id or res_id, 'res_ids': facts.pop('ids', None) or False,
            'text': topic.describe(Finding(reader.browse(review_id), partner, record, facts))}

    def _look_up(self, topic, covered, rules):
        """Return what a topic finds for these reviews: the most important findings of each, in their order, and the rest
        in one row.

        :return: rows of review id, customer id, record id, facts, count and ids of the rest
        """
        self.env[topic.model].flush_model()
        limits = SQL(", ").join(
            SQL("(%s::int, %s::int)", review.id, rules[review.id].lines_per_topic)
            for review in self)
        return self.env.execute_query(SQL(
            """WITH limits (review_id, lines) AS (VALUES %(limits)s),
                    ranked AS (
                       SELECT f.*, l.lines, row_number() OVER (
                                  PARTITION BY f.review_id
                                      ORDER BY f.weight DESC NULLS LAST, c.revenue DESC NULLS LAST, f.partner_id, f.res_id
                              ) AS place
                         FROM (%(found)s) AS f (review_id, partner_id, res_id, weight, facts)
                         JOIN limits l ON l.review_id = f.review_id
                    LEFT JOIN %(covered)s c ON c.review_id = f.review_id AND c.partner_id = f.partner_id)
               SELECT review_id, partner_id, res_id, facts, count, rest
                 FROM (SELECT review_id, partner_id, res_id, facts, 0 AS count, NULL::int[] AS rest, place
                         FROM ranked WHERE place <= lines
                        UNION ALL
                       SELECT review_id, NULL, NULL, NULL, count(*), (array_agg(res_id ORDER BY place))[:%(rest)s],
                              max(place)
                         FROM ranked WHERE place > lines GROUP BY review_id) AS line
             ORDER BY review_id, place""",
            limits=limits, found=topic.sql(covered), covered=covered, rest=REST))

    def _reader(self):
        """Return whom a draft is written for."""
        self.ensure_one()
        return self._writer() or self.team_id.user_id or self.env.user
