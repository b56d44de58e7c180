from odoo import api, models
from odoo.tools import SQL
from odoo.tools.i18n import format_list

#: What stands in the way of writing on a medium: the column with the address, and the list of who opted out, with the
#: column of the list and that of the contact that is looked up in it.
MEDIA = {
    'email': ('email_normalized', 'mail_blacklist', 'email', 'email_normalized'),
    'sms': ('phone', 'phone_blacklist', 'number', 'phone_sanitized'),
    'phone': ('phone', None, None, None),
}

#: More people than these are not named in a sentence.
NAMED = 5


class CustomerAddressee(models.AbstractModel):
    """Whom we may talk and write to at a customer: asked here each time, and nowhere else.

    Who is asked for may have left since, or have said no: so nobody is set once and for all. May be written to who is
    active, with this customer still, not stopped, has an address for the medium and did not opt out of it, and whose
    contact is a person and not an address for invoices or parcels; unless somebody chose just that.
    """

    _name = 'customer.addressee'
    _description = "Whom We May Write To"

    # ------------------------------------------------------------
    # THE RULE
    # ------------------------------------------------------------

    @api.model
    def _reasons(self, person, customer, medium, chosen):
        """Return why a contact may not be written to, the first that holds counts; other wings add theirs.

        :param SQL person: relation of the contact
        :param SQL customer: relation of the customer
        :param medium: of the channel, see ``customer.channel.medium``; None: whoever can be spoken to
        :param SQL chosen: condition that somebody chose this contact
        :return: by key, see :meth:`_texts`, the condition
        :rtype: dict[str, SQL]
        """
        reasons = {
            'archived': SQL("%s.active IS NOT TRUE", person),
            'moved': SQL("%s.commercial_partner_id <> %s.id", person, customer),
            'place': SQL("%(person)s.id <> %(customer)s.id AND %(person)s.type <> 'contact' AND NOT %(chosen)s",
                         person=person, customer=customer, chosen=chosen),
        }
        if medium in MEDIA:
            address, blacklist, entry, looked_up = MEDIA[medium]
            reasons['no_address'] = SQL("COALESCE(%s.%s, '') = ''", person, SQL.identifier(address))
            if blacklist:
                reasons['opted_out'] = SQL(
                    "EXISTS (SELECT 1 FROM %s AS opted WHERE opted.active AND opted.%s = %s.%s)",
                    SQL.identifier(blacklist), SQL.identifier(entry), person, SQL.identifier(looked_up))
        return reasons

    @api.model
    def _texts(self, medium):
        """Return the reasons as people read them, by key."""
        return {
            'archived': self.env._("archived"),
            'moved': self.env._("not with this customer any more"),
            'place': self.env._("an address for invoices or parcels"),
            'no_address': self.env._("no email address") if medium == 'email' else self.env._("no phone number"),
            'opted_out': self.env._("wants no emails") if medium == 'email' else self.env._("wants no text messages"),
        }

    @api.model
    def _alone_sql(self, customer):
        """Return SQL that is true for a customer that has nobody with an email besides itself.

        :param SQL customer: its id
        """
        return SQL(
            """NOT EXISTS (SELECT 1 FROM res_partner other
                            WHERE other.commercial_partner_id = %(customer)s AND other.id <> %(customer)s AND other.active
                              AND other.type = 'contact' AND other.email_normalized IS NOT NULL)""", customer=customer)

    @api.model
    def _why_not_sql(self, person, customer, medium=None, chosen=None):
        """Return SQL for why a contact may not be written to: a key of :meth:`_texts`, or null if it may be.

        :param SQL person: relation of the contact
        :param SQL customer: relation of the customer
        :param medium: see :meth:`_reasons`
        :param SQL chosen: condition that somebody chose this contact
        """
        reasons = self._reasons(person, customer, medium, chosen or SQL("FALSE"))
        return SQL("CASE %s END", SQL(" ").join(SQL("WHEN %s THEN %s", sql, key) for key, sql in reasons.items()))

    @api.model
    def _asked_sql(self, person, customer):
        """Return SQL for the day on which a contact was last asked by us, for this customer. The wing cadence knows it.

        :param SQL person: expression of the contact's id
        :param SQL customer: expression of the customer's id
        """
        return SQL("NULL::date")

    @api.model
    def _flush(self):
        """Write what the statements read; wings add theirs."""
        for model in ('res.partner', 'mail.blacklist', 'phone.blacklist'):
            self.env[model].flush_model()

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    @api.model
    def _people(self, customer, medium=None, chosen=None):
        """Return who may be written to at a customer, and who not: who was chosen first, then who was asked last, then the
        customer itself, then the other people.

        :param customer: commercial partner
        :param medium: see :meth:`_reasons`
        :param chosen: res.partner that somebody chose, may be empty or have left
        :return: contacts, and those that may not be, with the key of the reason
        :rtype: tuple[res.partner, list[tuple]]
        """
        self._flush()
        asked, chosen_ids = self._asked_sql(SQL("x.id"), SQL("c.id")), chosen.ids if chosen else []
        is_chosen = SQL("x.id = ANY(%s)", chosen_ids)
        rows = self.env.execute_query(SQL(
            """SELECT x.id, %(why_not)s
                 FROM res_partner c
                 JOIN res_partner x ON x.commercial_partner_id = %(customer)s OR %(is_chosen)s
                WHERE c.id = %(customer)s AND (x.active OR %(is_chosen)s)
             ORDER BY %(is_chosen)s DESC, %(asked)s DESC NULLS LAST, x.id <> c.id, x.id""",
            why_not=self._why_not_sql(SQL("x"), SQL("c"), medium, is_chosen), is_chosen=is_chosen,
            customer=customer.id, asked=asked))
        partners = self.env['res.partner']
        return (
            partners.browse(person_id for person_id, why_not in rows if not why_not),
            [(partners.browse(person_id), why_not) for person_id, why_not in rows if why_not])

    @api.model
    def _first_people(self, pairs, medium):
        """Return who is written to first at customers, in the order of :meth:`_people`.

        :param pairs: ids of customer and of the contact that somebody chose, 0 for none
        :param medium: see :meth:`_reasons`
        :return: id of the contact by pair; customers are missing at whom nobody may be
        :rtype: dict[tuple[int, int], int]
        """
        pairs = sorted(set(pairs))
        if not pairs:
            return {}
        self._flush()
        is_chosen = SQL("x.id = d.chosen_id")
        rows = self.env.execute_query(SQL(
            """WITH pair AS (SELECT * FROM unnest(%(customers)s::int[], %(chosen)s::int[]) AS p (customer_id, chosen_id)),
                    candidate AS (
                    SELECT p.customer_id, p.chosen_id, x.id AS person_id
                      FROM pair p JOIN res_partner x ON x.commercial_partner_id = p.customer_id AND x.active
                     UNION
                    SELECT customer_id, chosen_id, chosen_id FROM pair WHERE chosen_id <> 0)
             SELECT DISTINCT ON (d.customer_id, d.chosen_id) d.customer_id, d.chosen_id, x.id
               FROM candidate d
               JOIN res_partner x ON x.id = d.person_id
               JOIN res_partner c ON c.id = d.customer_id
              WHERE (%(why_not)s) IS NULL
           ORDER BY d.customer_id, d.chosen_id, %(is_chosen)s DESC, %(asked)s DESC NULLS LAST, x.id <> c.id, x.id""",
            customers=[customer_id for customer_id, __ in pairs], chosen=[chosen_id for __, chosen_id in pairs],
            why_not=self._why_not_sql(SQL("x"), SQL("c"), medium, is_chosen), is_chosen=is_chosen,
            asked=self._asked_sql(SQL("x.id"), SQL("c.id"))))
        return {(customer_id, chosen_id): person_id for customer_id, chosen_id, person_id in rows}

    @api.model
    def _refused(self, pairs, medium, chosen=False):
        """Return which contacts may not be written to, with the key of the reason.

        :param pairs: ids of contact and customer
        :param bool chosen: somebody chose them
        :rtype: dict[int, str]
        """
        pairs = list(pairs)
        if not pairs:
            return {}
        self._flush()
        why_not = self._why_not_sql(SQL("x"), SQL("c"), medium, SQL("TRUE") if chosen else None)
        return dict(self.env.execute_query(SQL(
            """SELECT person_id, why_not
                 FROM (SELECT x.id AS person_id, %s AS why_not
                         FROM unnest(%s::int[], %s::int[]) AS pair (person_id, customer_id)
                         JOIN res_partner x ON x.id = pair.person_id
                         JOIN res_partner c ON c.id = pair.customer_id) AS looked WHERE why_not IS NOT NULL""",
            why_not, [person_id for person_id, __ in pairs], [customer_id for __, customer_id in pairs])))

    @api.model
    def _describe_refused(self, customer, medium, refused):
        """Return a sentence that says that nobody may be written to, who was there, and why not.

        :param refused: see :meth:`_people`
        """
        texts = self._texts(medium)
        people = [self.env._("%(person)s: %(reason)s", person=person.sudo().name or '', reason=texts[key])  # may be hidden
                  for person, key in refused[:NAMED]]
        if not people:
            return self.env._("Nobody of %(customer)s may be written to.", customer=customer.display_name)
        return self.env._("Nobody of %(customer)s may be written to (%(people)s).", customer=customer.display_name,
                          people=format_list(self.env, people, style='unit'))
