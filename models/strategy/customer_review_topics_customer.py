from odoo import api, models
from odoo.tools import SQL, format_amount, format_date, formatLang

from ..platform.counted import days, plural
from .review_topic import ReviewTopic


class CustomerReviewTopicsCustomer(models.AbstractModel):
    """What reviews say about customers: who came and left, their health, warnings, tiers and follow-ups (STR-5)."""

    _name = 'customer.review.topics.customer'
    _description = "Topics of Reviews about Customers"

    @api.model
    def _topics(self):
        """Return what reviews say about customers, see ``customer.review._topics``."""
        return self._successes() | self._shortfalls() | {
            'adherence': ReviewTopic(
                'point', 10, 'customer.followup', self._adherence_sql, self._describe_adherence, lambda review, count: ''),
            'no_strategy': ReviewTopic(
                'point', 20, 'res.partner', self._no_strategy_sql, self._describe_no_strategy, lambda review, count: ''),
            'offer': ReviewTopic(
                'point', 30, 'customer.offer', self._offer_sql, self._describe_offer,
                lambda review, count: plural(
                    count, review.env._("… and one more customer with something to offer"),
                    review.env._("… and %(count)s more customers with something to offer", count=count))),
        }

    @api.model
    def _successes(self):
        """Return the topics about what went well with customers."""
        warning = 'customer.warning'
        return {
            'recovered': ReviewTopic(
                'success', 30, 'customer.health.snapshot', lambda covered: self._band_sql(covered, True),
                self._describe_recovered,
                lambda review, count: plural(
                    count, review.env._("… and one more customer who does better"),
                    review.env._("… and %(count)s more customers who do better", count=count)), 'partner_id'),
            'tier_up': ReviewTopic(
                'success', 35, 'customer.tier.change', lambda covered: self._tier_sql(covered, 'up'), self._describe_tier,
                lambda review, count: plural(
                    count, review.env._("… and one more customer who moved up"),
                    review.env._("… and %(count)s more customers who moved up", count=count)), 'partner_id'),
            'new': ReviewTopic(
                'success', 40, 'res.partner', self._new_sql, self._describe_new,
                lambda review, count: plural(
                    count, review.env._("… and one more new customer"),
                    review.env._("… and %(count)s more new customers", count=count))),
            'warning_solved': ReviewTopic(
                'success', 50, warning, lambda covered: self._outcome_sql(covered, 'solved'), self._describe_solved,
                lambda review, count: plural(
                    count, review.env._("… and one more warning solved"),
                    review.env._("… and %(count)s more warnings solved", count=count))),
        }

    @api.model
    def _shortfalls(self):
        """Return the topics about what did not go well with customers."""
        warning = 'customer.warning'
        return {
            'lost': ReviewTopic(
                'shortfall', 10, warning, lambda covered: self._outcome_sql(covered, 'lost'), self._describe_lost,
                lambda review, count: plural(
                    count, review.env._("… and one more customer lost"),
                    review.env._("… and %(count)s more customers lost", count=count))),
            'declined': ReviewTopic(
                'shortfall', 40, 'customer.health.snapshot', lambda covered: self._band_sql(covered, False),
                self._describe_declined,
                lambda review, count: plural(
                    count, review.env._("… and one more customer who does worse"),
                    review.env._("… and %(count)s more customers who do worse", count=count)), 'partner_id'),
            'tier_down': ReviewTopic(
                'shortfall', 45, 'customer.tier.change', lambda covered: self._tier_sql(covered, 'down'), self._describe_tier,
                lambda review, count: plural(
                    count, review.env._("… and one more customer who moved down"),
                    review.env._("… and %(count)s more customers who moved down", count=count)), 'partner_id'),
            'warning_open': ReviewTopic(
                'shortfall', 50, warning, self._warning_open_sql, self._describe_warning_open,
                lambda review, count: plural(
                    count, review.env._("… and one more warning open for long"),
                    review.env._("… and %(count)s more warnings open for long", count=count))),
            'followup_overdue': ReviewTopic(
                'shortfall', 80, 'customer.followup', self._overdue_sql, self._describe_overdue,
                lambda review, count: plural(
                    count, review.env._("… and one more customer with overdue follow-ups"),
                    review.env._("… and %(count)s more customers with overdue follow-ups", count=count))),
        }

    # ------------------------------------------------------------
    # WHO CAME, WHO LEFT
    # ------------------------------------------------------------

    def _new_sql(self, covered):
        """Return SQL with the customers who bought for the first time; who has not bought counts from the enrolment."""
        return SQL(
            """SELECT c.review_id, c.partner_id, p.id, c.revenue, jsonb_build_object('revenue', c.revenue, 'day', d.day)
                 FROM %(covered)s c
                 JOIN res_partner p ON p.id = c.partner_id
   CROSS JOIN LATERAL (SELECT COALESCE(CASE WHEN p.customer_first_order <= c.stop THEN p.customer_first_order END,
                                       p.customer_managed_since) AS day) d
                WHERE c.managed AND d.day BETWEEN c.start AND c.stop""", covered=covered)

    @api.model
    def _describe_new(self, finding):
        partner, env = finding.partner, finding.review.env
        values = {'customer': partner.display_name, 'day': format_date(env, finding.facts['day'])}
        if finding.facts['revenue']:
            return env._(
                "%(customer)s: new customer since %(day)s, bought for %(amount)s in twelve months", **values,
                amount=format_amount(env, finding.facts['revenue'], partner.customer_currency_id))
        return env._("%(customer)s: new customer since %(day)s", **values)

    def _outcome_sql(self, covered, outcome):
        """Return SQL with the warnings that were closed in the time with an outcome; a customer is lost once."""
        return SQL(
            """SELECT DISTINCT ON (c.review_id, c.partner_id, CASE WHEN %(outcome)s = 'lost' THEN 0 ELSE w.id END)
                      c.review_id, c.partner_id, w.id,
                      CASE WHEN %(outcome)s = 'lost' THEN c.revenue ELSE w.level::numeric END,
                      jsonb_build_object('revenue', c.revenue)
                 FROM %(covered)s c
                 JOIN customer_warning w ON w.partner_id = c.partner_id
                WHERE w.outcome = %(outcome)s AND w.closed_on BETWEEN c.start AND c.stop
             ORDER BY c.review_id, c.partner_id, CASE WHEN %(outcome)s = 'lost' THEN 0 ELSE w.id END, w.closed_on DESC,
                      w.outcome_note IS NULL, w.id DESC""",
            covered=covered, outcome=outcome)

    @api.model
    def _describe_solved(self, finding):
        warning, env = finding.record, finding.review.env
        values = {
            'customer': finding.partner.display_name, 'signal': self._signal_name(warning),
            'days': days(env, (warning.closed_on - warning.date).days), 'note': warning.outcome_note or ''}
        if warning.outcome_note:
            return env._("%(customer)s: warning “%(signal)s” solved after %(days)s: %(note)s", **values)
        return env._("%(customer)s: warning “%(signal)s” solved after %(days)s", **values)

    @api.model
    def _describe_lost(self, finding):
        partner, warning, env = finding.partner, finding.record, finding.review.env
        values = {
            'customer': partner.display_name, 'note': warning.outcome_note or self._signal_name(warning),
            'amount': format_amount(env, finding.facts['revenue'], partner.customer_currency_id)}
        if finding.facts['revenue']:
            return env._("%(customer)s: lost, with %(amount)s in twelve months: %(note)s", **values)
        return env._("%(customer)s: lost: %(note)s", **values)

    @api.model
    def _signal_name(self, warning):
        return dict(warning._selection_signal()).get(warning.signal, warning.signal)

    # ------------------------------------------------------------
    # HOW THEY DO
    # ------------------------------------------------------------

    def _band_sql(self, covered, better):
        """Return SQL with the customers whose health is in a better (or worse) band at the end of the time than before it."""
        return SQL(
            """SELECT c.review_id, c.partner_id, a.id, abs(a.score - b.score),
                       jsonb_build_object('before', b.score, 'before_band', b.band)
                  FROM %(covered)s c
                  JOIN customer_health_snapshot a ON a.partner_id = c.partner_id AND a.state = 'scored'
                   AND a.date <= c.stop AND (a.date_end IS NULL OR a.date_end >= c.stop)
                  JOIN customer_health_snapshot b ON b.partner_id = c.partner_id AND b.state = 'scored'
                   AND b.date < c.start AND (b.date_end IS NULL OR b.date_end >= c.start - 1)
                 WHERE array_position(%(bands)s, a.band) %(compare)s array_position(%(bands)s, b.band)""",
            covered=covered, compare=SQL(">") if better else SQL("<"),
            bands=SQL("ARRAY['risk', 'watch', 'healthy']::varchar[]"))

    @api.model
    def _health_values(self, finding):
        """Return what the sentence about a changed health is made of."""
        snapshot, env = finding.record, finding.review.env
        bands = dict(snapshot._fields['band']._description_selection(env))
        return {
            'customer': finding.partner.display_name, 'before': formatLang(env, finding.facts['before'], digits=0),
            'after': formatLang(env, snapshot.score, digits=0), 'band': bands[snapshot.band]}

    @api.model
    def _describe_recovered(self, finding):
        return finding.review.env._(
            "%(customer)s: health up from %(before)s to %(after)s, now “%(band)s”", **self._health_values(finding))

    @api.model
    def _describe_declined(self, finding):
        return finding.review.env._(
            "%(customer)s: health down from %(before)s to %(after)s, now “%(band)s”", **self._health_values(finding))

    def _tier_sql(self, covered, direction):
        """Return SQL with the last change of tier in the time, where it went into a direction by the customer's figures."""
        return SQL(
            """SELECT l.review_id, l.partner_id, t.id, l.revenue, jsonb_build_object('revenue', l.revenue)
                 FROM (SELECT DISTINCT ON (c.review_id, c.partner_id) c.review_id, c.partner_id, c.revenue, t.id
                         FROM %(covered)s c
                         JOIN customer_tier_change t ON t.partner_id = c.partner_id
                        WHERE t.date BETWEEN c.start AND c.stop
                     ORDER BY c.review_id, c.partner_id, t.date DESC, t.id DESC) l
                 JOIN customer_tier_change t ON t.id = l.id AND t.direction = %(direction)s AND t.cause = 'revenue'""",
            covered=covered, direction=direction)

    @api.model
    def _describe_tier(self, finding):
        change, partner, env = finding.record, finding.partner, finding.review.env
        values = {
            'customer': partner.display_name, 'old': change.old_tier_id.name, 'new': change.new_tier_id.name,
            'amount': format_amount(env, finding.facts['revenue'], partner.customer_currency_id)}
        if change.direction == 'up':
            return env._("%(customer)s: moved up from %(old)s to %(new)s, %(amount)s in twelve months", **values)
        return env._("%(customer)s: moved down from %(old)s to %(new)s, %(amount)s in twelve months", **values)

    def _warning_open_sql(self, covered):
        """Return SQL with the warnings that were raised long before the end of the time and were open then. What became worse
        later had somebody then whom it has not now."""
        return SQL(
            """SELECT c.review_id, c.partner_id, w.id, w.level::numeric * 100000 + (c.stop - w.date),
                      jsonb_build_object('days', c.stop - w.date, 'taken', COALESCE(
                          %(acted)s <= c.stop AND w.taken_by_id IS NOT NULL
                          AND (w.state <> 'open' OR w.news_on > c.stop), FALSE))
                 FROM %(covered)s c
                 JOIN customer_warning w ON w.partner_id = c.partner_id
                WHERE w.date <= c.stop - c.warning_days
                  AND (w.state <> 'closed' OR w.closed_on > c.stop)""",
            covered=covered, acted=self.env['customer.review.standing']._day_of_sql(SQL("w.acted_at"), SQL("w.taken_by_id")))

    @api.model
    def _describe_warning_open(self, finding):
        warning, env = finding.record, finding.review.env
        values = {
            'customer': finding.partner.display_name, 'signal': self._signal_name(warning),
            'days': days(env, finding.facts['days']), 'user': warning.taken_by_id.name}
        if not finding.facts['taken']:
            return env._("%(customer)s: warning “%(signal)s” open for %(days)s, nobody has taken it on", **values)
        return env._("%(customer)s: warning “%(signal)s” open for %(days)s, %(user)s works on it", **values)

    # ------------------------------------------------------------
    # WHAT WE DID
    # ------------------------------------------------------------

    def _waited_sql(self):
        """Return SQL for a lateral join of the days on which follow-ups ``f`` were open at the end of the time ``c``, as the
        relation ``t``: ``planned`` and ``day_limit``. What was closed or moved later has the days that it had then."""
        # the present days are one more of those before: a UNION ALL in a LATERAL makes PostgreSQL 18 fall over where the query
        # is a part of a larger one
        return SQL(
            """CROSS JOIN LATERAL (
                   SELECT (m.days ->> 'planned')::date AS planned, (m.days ->> 'limit')::date AS day_limit
                     FROM jsonb_array_elements(COALESCE(f.missed, '[]') || jsonb_build_object(
                              'planned', f.date_planned, 'limit', f.date_limit, 'until', CASE f.state
                                  WHEN 'planned' THEN 'infinity'::date WHEN 'done' THEN f.contact_day ELSE %s END)) AS m (days)
                    WHERE (m.days ->> 'until')::date > c.stop) t""", self.env['customer.anchor']._closed_on_sql())

    def _overdue_sql(self, covered):
        """Return SQL with the customers who had overdue follow-ups, the one that waited longest first."""
        return SQL(
            """SELECT c.review_id, c.partner_id, (array_agg(f.id ORDER BY t.day_limit, f.id))[1],
                      max(c.stop - t.planned),
                      jsonb_build_object('count', count(DISTINCT f.id), 'days', max(c.stop - t.planned))
                 FROM %(covered)s c
                 JOIN customer_followup f ON f.partner_id = c.partner_id AND %(recent)s
                 %(waited)s
                WHERE t.day_limit < c.stop
             GROUP BY c.review_id, c.partner_id""", covered=covered, waited=self._waited_sql(), recent=self._recent_sql())

    def _recent_sql(self):
        """Return the SQL condition that spares follow-ups ``f`` that were closed long before the end of the time ``c``."""
        return SQL(
            "(f.state = 'planned' OR f.closed_at >= c.start OR f.contact_day >= c.start OR f.missed IS NOT NULL)")

    @api.model
    def _describe_overdue(self, finding):
        followup, env = finding.record, finding.review.env
        values = {
            'customer': finding.partner.display_name, 'days': days(env, finding.facts['days']), 'count': finding.facts['count'],
            'what': followup.name or followup.step_id.name or followup.channel_id.name}
        if finding.facts['count'] > 1:
            return env._(
                "%(customer)s: %(count)s follow-ups overdue, “%(what)s” for %(days)s", **values)
        return env._("%(customer)s: “%(what)s” overdue for %(days)s", **values)

    def _adherence_sql(self, covered):
        """Return SQL with how many follow-ups of the time were made until their last day. One that was made counts on the
        day of the contact or its last day, whichever was first; what was skipped or cancelled in the time does not count.
        ``older`` are those of before that were still overdue at the end."""
        return SQL(
            """SELECT review_id, NULL::int, NULL::int, 0,
                      jsonb_build_object(
                          'all', count(*) FILTER (WHERE NOT older), 'kept', count(*) FILTER (WHERE kept),
                          'late', count(*) FILTER (WHERE late), 'older', count(*) FILTER (WHERE older),
                          'ids', jsonb_path_query_array(
                              COALESCE(jsonb_agg(id ORDER BY date_limit, id) FILTER (WHERE NOT kept), '[]'), '$[0 to 999]'))
                 FROM (SELECT c.review_id, f.id, f.date_limit, f.contact_day <= f.date_limit AS kept,
                              f.contact_day > f.date_limit AS late, FALSE AS older
                         FROM %(covered)s c
                         JOIN customer_followup f ON f.partner_id = c.partner_id
                        WHERE f.state = 'done' AND f.step_id IS NOT NULL AND f.date_limit IS NOT NULL
                          AND f.contact_day <= c.stop AND LEAST(f.contact_day, f.date_limit) BETWEEN c.start AND c.stop
                        UNION ALL
                       SELECT DISTINCT c.review_id, f.id, t.day_limit, FALSE, FALSE, t.day_limit < c.start
                         FROM %(covered)s c
                         JOIN customer_followup f ON f.partner_id = c.partner_id AND f.step_id IS NOT NULL AND %(recent)s
                         %(waited)s
                        WHERE t.day_limit <= c.stop AND t.day_limit < c.today) AS touches
             GROUP BY review_id
               HAVING count(*) FILTER (WHERE NOT older) > 0""",
            covered=covered, waited=self._waited_sql(), recent=self._recent_sql())

    @api.model
    def _describe_adherence(self, finding):
        facts, env = finding.facts, finding.review.env
        values = {
            'kept': facts['kept'], 'all': facts['all'], 'late': facts['late'], 'older': facts['older'],
            'missed': facts['all'] - facts['kept'] - facts['late'],
            'percent': formatLang(env, 100 * facts['kept'] / facts['all'], digits=0)}
        if facts['all'] == 1 == facts['kept']:
            text = env._("The one follow-up of the time was made in time")
        elif facts['kept'] == facts['all']:
            text = env._("All %(all)s follow-ups were made in time", **values)
        else:
            text = plural(
                facts['all'], env._("The one follow-up of the time was not made in time"), env._(
                    "%(kept)s of %(all)s follow-ups were made in time (%(percent)s %%), %(late)s late, %(missed)s not yet",
                    **values))
        if facts['older']:
            return env._("%(text)s; %(older)s from before are still overdue", text=text, older=facts['older'])
        return text

    def _no_strategy_sql(self, covered):
        """Return SQL with the customers who had no running strategy, in one row for each review in which others had one."""
        self.env['customer.strategy'].flush_model()
        return SQL(
            """SELECT c.review_id, NULL::int, NULL::int, 0,
                      jsonb_build_object('count', count(*) FILTER (WHERE s.id IS NULL), 'all', count(*), 'ids',
                          jsonb_path_query_array(
                              COALESCE(jsonb_agg(c.partner_id ORDER BY c.revenue DESC, c.partner_id)
                                       FILTER (WHERE s.id IS NULL), '[]'),
                              '$[0 to 999]'))
                 FROM %(covered)s c
            LEFT JOIN LATERAL (SELECT s.id FROM customer_strategy s
                                WHERE s.partner_id = c.partner_id AND s.state <> 'draft'
                                  AND GREATEST(s.date_start, s.started_on) <= c.stop
                                  AND (s.state = 'active' OR s.date_end >= c.stop) LIMIT 1) s ON TRUE
                WHERE c.managed
             GROUP BY c.review_id
               HAVING count(s.id) > 0 AND count(*) > count(s.id)""", covered=covered)

    @api.model
    def _describe_no_strategy(self, finding):
        values = {'count': finding.facts['count'], 'all': finding.facts['all']}  # at least two: some have one, some have not
        return plural(
            values['count'], finding.review.env._("1 of %(all)s customers has no running strategy", all=values['all']),
            finding.review.env._("%(count)s of %(all)s customers have no running strategy", **values))

    # ------------------------------------------------------------
    # WHAT TO OFFER
    # ------------------------------------------------------------

    def _offer_sql(self, covered):
        """Return SQL with the customers to whom something was to be offered on the last day: what may bring most comes first."""
        return SQL(
            """SELECT DISTINCT ON (c.review_id, c.partner_id) c.review_id, c.partner_id, o.id, o.amount, '{}'::jsonb
                 FROM %(covered)s c
                 JOIN (%(offers)s) AS o ON o.partner_id = c.partner_id AND o.since <= c.stop AND o.until > c.stop
                WHERE c.managed
             ORDER BY c.review_id, c.partner_id, o.place, o.id""",
            covered=covered, offers=self.env['customer.offer']._open_on_sql())

    @api.model
    def _describe_offer(self, finding):
        offer = finding.record
        return finding.review.env._(
            "%(customer)s could also buy %(product)s: %(why)s", customer=finding.partner.display_name,
            product=offer.display_name, why=offer.evidence)
