from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, plaintext2html
from odoo.tools.i18n import format_list

#: What of a contact makes it leave a customer, or take another position there.
WATCHED = {'active', 'parent_id', 'function', 'is_company'}

#: Changes by which a person does not belong to the customer any more.
LEFT = ('employer', 'archived', 'merged', 'deleted')


class Known(NamedTuple):
    """What was known of a contact person before it was written.

    :param customer: its customer
    :param position: as it was written
    :param seats: customer.seat that it held
    """

    customer: object
    position: str
    seats: object


class CustomerPersonChange(models.Model):
    """A person of a customer left it, or took another position there (PRO-3).

    The one place that sees it, by whatever path a contact is written: form, list, import, another program, merging. It says so
    on the customer, vacates the seats that the person held, and is what touchpoints wait for that bring us back into touch.
    What is taken back (the contact is unarchived, or moved back) is taken back here too: a slip of the hand leaves no trace
    but its history.
    """

    _name = 'customer.person.change'
    _description = "Change of a Contact Person"
    _order = 'date desc, id desc'
    _rec_name = 'person_name'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade',
        help="The customer that it was a person of.")
    person_id = fields.Many2one(
        comodel_name='res.partner', readonly=True, index='btree_not_null', ondelete='set null')
    person_name = fields.Char(string="Name", required=True, readonly=True)
    kind = fields.Selection(
        selection=[
            ('position', "Another position"), ('employer', "Another company"), ('archived', "Archived"),
            ('merged', "Merged into somebody elsewhere"), ('deleted', "Deleted")],
        string="What Became of It", required=True, readonly=True)
    position = fields.Char(readonly=True, help="The one it had until then.")
    after = fields.Char(string="Now", readonly=True, help="The new position, or the new company.")
    roles = fields.Char(string="Roles until Then", readonly=True)
    date = fields.Date(required=True, readonly=True, index=True)
    event_date = fields.Date(
        string="Counted On", required=True, readonly=True,
        help="Who leaves while we get in touch anew because of somebody else belongs to that: one follow-up is enough.")
    user_id = fields.Many2one(comodel_name='res.users', string="Changed By", readonly=True, ondelete='set null')
    undone_on = fields.Date(string="Taken Back On", readonly=True, help="The person is there again, as before.")
    manager_id = fields.Many2one(related='partner_id.user_id', string="Account Manager")

    # ------------------------------------------------------------
    # WATCHING
    # ------------------------------------------------------------

    @api.model
    def _known(self, partners, names):
        """Return what is known of people of customers before contacts are written.

        :param partners: the contacts that are written
        :param names: of the fields that are written
        :rtype: dict[res.partner, Known]
        """
        if not WATCHED & set(names) or not partners:
            return {}
        # whoever may edit a contact need not see customer care
        partners = partners.sudo()
        seats = self.env['customer.seat'].sudo()  # as above
        # a department moves with its people
        seats = seats.search(Domain('person_id', 'child_of' if {'parent_id', 'is_company'} & set(names) else 'in', partners.ids))
        held = seats.grouped('person_id')
        people = partners.filtered(lambda partner: partner._is_customer_person()) if WATCHED - {'function'} & set(names) \
            else partners.browse()
        return {person: Known(person.commercial_partner_id, person.function or '', held.get(person, seats.browse()))
                for person in people.union(*held)}

    @api.model
    def _note_written(self, partners, before):
        """Note which people of customers left or changed when contacts were written, and who is back.

        :param partners: the contacts that were written
        :param before: what :meth:`_known` returned
        """
        changes = []
        for person, known in before.items():
            # a customer that became a part of another one takes its people along; one that is archived loses nobody
            customer = known.customer.commercial_partner_id
            kind = customer.active and self._kind(person, customer, known)
            if kind:
                after = {'employer': person.commercial_partner_id.name if person.commercial_partner_id != person else False,
                         'position': person.function}.get(kind)
                changes.append((person, known._replace(customer=customer), kind, after))
        people = partners.sudo().union(*before)  # as above
        self._take_back(people)
        self._note(changes)
        self._follow(people)

    @api.model
    def _kind(self, person, customer, known):
        """Return what became of a person of a customer, or None."""
        if not person.active:
            return 'archived'
        if person.commercial_partner_id != customer:
            return 'employer'
        if known.seats and self._is_other_position(known.position, person.function):
            return 'position'
        return None

    @api.model
    def _is_other_position(self, before, after):
        """Return whether somebody has another position; one that is noted for the first time, or written otherwise, is none."""
        before, after = (' '.join((text or '').split()).casefold() for text in (before, after))
        return bool(before and after and before != after)

    @api.model
    def _note_deleted(self, partners):
        """Note that people are deleted who hold seats.

        :param partners: contacts that are about to be deleted
        """
        seats = self.env['customer.seat'].sudo()._held_by(partners)  # as above
        changes = [
            (person, Known(person.commercial_partner_id, person.function or '', own), 'deleted', None)
            for person, own in seats.grouped('person_id').items() if person.commercial_partner_id not in partners]
        self._note(changes)

    @api.model
    def _note_merged(self, sources, kept):
        """Note that people of customers are merged into somebody who is elsewhere, before they are.

        :param sources: the contacts that go
        :param kept: the contact that stays
        """
        above = kept.parent_id or sources.filtered('parent_id')[-1:].parent_id  # what Odoo fills in
        there = kept.commercial_partner_id if kept.is_company or kept.parent_id else above.commercial_partner_id or kept
        changes = []
        for person in sources.filtered(lambda source: source._is_customer_person() and source.commercial_partner_id != there):
            seats = self.env['customer.seat']._held_by(person)
            changes.append((person, Known(person.commercial_partner_id, person.function or '', seats), 'merged', there.name))
        self._note(changes)

    # ------------------------------------------------------------
    # NOTING
    # ------------------------------------------------------------

    @api.model
    def _note(self, changes):
        """Keep changes of people, vacate their seats, and say so on their customers.

        :param list changes: of person, what was known of it, the kind and what it is now
        """
        if not changes:
            return
        today, names = fields.Date.context_today(self), self.env['customer.contact.role']._get_names()
        counted = self._counted_on([known.customer.id for __, known, *__ in changes], today)
        # nobody writes what happened
        rows = self.sudo().create([{
            'partner_id': known.customer.id, 'person_id': person.id, 'person_name': person.name or person.email or '–',
            'kind': kind, 'position': known.position or False, 'after': after, 'date': today,
            'roles': format_list(self.env, [names.get(seat.role_id.id, '') for seat in known.seats], style='unit')
            if known.seats else False,
            'event_date': counted[known.customer.id], 'user_id': self.env.uid,
        } for person, known, kind, after in changes])
        for row, (person, known, kind, __) in zip(rows, changes, strict=True):
            known.seats.with_env(rows.env)._vacate(kind, {person.id: row.id})
        for customer, own in rows.grouped('partner_id').items():
            says = own.with_context(lang=customer.user_id.lang or self.env.lang)
            customer._message_log(body=plaintext2html("\n".join(row._describe() for row in says)))
        rows._note_changed()

    @api.model
    def _counted_on(self, partner_ids, today):
        """Return the day that a change counts for, by id of the customer; a wing that knows what is open says more.

        :param partner_ids: ids of customers
        :param date today: the day of the change
        :rtype: dict[int, date]
        """
        return dict.fromkeys(partner_ids, today)

    def _describe(self):
        """Return what changed in a sentence, in the language of the context."""
        values = {'person': self.person_name, 'position': self.position or '', 'after': self.after or ''}
        if self.position:
            values['person'] = self.env._("%(name)s (%(position)s)", name=self.person_name, position=self.position)
        texts = {
            'position': self.env._("%(person)s has another position now: %(after)s.", **values),
            'employer': self.env._("%(person)s is with %(after)s now.", **values) if self.after
            else self.env._("%(person)s is not with them any more.", **values),
            'archived': self.env._("%(person)s is not with them any more.", **values),
            'merged': self.env._("%(person)s is with %(after)s now.", **values),
            'deleted': self.env._("%(person)s is not on file any more.", **values),
        }
        if self.roles:
            return self.env._("%(what)s A seat is vacant: %(roles)s.", what=texts[self.kind], roles=self.roles)
        return texts[self.kind]

    # ------------------------------------------------------------
    # TAKING BACK
    # ------------------------------------------------------------

    @api.model
    def _take_back(self, people):
        """Take back what does not hold of people any more: they are with the customer that they left, in the position that they
        had. Seats that nobody took meanwhile are theirs again.

        :param people: contacts
        """
        rows = self.sudo().search(Domain('person_id', 'in', people.ids) & Domain('undone_on', '=', False))  # nobody writes them
        rows = rows.filtered(lambda row: row.person_id.active and row.person_id.commercial_partner_id == row.partner_id and (
            row.kind in LEFT or row.position and not self._is_other_position(row.position, row.person_id.function)))
        if not rows:
            return
        rows.write({'undone_on': fields.Date.context_today(self)})
        rows._seat_again()
        for customer, own in rows.grouped('partner_id').items():
            env = own.with_context(lang=customer.user_id.lang or self.env.lang).env
            customer._message_log(body=plaintext2html("\n".join(
                env._("%(person)s is there again, as before.", person=row.person_name) for row in own)))
        rows._note_changed()

    def _seat_again(self):
        """Give seats back that were vacated by these changes and that nobody took meanwhile."""
        terms = self.env['customer.seat.term'].search(Domain('change_id', 'in', self.ids))
        for term in terms.filtered(lambda term: term.person_id and not term.seat_id.person_id):
            seat, person = term.seat_id, term.person_id
            if person in seat.search([('partner_id', '=', seat.partner_id.id), ('role_id', '=', seat.role_id.id)]).person_id:
                continue
            seat.write({'person_id': person.id, 'since': term.date_from, **{
                name: term[name] for name in ('attitude', 'known_by', 'known_note')}})
            # it went on: the new one says nothing else
            term.unlink()

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    def _note_changed(self):
        """Hook for the wings: something of this changed for its customers."""

    @api.model
    def _follow(self, people):
        """Hook for the wings: contacts were archived, moved or given another position, whether they hold a seat or not. What is
        open for them follows at once.

        :param people: the contacts
        """

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    @api.model
    def _standing_sql(self, partner_ids=None):
        """Return SQL that selects the changes that were not taken back: ``partner_id``, ``person_id`` and ``event_date``.

        :param partner_ids: ids of customers, or None for all
        """
        self.flush_model()
        only = SQL("AND change.partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        return SQL(
            """SELECT change.partner_id, change.person_id, change.event_date
                 FROM customer_person_change change WHERE change.undone_on IS NULL %s""", only)
