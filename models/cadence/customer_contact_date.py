from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: What a follow-up has to be to count: open, or a contact that reached somebody.
COUNTS = "(f.state = 'planned' OR f.state = 'done' AND f.qualifies)"
#: What of a follow-up the dates hang on, and which one it is.
ROW = "id, partner_id, company_id, state, qualifies, contact_day, date_planned, date_limit"
#: Which follow-ups changed, by what happened; the transition tables are named like this for all three.
CHANGED = {
    'INSERT': f"SELECT f.partner_id FROM fresh f WHERE {COUNTS}",
    'DELETE': f"SELECT f.partner_id FROM gone f WHERE {COUNTS}",
    # each row as it was and as it is, where these differ: a join of the two would be planned by the first statement of a session,
    # and what a single row is compared by takes minutes for tens of thousands
    'UPDATE': f"""SELECT c.partner_id
                    FROM ((SELECT {ROW} FROM gone EXCEPT SELECT {ROW} FROM fresh)
                          UNION ALL
                          (SELECT {ROW} FROM fresh EXCEPT SELECT {ROW} FROM gone)) AS c""",
}
TABLES = {
    'INSERT': "NEW TABLE AS fresh", 'DELETE': "OLD TABLE AS gone", 'UPDATE': "OLD TABLE AS gone NEW TABLE AS fresh"}
#: The dates of some customers, from their follow-ups.
DATES = f"""
INSERT INTO customer_contact_date AS d (partner_id, company_id, last_contact, next_contact, next_limit)
     SELECT f.partner_id, CASE WHEN min(f.company_id) = max(f.company_id) THEN min(f.company_id) END,
            max(f.contact_day) FILTER (WHERE f.state = 'done'),
            min(f.date_planned) FILTER (WHERE f.state = 'planned'), min(f.date_limit) FILTER (WHERE f.state = 'planned')
       FROM customer_followup f
      WHERE %(which)s AND {COUNTS}
   GROUP BY f.partner_id
ON CONFLICT (partner_id) DO UPDATE
        SET company_id = EXCLUDED.company_id, last_contact = EXCLUDED.last_contact,
            next_contact = EXCLUDED.next_contact, next_limit = EXCLUDED.next_limit
      WHERE (d.company_id, d.last_contact, d.next_contact, d.next_limit)
            IS DISTINCT FROM (EXCLUDED.company_id, EXCLUDED.last_contact, EXCLUDED.next_contact, EXCLUDED.next_limit)"""
# The rows are locked before the follow-ups are looked at: of two transactions that change follow-ups of the same customer, the
# second would else keep a date that the first has just taken away. It can't be serialised then, and Odoo repeats it.
FUNCTION = f"""
CREATE OR REPLACE FUNCTION customer_contact_date_%(when)s() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE ids integer[];
BEGIN
    ids := ARRAY(SELECT DISTINCT c.id FROM (%(changed)s) AS c (id) WHERE c.id IS NOT NULL ORDER BY 1);
    IF ids <> '{{}}' THEN
        PERFORM 1 FROM customer_contact_date WHERE partner_id = ANY(ids) ORDER BY partner_id FOR NO KEY UPDATE;
        {DATES % {'which': "f.partner_id = ANY(ids)"}};
        DELETE FROM customer_contact_date d
              WHERE d.partner_id = ANY(ids)
                AND NOT EXISTS (SELECT 1 FROM customer_followup f WHERE f.partner_id = d.partner_id AND {COUNTS});
    END IF;
    RETURN NULL;
END $body$"""
# in two steps: PostgreSQL 13 can't replace a trigger
TRIGGER = """
DROP TRIGGER IF EXISTS customer_contact_date_%(when)s ON customer_followup;
        CREATE TRIGGER customer_contact_date_%(when)s AFTER %(event)s ON customer_followup
            REFERENCING %(tables)s FOR EACH STATEMENT EXECUTE FUNCTION customer_contact_date_%(when)s()"""

#: In the context: a page of customers begins with the first ones by this column and direction, instead of with the contacts.
BY_DATE = 'customer_by_contact_date'
#: In the context: customers are too many to be asked one after the other for the follow-ups that the user may see.
MANY = 'customer_contacts_of_many'
FEW = 2000
#: So many are looked at for such a page. Where the customers of the page are rare among them (a tier that is called once a
#: quarter), sorting all customers is quicker than walking through the days.
FIRST = 10000
WAYS = {'ASC': SQL("ASC"), 'DESC': SQL("DESC")}
COLUMNS = {'customer_last_contact': 'last_contact', 'customer_next_contact': 'next_contact'}

