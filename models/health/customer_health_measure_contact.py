from odoo import api, fields, models
from odoo.tools import SQL, format_date

from .health_source import Source


class CustomerHealthMeasure(models.Model):
    """What people of the customer tell us: how often they are reached, how many of them we met, how satisfied they are.

    Our own effort is none of it: attempts without an answer, and what we merely sent, never make a value better.
    """

    _inherit = 'customer.health.measure'

    @api.model
    def _sources(self):
        return super()._sources() | {
            'engagement': Source(
                label=self.env._("Engagement: contacts in which somebody was reached"), unit="%", minimum=0,
                sql=lambda measure, partner_ids: measure._engagement_sql(partner_ids),
                describe=lambda measure, value, as_of: measure._describe_engagement(value, as_of)),
            'satisfaction': Source(
                label=self.env._("Satisfaction: the latest judgement"), unit=self.env._("1 to 5"), minimum=1,
                sql=lambda measure, partner_ids: measure._satisfaction_sql(partner_ids),
                describe=lambda measure, value, as_of: measure._describe_satisfaction(value, as_of)),
            'breadth': Source(
                label=self.env._("Relationship: different people met"), unit=self.env._("people"), minimum=0,
                sql=lambda measure, partner_ids: measure._breadth_sql(partner_ids),
                describe=lambda measure, value, as_of: measure._describe_breadth(value, as_of)),
        }

    # ------------------------------------------------------------
    # ENGAGEMENT
    # ------------------------------------------------------------

    def _contacts_sql(self, partner_ids=None):
        """Return SQL that selects the contacts of the measure's period that tell something about the customer.

        Calls and visits count, whether somebody was reached or not. On channels on which we may just have sent something,
        a contact counts only where the customer said something: an email without a reply tells nothing, and neither does
        one that went out by itself.

        :param partner_ids: ids of customers, or None for all
        :return: columns ``partner_id``, ``contact_id``, ``contact_day``, ``reached``
        """
        self.ensure_one()
        self.env['customer.followup'].flush_model(
            ['partner_id', 'contact_id', 'contact_day', 'state', 'outcome', 'channel_id', 'step_id', 'mail_id'])
        self.env['customer.channel'].flush_model(['two_way'])
        self.env['customer.cadence.step'].flush_model(['automatic'])
        return SQL(
            """SELECT f.partner_id, f.contact_id, f.contact_day, f.outcome <> 'no_answer' AS reached
                 FROM customer_followup f
                 JOIN customer_channel c ON c.id = f.channel_id
            LEFT JOIN customer_cadence_step s ON s.id = f.step_id
                WHERE f.state = 'done' AND f.contact_day > %(day_from)s
                  AND (f.outcome IN ('satisfied', 'need', 'problem')
                       OR c.two_way AND f.outcome IN ('neutral', 'no_answer')
                      AND f.mail_id IS NULL AND s.automatic IS NOT TRUE) %(only)s""",
            day_from=self._period_start(), only=self._only_sql('f.partner_id', partner_ids))

    def _period_start(self):
        """Return the day before the first one of the period that ends today."""
        return fields.Date.subtract(fields.Date.context_today(self), days=self.window_days)

    @api.model
    def _only_sql(self, column, partner_ids):
        """Return SQL that narrows a query to some customers, or nothing for all."""
        if partner_ids is None:
            return SQL()
        return SQL("AND %s = ANY(%s)", SQL.identifier(*column.split('.')), list(partner_ids))

    def _engagement_sql(self, partner_ids=None):
        """Return SQL for the share of contacts in which somebody was reached, in percent.

        It is as old as the last contact with somebody: further attempts don't keep it young.
        """
        return SQL(
            """SELECT partner_id, round(100.0 * count(*) FILTER (WHERE reached) / count(*), 4) AS value,
                      COALESCE(max(contact_day) FILTER (WHERE reached), max(contact_day)) AS as_of
                 FROM (%s) AS contacts
             GROUP BY partner_id""", self._contacts_sql(partner_ids))

    def _describe_engagement(self, value, as_of):
        """Return the share in a sentence."""
        if not value:
            return self.env._(
                "Nobody was reached in %(days)s days, last tried on %(day)s", days=self.window_days,
                day=format_date(self.env, as_of))
        return self.env._(
            "Somebody was reached in %(share)s%% of the contacts of %(days)s days, last on %(day)s",
            share=round(value), days=self.window_days, day=format_date(self.env, as_of))

    # ------------------------------------------------------------
    # BREADTH
    # ------------------------------------------------------------

    def _breadth_sql(self, partner_ids=None):
        """Return SQL for how many different people of the customer were met, who still work there.

        A contact without a name counts as one person, and with names as none: it may have been one of them. Customers
        without contact persons in the file and without contacts are unknown.
        """
        self.env['res.partner'].flush_model(['active', 'commercial_partner_id', 'parent_id', 'is_company', 'type'])
        self.env['customer.care.guest'].flush_model(['customer_id', 'partner_id', 'state', 'date_begin'])
        return SQL(
            """WITH met AS (
                    SELECT partner_id, contact_id AS person_id, max(contact_day) AS day
                      FROM (%(contacts)s) AS contacts
                     WHERE reached
                  GROUP BY partner_id, contact_id
                     UNION ALL
                    SELECT customer_id, partner_id, date_begin::date
                      FROM customer_care_guest
                     WHERE state = 'attended' AND date_begin::date > %(day_from)s %(only_guests)s),
                    known AS (
                    SELECT met.partner_id, count(DISTINCT p.id) AS people,
                           bool_or(met.person_id IS NULL OR met.person_id = met.partner_id) AS nameless,
                           max(met.day) FILTER (
                               WHERE p.id IS NOT NULL OR met.person_id IS NULL OR met.person_id = met.partner_id) AS day
                      FROM met
                 LEFT JOIN res_partner p ON p.id = met.person_id AND p.id <> met.partner_id AND p.active
                                        AND p.commercial_partner_id = met.partner_id
                  GROUP BY met.partner_id),
                    filed AS (
                    SELECT DISTINCT p.commercial_partner_id AS partner_id
                      FROM res_partner p
                     WHERE p.parent_id IS NOT NULL AND p.commercial_partner_id <> p.id AND p.active AND p.type = 'contact'
                       %(only_people)s)
             SELECT partner_id, GREATEST(known.people, COALESCE(known.nameless, FALSE)::int)::numeric AS value,
                    COALESCE(known.day, %(today)s) AS as_of
               FROM known FULL JOIN filed USING (partner_id)""",
            contacts=self._contacts_sql(partner_ids), day_from=self._period_start(), today=fields.Date.context_today(self),
            only_guests=self._only_sql('customer_care_guest.customer_id', partner_ids),
            only_people=self._only_sql('p.commercial_partner_id', partner_ids))

    def _describe_breadth(self, value, as_of):
        """Return the number of people in a sentence."""
        if not value:
            return self.env._("Nobody who works there was met in %(days)s days", days=self.window_days)
        if value == 1:
            return self.env._(
                "One person was met in %(days)s days, last on %(day)s", days=self.window_days,
                day=format_date(self.env, as_of))
        return self.env._(
            "%(count)s different people were met in %(days)s days, last on %(day)s", count=round(value),
            days=self.window_days, day=format_date(self.env, as_of))

    # ------------------------------------------------------------
    # SATISFACTION
    # ------------------------------------------------------------

    def _satisfaction_sql(self, partner_ids=None):
        """Return SQL for the latest judgement of each customer's satisfaction, 1 to 5."""
        self.env['customer.pulse'].flush_model(['partner_id', 'date', 'score'])
        return SQL(
            """SELECT DISTINCT ON (partner_id) partner_id, score::numeric AS value, date AS as_of
                 FROM customer_pulse
                WHERE date <= %(today)s %(only)s
             ORDER BY partner_id, date DESC""",
            today=fields.Date.context_today(self), only=self._only_sql('customer_pulse.partner_id', partner_ids))

    def _describe_satisfaction(self, value, as_of):
        """Return the judgement in a sentence."""
        names = dict(self.env['customer.pulse']._fields['score']._description_selection(self.env))
        return self.env._(
            "%(name)s (%(value)s of 5), judged on %(day)s", name=names[str(round(value))], value=round(value),
            day=format_date(self.env, as_of))
