import logging

from odoo import api, models
from odoo.tools import SQL, ormcache

from ...engine import anniversaries
from ...engine.calendar_errors import CalendarError

_logger = logging.getLogger(__name__)


class CustomerOccurrence(models.AbstractModel):
    """Which occasions come up, from all sources, as one SQL relation (CUL-4).

    Every source begins with the customers, so that what somebody asks of them (*mine*, one team's, one customer's) is asked
    of them first: the cost follows the customers that are asked about, not all there are.
    """

    _name = 'customer.occurrence'
    _description = "Occurrences of Occasions"

    @api.model
    def _sql(self, first, last):
        """Return SQL with every occasion of managed customers and their people from ``first`` to ``last``.

        Columns: ``id``, unique, the same whenever it is asked for the same days, and within the 31 bits that XML-RPC knows;
        ``partner_id``, whose occasion it is; ``customer_id``, ``user_id``, ``company_id`` and ``culture_id`` of the customer;
        ``kind_id``, ``occasion_id``, ``festival_id``;
        ``year`` in the calendar of the occasion; ``moment``, not 0 for what happens once; ``date``; ``since``, the year of
        the first time; ``note``; and ``customary``: whether it is greeted on, after the culture, the tier and the person.

        :param date first: the first day
        :param date last: the last day
        """
        self.env.flush_all()
        arms = [
            self._yearly_sql(), self._once_sql(first, last), self._observed_sql(first, last), self._birthdates_sql(),
            self._cooperations_sql(), self._festivals_sql(first, last)]
        return SQL(
            """SELECT o.id, o.partner_id, o.customer_id, o.user_id, o.company_id, o.culture_id, o.kind_id, o.occasion_id,
                      o.festival_id, o.year, o.moment, o.date, o.since, o.note, %(customary)s AS customary
                 FROM (WITH kept AS MATERIALIZED (%(kept)s) %(arms)s) AS o""",
            customary=self._customary_sql(), kept=self._kept_sql(first, last), arms=SQL(" UNION ALL ").join(arms))

    # ------------------------------------------------------------
    # PARTS
    # ------------------------------------------------------------

    @api.model
    def _kept_sql(self, first, last):
        """Return SQL with the anniversaries that are kept in these days: ``date``, ``year``, ``calendar``, ``month``,
        ``day``, ``leap``."""
        return SQL(
            """SELECT * FROM unnest(%s::date[], %s::int[], %s::text[], %s::int[], %s::int[], %s::bool[])
                   AS k (date, year, calendar, month, day, leap)""",
            *self._kept(first, last, self.env['res.config.settings']._customer_success('leap_day_in_march')))

    @api.model
    @ormcache('first', 'last', 'in_march')
    def _kept(self, first, last, in_march):
        """Return the columns of :meth:`_kept_sql`: they follow from the calendar alone, and every look at the coming occasions
        asks for the same days.

        :rtype: tuple[list]
        """
        rows = []
        for date in anniversaries.days_between(first, last):
            found = anniversaries.kept_on(date, in_march)
            try:
                found += anniversaries.lunar_kept_on(date)
            except CalendarError as error:
                # Gregorian days go on without the lunar calendar
                _logger.warning("Lunar occasions of %s are left out: %s", date, error)
            rows += [(date, year, 'lunar' if a.lunar else 'gregorian', a.month, a.day, a.leap) for year, a in found]
        return tuple(map(list, zip(*rows, strict=True)))

    @api.model
    def _customers_sql(self):
        """Return SQL with the customers that are greeted, their culture and since when they are customers."""
        return SQL(
            """SELECT p.id, p.user_id, p.customer_tier_id AS tier_id, p.country_id,
                      %(company)s AS company_id,
                      %(culture)s AS culture_id, COALESCE(p.customer_first_order, p.customer_managed_since) AS since
                 FROM res_partner p
            LEFT JOIN res_users u ON u.id = p.user_id
                WHERE p.customer_managed IS TRUE AND p.active AND p.customer_do_not_contact IS NOT TRUE""",
            company=self.env['customer.responsibility']._company_sql('p', 'u'),
            culture=self.env['customer.culture']._partner_sql('p'))

    @api.model
    def _of_people_sql(self):
        """Return SQL with customers ``c`` and their people ``p``, the customer itself among them, who may be contacted."""
        return SQL(
            """(%s) AS c JOIN res_partner p
                 ON p.commercial_partner_id = c.id AND p.active AND p.customer_do_not_contact IS NOT TRUE""",
            self._customers_sql())

    @api.model
    def _row_sql(self, source):
        """Return SQL with the columns of :meth:`_sql`, of a customer ``c``, a kind ``t`` and what a source says; instead of
        whether it is customary, the ``tier_id`` of the customer and ``greet``: whether this person is greeted on it,
        *culture* (the default), *always* or *never*.

        :param dict source: SQL by column
        """
        values = {
            'occasion_id': SQL("NULL::int"), 'festival_id': SQL("NULL::int"), 'moment': SQL("0"), 'since': SQL("NULL::int"),
            'note': SQL("NULL::varchar"), 'greet': SQL("'culture'::varchar"), **source}
        return SQL(
            """SELECT %(id)s AS id, %(partner_id)s AS partner_id, c.id AS customer_id, c.user_id, c.company_id, c.culture_id,
                      t.id AS kind_id, %(occasion_id)s AS occasion_id, %(festival_id)s AS festival_id, %(year)s AS year,
                      %(moment)s AS moment, %(date)s AS date, %(since)s AS since, %(note)s AS note,
                      c.tier_id, %(greet)s AS greet""", **values)

    @api.model
    def _customary_sql(self):
        """Return SQL for whether an occasion ``o`` is greeted on. It stands once around all sources, where it is asked of what
        was found and not of what was looked at: in each of them it made up half of planning the statement."""
        return SQL(
            """CASE o.greet WHEN 'always' THEN TRUE WHEN 'culture' THEN NOT EXISTS (
                   SELECT 1 FROM customer_culture_greeting_off off
                     JOIN customer_culture culture ON culture.id = o.culture_id
                    WHERE off.customer_occasion_kind_id = o.kind_id
                      AND off.customer_culture_id IN (culture.id, culture.parent_id))
               AND (NOT EXISTS (SELECT 1 FROM customer_occasion_kind_tier kt WHERE kt.customer_occasion_kind_id = o.kind_id)
                    OR EXISTS (SELECT 1 FROM customer_occasion_kind_tier kt
                                WHERE kt.customer_occasion_kind_id = o.kind_id AND kt.customer_tier_id = o.tier_id))
               ELSE FALSE END""")

    @api.model
    def _not_noted_sql(self, partner):
        """Return SQL for: nothing of the kind ``t``, or of one that takes its place, is noted on the partner.

        :param SQL partner: expression of the partner's id
        """
        return SQL(
            """NOT EXISTS (SELECT 1 FROM customer_occasion own
                             JOIN customer_occasion_kind own_kind ON own_kind.id = own.kind_id
                            WHERE own.active AND own.partner_id = %s
                              AND (own_kind.id = t.id OR own_kind.active AND own_kind.instead_of_id = t.id))""", partner)

    # ------------------------------------------------------------
    # SOURCES
    # ------------------------------------------------------------

    @api.model
    def _noted_row_sql(self, **source):
        """Return the columns of what somebody noted, an occasion ``o``."""
        return self._row_sql({
            'id': SQL("o.id::bigint * 4"), 'partner_id': SQL("p.id"), 'occasion_id': SQL("o.id"), 'note': SQL("o.note"),
            'greet': SQL("o.greet"), **source})

    @api.model
    def _yearly_sql(self):
        """Return SQL with the yearly occasions that somebody noted."""
        return SQL(
            """%(row)s
                 FROM %(people)s
                 JOIN customer_occasion o ON o.partner_id = p.id AND o.active
                 JOIN customer_occasion_kind t ON t.id = o.kind_id AND t.active AND NOT COALESCE(t.once, FALSE)
                  AND t.source <> 'festival'
                 JOIN kept k ON k.calendar = o.calendar AND k.month = o.month AND k.day = o.day
                  AND k.leap = COALESCE(o.leap, FALSE) AND k.year >= COALESCE(o.year, 0)""",
            people=self._of_people_sql(),
            row=self._noted_row_sql(year=SQL("k.year"), date=SQL("k.date"), since=SQL("NULLIF(o.year, 0)")))

    @api.model
    def _once_sql(self, first, last):
        """Return SQL with the key moments that somebody noted."""
        return SQL(
            """%(row)s
                 FROM %(people)s
                 JOIN customer_occasion o ON o.partner_id = p.id AND o.active AND o.date BETWEEN %(first)s AND %(last)s
                 JOIN customer_occasion_kind t ON t.id = o.kind_id AND t.active AND t.once""",
            people=self._of_people_sql(), first=first, last=last, row=self._noted_row_sql(
                year=SQL("EXTRACT(YEAR FROM o.date)::int"), moment=SQL("o.id"), date=SQL("o.date")))

    @api.model
    def _observed_sql(self, first, last):
        """Return SQL with the festivals that people observe, on the days of their country."""
        return SQL(
            """%(row)s
                 FROM %(people)s
                 JOIN customer_occasion o ON o.partner_id = p.id AND o.active
                 JOIN customer_occasion_kind t ON t.id = o.kind_id AND t.active AND t.source = 'festival'
                 JOIN customer_festival f ON f.id = o.festival_id AND f.active
                 JOIN customer_festival_date d ON d.festival_id = f.id AND d.date_from BETWEEN %(first)s AND %(last)s
                  AND %(holds)s""",
            people=self._of_people_sql(), first=first, last=last,
            holds=self.env['customer.festival.date']._holds_sql('d', SQL("COALESCE(p.country_id, c.country_id)")),
            row=self._noted_row_sql(festival_id=SQL("d.festival_id"), year=SQL("d.year"), date=SQL("d.date_from")))

    @api.model
    def _birthdates_sql(self):
        """Return SQL with the birthdays of people whose birth date is known."""
        return SQL(
            """%(row)s
                 FROM %(people)s
                 JOIN customer_occasion_kind t ON t.active AND t.source = 'birthdate'
                 JOIN kept k ON k.calendar = 'gregorian' AND k.month = EXTRACT(MONTH FROM p.birthdate_date)::int
                  AND k.day = EXTRACT(DAY FROM p.birthdate_date)::int
                WHERE p.birthdate_date IS NOT NULL AND p.is_company IS NOT TRUE
                  AND k.year >= EXTRACT(YEAR FROM p.birthdate_date)::int AND %(not_noted)s""",
            people=self._of_people_sql(), not_noted=self._not_noted_sql(SQL("p.id")), row=self._row_sql({
                'id': SQL("p.id::bigint * 4 + 1"), 'partner_id': SQL("p.id"), 'year': SQL("k.year"), 'date': SQL("k.date"),
                'since': SQL("EXTRACT(YEAR FROM p.birthdate_date)::int")}))

    @api.model
    def _cooperations_sql(self):
        """Return SQL with the anniversaries of the first order."""
        return SQL(
            """%(row)s
                 FROM (%(customers)s) AS c
                 JOIN customer_occasion_kind t ON t.active AND t.source = 'cooperation'
                 JOIN kept k ON k.calendar = 'gregorian' AND k.month = EXTRACT(MONTH FROM c.since)::int
                  AND k.day = EXTRACT(DAY FROM c.since)::int
                WHERE k.year > EXTRACT(YEAR FROM c.since)::int AND %(not_noted)s""",
            customers=self._customers_sql(), not_noted=self._not_noted_sql(SQL("c.id")), row=self._row_sql({
                'id': SQL("c.id::bigint * 4 + 2"), 'partner_id': SQL("c.id"), 'year': SQL("k.year"), 'date': SQL("k.date"),
                'since': SQL("EXTRACT(YEAR FROM c.since)::int")}))

    @api.model
    def _festivals_sql(self, first, last):
        """Return SQL with the festivals of the customers' cultures, on the days of their country; where people of a customer
        observe one themselves, they are greeted and not the customer."""
        return SQL(
            """%(row)s
                 FROM (%(customers)s) AS c
                 JOIN customer_occasion_kind t ON t.active AND t.source = 'festival'
                 JOIN (SELECT DISTINCT culture.id AS culture_id, d.*
                         FROM (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS total
                                 FROM customer_festival_date
                                WHERE date_from BETWEEN %(first)s AND %(last)s
                                  AND festival_id IN (SELECT festival_id FROM customer_culture_period WHERE greet)) AS d
                         JOIN customer_festival f ON f.id = d.festival_id AND f.active
                         JOIN customer_culture_period r ON r.festival_id = f.id AND r.greet AND r.effect = 'suggest'
                         JOIN customer_culture culture ON r.culture_id IN (culture.id, culture.parent_id)) AS d
                   ON d.culture_id = c.culture_id
                WHERE %(holds)s
                  AND NOT EXISTS (SELECT 1 FROM customer_occasion own JOIN res_partner who ON who.id = own.partner_id
                                   WHERE own.active AND own.kind_id = t.id AND own.festival_id = d.festival_id
                                     AND who.commercial_partner_id = c.id AND who.active
                                     AND (own.greet <> 'never' OR who.id = c.id))""",
            customers=self._customers_sql(), first=first, last=last,
            holds=self.env['customer.festival.date']._holds_sql('d', SQL("c.country_id")), row=self._row_sql({
                'id': SQL("(c.id::bigint * d.total + d.place) * 4 + 3"), 'partner_id': SQL("c.id"),
                'festival_id': SQL("d.festival_id"), 'year': SQL("d.year"), 'date': SQL("d.date_from")}))