#: Where the dates stand: among those that are kept, and of which follow-ups.
KEPT = {'contact': 'last_contact', 'planned': 'next_contact', 'limit': 'next_limit'}
#: Those of leads have no customer: in a list that is searched in, a missing one would hide all others.
OF_CUSTOMERS = Domain('partner_id', '!=', False)
OPEN = OF_CUSTOMERS & Domain('state', '=', 'planned')
FOLLOWUPS = {
    'contact': ('contact_day', OF_CUSTOMERS & Domain('state', '=', 'done') & Domain('qualifies', '=', True)),
    'planned': ('date_planned', OPEN), 'limit': ('date_limit', OPEN)}


class CustomerContactDate(models.Model):
    """When somebody was last in touch with a customer, and when it is to be next: one row for each customer with follow-ups,
    beside the contact, so that lists of 200,000 customers are sorted and filtered by an index and the contact's own row,
    which Odoo has on every page, is not written each time.

    The database itself keeps the rows, at the end of each statement that changes follow-ups: whoever writes them, by
    whatever way, the dates are right in the same transaction. Nothing here depends on today.
    """

    _name = 'customer.contact.date'
    _description = "Contact Dates of a Customer"
    _log_access = False
    _rec_name = 'partner_id'
    _order = 'next_contact, id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(
        comodel_name='res.company', readonly=True, ondelete='cascade',
        help="The company of all its follow-ups. Empty where they are of several.")
    last_contact = fields.Date(readonly=True, help="The last time somebody was reached.")
    next_contact = fields.Date(readonly=True, help="The day of the earliest open follow-up.")
    next_limit = fields.Date(readonly=True, help="The earliest day by which an open follow-up has to be made.")

    _partner_uniq = models.UniqueIndex('(partner_id)', "A customer has its dates once.")
    _next_idx = models.Index('(next_contact) WHERE next_contact IS NOT NULL')
    _last_idx = models.Index('(last_contact) WHERE last_contact IS NOT NULL')
    _several_idx = models.Index('(partner_id) WHERE company_id IS NULL')

    # ------------------------------------------------------------
    # KEEPING THEM
    # ------------------------------------------------------------

    @api.model
    def _follow(self):
        """Let the database keep the dates from now on, whoever writes follow-ups."""
        for event, changed in CHANGED.items():
            names = {'when': event.lower(), 'event': event, 'changed': changed, 'tables': TABLES[event]}
            self.env.cr.execute(FUNCTION % names)  # pylint: disable=sql-injection
            self.env.cr.execute(TRIGGER % names)  # pylint: disable=sql-injection

    @api.model
    def _fill(self):
        """Make the dates of all customers from their follow-ups, where they were not kept yet."""
        self.env.cr.execute(DATES % {'which': "f.partner_id IS NOT NULL"})  # pylint: disable=sql-injection
        self.invalidate_model()

    @api.model
    def _unfollow(self):
        """Take out of the database what keeps the dates."""
        for event in CHANGED:
            name = SQL.identifier(f'customer_contact_date_{event.lower()}')
            self.env.cr.execute(SQL("DROP FUNCTION IF EXISTS %s CASCADE", name))

    # ------------------------------------------------------------
    # READING THEM
    # ------------------------------------------------------------

    @api.model
    def _visible_sql(self, alias):
        """Return SQL that is true for the dates that are also those of the follow-ups that the user may see; None where the
        record rules of follow-ups hide some of a customer and show others, and these have to be asked.

        :param str alias: of this table
        """
        followups = self.env['customer.followup']
        followups.flush_model(['partner_id', 'company_id', 'state', 'qualifies', 'contact_day', 'date_planned', 'date_limit'])
        if self.env.su:
            return SQL("TRUE")
        followups.check_access('read')
        companies = self.env.companies.ids
        rule = self.env['ir.rule']._compute_domain('customer.followup', 'read')
        # Odoo keeps the rule in memory, and looks at it in all rights: looked at otherwise it is marked as done, and every
        # search after that has subqueries in place of joins
        anyhow = followups.sudo()  # only the domain is looked at
        if rule.optimize_full(anyhow) != Domain('company_id', 'in', companies).optimize_full(anyhow):
            return None
        [[others, several]] = self.env.execute_query(SQL(
            """SELECT EXISTS (SELECT 1 FROM res_company WHERE id <> ALL(%s)),
                      EXISTS (SELECT 1 FROM customer_contact_date WHERE company_id IS NULL)""", companies))
        if not others:
            return SQL("TRUE")
        return None if several else SQL("%s = ANY(%s)", SQL.identifier(alias, 'company_id'), companies)

    @api.model
    def _value_sql(self, alias, name, query):
        """Return SQL for one of the dates of a customer; None where the follow-ups have to be asked.

        :param str alias: of the contacts
        :param str name: ``customer_last_contact`` or ``customer_next_contact``
        :param Query query: to which the dates are joined
        """
        of = 'contact' if name == 'customer_last_contact' else 'planned'
        if query is None or (dates := self._joined(alias, query, of)) is None:
            return None
        return SQL.identifier(dates, COLUMNS[name])

    @api.model
    def _joined(self, alias, query, of='planned'):
        """Join the dates to a query of contacts, and return their alias; None where the follow-ups have to be asked.

        :param str of: which dates are needed, see :meth:`_any_sql`
        """
        dates = query.make_alias(alias, 'contact_dates')
        visible = self._visible_sql(dates)
        if visible is None:
            return self._joined_seen(alias, query, of) if self.env.context.get(MANY) else None
        begins = alias == self.env['res.partner']._table and self._first_asked()
        query.add_join(
            'JOIN' if begins else 'LEFT JOIN', dates, SQL("(%s)", self._first_sql(*begins)) if begins else self._table,
            SQL("%s = %s AND %s", SQL.identifier(dates, 'partner_id'), SQL.identifier(alias, 'id'), visible))
        return dates

    @api.model
    def _joined_seen(self, alias, query, of):
        """Join the dates that the follow-ups give that the user may see, all customers at once, as :meth:`_joined`."""
        __, domain = FOLLOWUPS[of]
        seen, dates = self.env['customer.followup']._search(domain), query.make_alias(alias, f'seen_{of}_dates')
        columns = [SQL.identifier(seen.table, name) for name in ('partner_id', 'contact_day', 'date_planned', 'date_limit')]
        query.add_join('LEFT JOIN', dates, SQL(
            """(SELECT partner_id, max(contact_day) AS last_contact, min(date_planned) AS next_contact,
                       min(date_limit) AS next_limit
                  FROM (%s) AS seen GROUP BY partner_id)""", seen.select(*columns)),
            SQL("%s = %s", SQL.identifier(dates, 'partner_id'), SQL.identifier(alias, 'id')))
        return dates

    @api.model
    def _first_asked(self):
        """Return by which column and in which direction the context wants the first dates; None where it does not."""
        asked = self.env.context.get(BY_DATE)
        # the context comes from outside, too
        return tuple(asked) if asked in [(column, way) for column in COLUMNS.values() for way in WAYS] else None

    @api.model
    def _first_sql(self, column, direction):
        """Return SQL with the first dates, or the last ones.

        :param str column: of this table
        :param str direction: ``ASC`` or ``DESC``
        """
        date = SQL.identifier(column)
        return SQL("SELECT * FROM customer_contact_date WHERE %s IS NOT NULL ORDER BY %s %s LIMIT %s",
                   date, date, WAYS[direction], FIRST)

    @api.model
    def _first_until(self, column, direction):
        """Return the date up to which the first dates are complete, not included; None where they are all there are."""
        rows = self.env.execute_query(SQL(
            "SELECT %s FROM (%s) AS first OFFSET %s", SQL.identifier(column), self._first_sql(column, direction), FIRST - 1))
        return rows[0][0] if rows else None

    @api.model
    def _any_sql(self, alias, name, comparison=None, day=None):
        """Return SQL that is true for customers with any date that compares so, among the follow-ups that the user may see.

        :param str alias: of the contacts
        :param str name: ``contact`` (somebody was reached), ``planned`` (the day of an open follow-up), ``limit`` (its last day)
        :param SQL comparison: an operator; None: any date at all
        :param date day: what the dates are compared with
        """
        customer_id = SQL.identifier(alias, 'id')
        visible = self._visible_sql('kept')
        if visible is None:
            column, domain = FOLLOWUPS[name]
            query = self.env['customer.followup']._search(domain)
            column = SQL.identifier(query.table, column)
            query.add_where(SQL("%s %s %s", column, comparison, day) if comparison else SQL("%s IS NOT NULL", column))
            return SQL("%s IN %s", customer_id, query.subselect(SQL.identifier(query.table, 'partner_id')))
        # the earliest date of a kind is kept of what is open, the latest of what is over: the others follow from these
        column = SQL.identifier('kept', KEPT[name])
        meets = SQL("%s %s %s", column, comparison, day) if comparison else SQL("%s IS NOT NULL", column)
        return SQL("EXISTS (SELECT 1 FROM customer_contact_date kept WHERE kept.partner_id = %s AND %s AND %s)",
                   customer_id, visible, meets)
