from odoo import api, models
from odoo.tools import SQL, format_date

#: So many contacts of a customer are looked at for something to say.
CONTACTS = 4

#: A greeting quotes a line, not minutes.
LONGEST = 140


class CustomerGreetingFacts(models.AbstractModel):
    """Finds something to say that is known of one person (CUL-4).

    In this order: the note on the occasion; what was said in the last contacts with this person, or with the customer when
    nobody is named; since when we work together. What a colleague of the person said is left alone, and so are problems:
    a greeting is not the place. Nobody gets what somebody else gets on the same occasion.

    Notes are written for us. A letter quotes those that somebody marked as what may be told; the others are for the eyes
    of whoever writes it (``customer.greeting.aside``).
    """

    _name = 'customer.greeting.facts'
    _description = "What Greetings Quote"

    @api.model
    def _choose(self, greetings):
        """Find each greeting its fact.

        :param greetings: customer.greeting
        :return: values of each
        :rtype: dict
        """
        contacts = self._last_contacts(greetings.customer_id.ids)
        greetings.customer_id.fetch(['customer_first_order'])
        options = {greeting: self._options(greeting, contacts) for greeting in greetings}
        taken = self._taken(greetings, {text for facts in options.values() for __, text, __ in facts})
        chosen = {}
        for greeting, facts in options.items():
            occasion = (greeting.kind_id.id, greeting.festival_id.id, greeting.year)
            source, text, day = next(
                (fact for fact in facts if (*occasion, fact[1]) not in taken), ('none', False, False))
            taken.add((*occasion, text))
            chosen[greeting] = {'fact_source': source, 'fact': text or None, 'fact_day': day or None}
        return chosen

    @api.model
    def _options(self, greeting, contacts):
        """Return what may be told, the most personal first.

        :return: source, text and day of each
        :rtype: list[tuple]
        """
        here = self.with_context(lang=greeting._language())
        options, occasion = [], greeting.occasion_id
        note = occasion.note if occasion.may_tell else False
        if note and note.strip():
            options.append(('note', here.env._("I have not forgotten: %(note)s.", note=note.strip().rstrip('.。')), False))
        person = greeting._person()
        alone = person == greeting.customer_id
        rows = contacts.get(greeting.customer_id.id, [])
        own = [row for row in rows if row[0] == person.id]
        unnamed = [row for row in rows if row[0] != person.id and (alone or not row[0])]
        for __, day, said in [*own, *unnamed]:
            text = said.strip().split('\n')[0].rstrip('.。')
            options.append(('contact', here.env._(
                "I often think of our talk on %(day)s: “%(text)s”.", day=format_date(here.env, day),
                text=text if len(text) <= LONGEST else f'{text[:LONGEST].rsplit(" ", 1)[0]} …'), day))
        first = greeting.customer_id.customer_first_order
        if first:
            options.append(('since', here.env._(
                "It is good to have worked together since your first order on %(day)s.", day=format_date(here.env, first)),
                first))
        return options

    @api.model
    def _last_contacts(self, customer_ids):
        """Return the last contacts of customers in which something was said that may be told.

        :return: contact person, day and what was said, the latest first, by customer
        :rtype: dict[int, list[tuple]]
        """
        self.env['customer.followup'].flush_model()
        found = {}
        for customer_id, *row in self.env.execute_query(SQL(
                """SELECT c.id, f.contact_id, f.contact_day, f.feedback
                     FROM unnest(%s::int[]) AS c(id)
       CROSS JOIN LATERAL (SELECT * FROM customer_followup f
                            WHERE f.partner_id = c.id AND f.state = 'done' AND f.qualifies AND f.may_tell
                              AND f.greeting_id IS NULL AND f.sent_message_id IS NULL
                              AND f.outcome <> 'problem' AND trim(f.feedback) <> ''
                         ORDER BY f.contact_at DESC, f.id DESC LIMIT %s) AS f""", list(customer_ids), CONTACTS)):
            found.setdefault(customer_id, []).append(row)
        return found

    @api.model
    def _taken(self, greetings, texts):
        """Return which of these texts other greetings of the same occasions say already.

        :rtype: set[tuple]: kind id, festival id, year, text
        """
        others = self.env['customer.greeting'].search_fetch([
            ('kind_id', 'in', greetings.kind_id.ids), ('year', 'in', list(set(greetings.mapped('year')))),
            ('fact', 'in', list(texts)), ('id', 'not in', greetings.ids),
        ], ['kind_id', 'festival_id', 'year', 'fact'])
        return {(other.kind_id.id, other.festival_id.id, other.year, other.fact) for other in others}
