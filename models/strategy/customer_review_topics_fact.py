from odoo import api, fields, models
from odoo.tools import SQL

from ..base.customer_fact import PREFIX, Found, Spans
from ..platform.counted import plural
from .review_topic import ReviewTopic

#: Its place among the topics of its kind: after those with words of their own.
SEQUENCE = 90

#: What a fact said of the customers of reviews, until it is told.
TABLE = 'customer_review_fact'


class CustomerReviewTopicsFact(models.AbstractModel):
    """What reviews say that is a fact of the catalogue: the worst of it, or the best, over the days of the review (STR-5)."""

    _name = 'customer.review.topics.fact'
    _description = "Topics of Reviews that are Facts"

    @api.model
    def _topics(self):
        """Return the facts of the catalogue that ask to be told, see ``customer.review._topics``."""
        facts = self.env['customer.fact']._offered(past=True)
        return {
            PREFIX + name: self._fact_topic(name, fact) for name, fact in facts.items() if fact.review}

    @api.model
    def _topic_name(self, name):
        """Return what people read of a topic: what a fact is called, else its technical name."""
        fact = self.env['customer.fact']._facts().get(name.removeprefix(PREFIX))
        return fact.label if fact and name.startswith(PREFIX) else name

    @api.model
    def _name_in(self, env, name):
        """Return what people read of a fact, in the language of an environment."""
        return env[self._name]._topic_name(PREFIX + name)

    @api.model
    def _fact_topic(self, name, fact):
        """Return a fact of the catalogue as a topic.

        :rtype: ReviewTopic
        """
        return ReviewTopic(
            fact.review, SEQUENCE, fact.model if 'res_id' in fact.gives else 'res.partner',
            lambda covered: self._fact_sql(name, fact, covered), lambda finding: self._describe_fact(name, finding),
            lambda review, count: plural(
                count, review.env._("… and one more customer: %(fact)s", fact=self._name_in(review.env, name)),
                review.env._("… and %(count)s more customers: %(fact)s", count=count, fact=self._name_in(review.env, name))))

    def _fact_sql(self, name, fact, covered):
        """Return SQL with the customers of whom a fact says anything over the days of reviews, see :class:`ReviewTopic`.

        :raises UserError: where it says nothing that can be told
        """
        facts = self.env['customer.fact']
        [[partner_ids]] = self.env.execute_query(SQL(
            "SELECT COALESCE(array_agg(DISTINCT partner_id ORDER BY partner_id), '{}') FROM %s", covered))
        spans = Spans(SQL(
            """(SELECT review_id::bigint << 32 | partner_id AS id, partner_id, start, stop, FALSE AS running
                  FROM %s WHERE start <= stop)""", covered), partner_ids)
        table = SQL.identifier(TABLE)
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", table))
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", table,
            facts._query(name, spans, {}, 'day', 'res_id', 'count', 'detail')))
        facts._refuse_strange(table, SQL("span_id"))
        return SQL(
            """SELECT c.review_id, c.partner_id, %(record)s, %(sign)s * f.value,
                      jsonb_build_object('value', f.value, 'day', f.day, 'res_id', f.res_id, 'count', f.count, 'more', f.detail,
                                         'days', c.stop - c.start + 1, 'stop', c.stop)
                 FROM %(found)s f JOIN %(covered)s c
                      ON c.review_id = (f.span_id >> 32)::int AND c.partner_id = (f.span_id & 4294967295)::int
                WHERE f.value <> 0""",
            found=table, covered=covered, record=SQL("f.res_id") if 'res_id' in fact.gives else SQL("c.partner_id"),
            # the greater, the more important: the worst of a shortfall, else the best
            sign=1 if fact.better is None or (fact.better == 'lower') == (fact.review == 'shortfall') else -1)

    @api.model
    def _describe_fact(self, name, finding):
        """Return what a fact said of a customer, in the language of whoever reads the review."""
        env, said = finding.review.env, finding.facts
        facts = env['customer.fact']
        day, stop = (fields.Date.to_date(said[key]) for key in ('day', 'stop'))
        found = Found(float(said['value']), day=day, res_id=said['res_id'], count=said['count'], detail=said['more'])
        options = {'window_days': said['days'], 'today': stop, 'threshold': None}
        return env._(
            "%(customer)s: %(what)s", customer=finding.partner.display_name,
            what=facts._say(name, facts._get(name), found, options))
