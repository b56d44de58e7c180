from odoo import api, fields, models
from odoo.tools import SQL

from .review_topic import Finding

#: So many of the findings that are only counted can be opened as a list.
REST = 1000


class CustomerReviewDrafter(models.AbstractModel):
    """Drafts what a review says: each topic is one query over all customers of all reviews that are drafted together, and
    a sentence for each of the most important of its findings; the rest is counted (STR-5)."""

    _name = 'customer.review.drafter'
    _description = "Drafter of Reviews"

    def _replace_lines(self, reviews, values):
        """Put newly drafted findings in the place of those that nobody touched."""
        lines = reviews.env['customer.review.line'].search([('review_id', 'in', reviews.ids), ('key', '!=', False)])
        kept = lines.filtered('is_edited')
        (lines - kept).unlink()
        taken = {(line.review_id.id, line.key) for line in kept}
        taken |= {(review.id, key) for review in reviews for key in review.dropped or []}
        reviews.env['customer.review.line'].create([
            vals for vals in values if (vals['review_id'], vals['key']) not in taken])

    # ------------------------------------------------------------
    # WHOSE
    # ------------------------------------------------------------

    def _draft_rules(self, reviews):
        """Return the rhythm, for each review, that says how much is listed and what is open for long.

        :rtype: dict[int, customer.review.plan]
        """
        usual, plans = {}, {}
        for review in reviews:
            key = review.plan_id.id, review.kind, review.company_id.id
            if key not in usual:
                # where no rhythm of the kind is left, a new one says what is usual
                usual[key] = review._usual_plan() or reviews.env['customer.review.plan'].new({'kind': review.kind})
            plans[review.id] = usual[key]
        return plans

    def _cover(self, reviews, rules):
        """Put into a temporary table which customers these reviews look at, former ones included.

        An account manager's are also those of somebody who left, as long as nobody else has got them.

        :param reviews: customer.review
        :param rules: see :meth:`_draft_rules`
        :return: SQL with the name of the table
        """
        reviews.env['res.partner'].flush_model()
        responsibility = reviews.env['customer.responsibility']
        responsibility._flush()
        table, today = SQL.identifier('customer_review_covered'), fields.Date.context_today(reviews)
        rows = SQL(", ").join(
            SQL("(%s::int, %s, %s::int, %s::int, %s::int, %s::date, %s::date, %s::int)", review.id, review.scope,
                review.user_id.id or None, review.team_id.id or None, review.company_id.id, review.date_start,
                min(review.date_end, today), rules[review.id].warning_days)
            for review in reviews)
        reviews.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", table))
        reviews.env.cr.execute(SQL(
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
        reviews.env.cr.execute(SQL("CREATE INDEX ON %s (partner_id)", table))
        reviews.env.cr.execute(SQL("ANALYZE %s", table))
        return table

    # ------------------------------------------------------------
    # WHAT
    # ------------------------------------------------------------

    def _draft_topic(self, reviews, name, topic, covered, rules):
        """Return the values of the findings of a topic.

        :param reviews: customer.review
        :param str name: key of the topic
        :param topic: ReviewTopic
        :param covered: see :meth:`_cover`
        :param rules: see :meth:`_draft_rules`
        :rtype: list[dict]
        """
        values, shown = [], topic.opens and reviews.env[topic.model]._fields[topic.opens].comodel_name or topic.model
        by_review = {review.id: [] for review in reviews}
        for row in self._look_up(reviews, topic, covered, rules):
            by_review[row[0]].append(row)
        languages = reviews.grouped(lambda review: self._reader(review).lang or reviews.env.lang)
        for lang, read in languages.items():
            reader = read.with_context(lang=lang)
            rows = [row for review in read for row in by_review[review.id]]
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

    def _look_up(self, reviews, topic, covered, rules):
        """Return what a topic finds for these reviews: the most important findings of each, in their order, and the rest
        in one row.

        :return: rows of review id, customer id, record id, facts, count and ids of the rest
        """
        reviews.env[topic.model].flush_model()
        limits = SQL(", ").join(
            SQL("(%s::int, %s::int)", review.id, rules[review.id].lines_per_topic)
            for review in reviews)
        return reviews.env.execute_query(SQL(
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

    def _reader(self, review):
        """Return whom a draft is written for."""
        review.ensure_one()
        return review._writer() or review.team_id.user_id or review.env.user

    # ------------------------------------------------------------
    # LIMIT
    # ------------------------------------------------------------

    def _most_important(self, reviews, values, rules):
        """Return the findings that are listed: of each kind so many as the rhythm says, first the most important one of each
        topic, then the second ones. The others of a topic are counted together, and open as a list.

        :param reviews: customer.review
        :param list[dict] values: of the findings of all topics, each topic's in their order
        :param rules: see :meth:`_draft_rules`
        :rtype: list[dict]
        """
        groups = {}
        for vals in values:
            groups.setdefault((vals['review_id'], vals['kind']), []).append(vals)
        kept = []
        for (review_id, __), found in groups.items():
            listed, rest = self._split_by_importance(found, rules[review_id].lines_per_kind)
            kept += listed
            for name, folded in rest.items():
                kept.append(self._count_together(reviews.browse(review_id), name, folded))
        return kept

    @api.model
    def _split_by_importance(self, found, limit):
        """Split the findings of a kind into those that are listed and, by topic, those that are counted."""
        place, order = {}, []
        for vals in found:
            place[vals['topic']] = place.get(vals['topic'], 0) + 1
            if not vals.get('more'):
                order.append((place[vals['topic']], vals['sequence'], vals['key']))
        chosen = {key for __, __, key in sorted(order)[:limit]}
        if len(chosen) == len(order):
            return found, {}
        listed, rest = [], {}
        for vals in found:
            if vals['key'] in chosen:
                listed.append(vals)
            else:
                rest.setdefault(vals['topic'], []).append(vals)
        return listed, rest

    def _count_together(self, review, name, folded):
        """Return the values of one line for findings of a topic that are not listed.

        :param review: customer.review
        :param str name: of the topic
        :param list[dict] folded: the findings; the last one may count others already
        """
        review.ensure_one()
        count = sum(vals.get('more') or 1 for vals in folded)
        ids = []
        for vals in folded:
            ids += vals['res_ids'] or [] if vals.get('more') or vals.get('res_ids') else [vals['res_id']] * bool(vals['res_id'])
        reader = review.with_context(lang=self._reader(review).lang or review.env.lang)
        return {
            'review_id': review.id, 'topic': name, 'kind': folded[0]['kind'], 'key': f'{name}:more', 'more': count,
            'sequence': folded[0]['sequence'], 'res_model': folded[0]['res_model'], 'res_ids': ids[:REST],
            'text': review._known_topics()[name].more(reader, count)}
