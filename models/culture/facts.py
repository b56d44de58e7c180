from odoo import api, models
from odoo.tools import SQL, format_date

from ..base.customer_fact import Fact


class CustomerFact(models.AbstractModel):
    """Whom we know at a customer."""

    _inherit = 'customer.fact'

    @api.model
    def _facts(self):
        return super()._facts() | {
            'breadth': Fact(
                label=self.env._("Relationship: different people met"), counted=self.env._("people"), better='higher', minimum=0,
                gives=('day',), past=False, sql=self._breadth_sql, say=self._say_breadth),
        }

    @api.model
    def _breadth_sql(self, spans, options):
        """Return SQL for how many different people of the customer were met, who still work there.

        A contact without a name counts as one person, and with names as none: it may have been one of them. Customers
        without contact persons in the file and without contacts are unknown.
        """
        self.env['res.partner'].flush_model(['active', 'commercial_partner_id', 'parent_id', 'is_company', 'type'])
        self.env['customer.care.guest'].flush_model(['customer_id', 'partner_id', 'state', 'date_begin'])
        return SQL(
            """WITH met AS (
                    SELECT span_id, partner_id, contact_id AS person_id, max(contact_day) AS day
                      FROM (%(contacts)s) AS contacts
                     WHERE reached
                  GROUP BY span_id, partner_id, contact_id
                     UNION ALL
                    SELECT s.id, g.customer_id, g.partner_id, g.date_begin::date
                      FROM %(spans)s s
                      JOIN customer_care_guest g ON g.customer_id = s.partner_id
                                                AND g.date_begin::date BETWEEN s.start AND %(until)s
                     WHERE g.state = 'attended' AND %(seen)s),
                    known AS (
                    SELECT met.span_id, count(DISTINCT p.id) AS people,
                           bool_or(met.person_id IS NULL OR met.person_id = met.partner_id) AS nameless,
                           max(met.day) FILTER (
                               WHERE p.id IS NOT NULL OR met.person_id IS NULL OR met.person_id = met.partner_id) AS day
                      FROM met
                 LEFT JOIN res_partner p ON p.id = met.person_id AND p.id <> met.partner_id AND p.active
                                        AND p.commercial_partner_id = met.partner_id
                  GROUP BY met.span_id),
                    filed AS (
                    SELECT DISTINCT s.id AS span_id
                      FROM %(spans)s s
                      JOIN res_partner p ON p.commercial_partner_id = s.partner_id
                     WHERE p.parent_id IS NOT NULL AND p.commercial_partner_id <> p.id AND p.active AND p.type = 'contact')
             SELECT span_id, GREATEST(known.people, COALESCE(known.nameless, FALSE)::int)::numeric AS value,
                    COALESCE(known.day, %(today)s) AS day
               FROM known FULL JOIN filed USING (span_id)""",
            contacts=self._contacts_sql(spans), spans=spans.table, until=self._until_sql(), today=options['today'],
            seen=self._seen_sql('customer.care.guest', SQL("g.id")))

    @api.model
    def _say_breadth(self, found, options):
        """Return the number of people in a sentence."""
        values = {'days': options['window_days'], 'day': format_date(self.env, found.day)}
        if not found.value:
            values.pop('day')
            return self.env._("Nobody who works there was met in %(days)s days", **values)
        if found.value == 1:
            return self.env._("One person was met in %(days)s days, last on %(day)s", **values)
        return self.env._(
            "%(count)s different people were met in %(days)s days, last on %(day)s", count=round(found.value), **values)
