from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..platform.local_text import labelled

INFLUENCES = [('high', "High"), ('medium', "Medium"), ('low', "Low")]
ATTITUDES = [
    ('supporter', "Supporter"), ('positive', "Well-disposed"), ('neutral', "Neutral"), ('critical', "Sceptical"),
    ('opponent', "Opponent")]
KNOWN_BY = [
    ('person', "Said so themselves"), ('colleague', "A colleague of theirs said so"),
    ('document', "Contract or organisation chart"), ('public', "Website, network or press"), ('guess', "Our guess")]

#: What stamps an attitude; nobody writes it by hand.
STAMPS = {'attitude_on', 'attitude_by_id', 'term_ids'}

#: What goes with the person who sits there, with what holds for the next one.
OF_THE_PERSON = {'attitude': False, 'attitude_on': False, 'attitude_by_id': False, 'known_by': False, 'known_note': False}

#: What may be missing in a decision chain, the most pressing first.
GAPS = [
    ('decider', "Decision maker unknown"), ('unmet', "Nobody met for long"), ('single', "Single thread")]


class CustomerSeat(models.Model):
    """A seat in the decision chain of a customer: a role that has to be played there, whoever plays it (PRO-3).

    The seat belongs to the customer and stays when its person leaves; who sat there, from when to when, is its history.
    People leave by themselves here: ``customer.person.change`` sees who is archived, moves or takes another position, and
    asks for the seat to be vacated.
    """

    _name = 'customer.seat'
    _inherit = ['customer.of.one', 'customer.guarded']
    _description = "Seat in a Decision Chain"
    _order = 'role_id, id'
    _rec_names_search = ['name', 'person_id', 'role_id']

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='cascade',
        domain="['|', ('parent_id', '=', False), ('is_company', '=', True)]")
    role_id = fields.Many2one(
        comodel_name='customer.contact.role', required=True, index=True, ondelete='restrict')
    name = fields.Char(
        string="Position", compute='_compute_name', store=True, readonly=False, precompute=True,
        help="The position that goes with the seat: head of purchasing, plant manager, …")
    person_id = fields.Many2one(
        comodel_name='res.partner', string="Held By", index='btree_not_null', ondelete='set null',
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="Which of the customer's people sits there. Empty: the seat is vacant, or nobody knows yet.")
    since = fields.Date(
        copy=False, help="Since when this person sits there, or since when the seat is vacant.")
    reports_to_id = fields.Many2one(
        comodel_name='customer.seat', index='btree_not_null', ondelete='set null',
        domain="[('partner_id', '=', partner_id), ('id', '!=', id)]", help="The seat above it in the chart.")
    influence = fields.Selection(selection=INFLUENCES, required=True, default='medium')
    attitude = fields.Selection(
        selection=ATTITUDES, help="How this person stands to us. It goes with the person, not with the seat.")
    attitude_on = fields.Date(string="Judged On", readonly=True, copy=False)
    attitude_by_id = fields.Many2one(
        comodel_name='res.users', string="Judged By", readonly=True, copy=False, ondelete='set null')
    known_by = fields.Selection(selection=KNOWN_BY, string="How Do We Know?")
    known_note = fields.Char(string="Source in Words", help="Who said it, or where it stands: “minutes of 3 March”.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Colleague", index='btree_not_null', ondelete='set null',
        domain=[('share', '=', False)], help="Who of us keeps in touch with this seat. Empty: the account manager.")
    note = fields.Text()
    term_ids = fields.One2many(comodel_name='customer.seat.term', inverse_name='seat_id', string="Who Sat There", readonly=True)
    vacant = fields.Boolean(compute='_compute_vacant', search='_search_vacant')
    decides = fields.Boolean(related='role_id.decides')
    manager_id = fields.Many2one(related='partner_id.user_id', string="Account Manager")
    person_email = fields.Char(related='person_id.email', string="Email")
    person_phone = fields.Char(related='person_id.phone', string="Phone")

    _holder_uniq = models.UniqueIndex(
        '(partner_id, role_id, person_id) WHERE person_id IS NOT NULL',
        "This person has this role at the customer already. Change that seat, or choose another role.")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('person_id')
    def _compute_name(self):
        """The position is that of who takes the seat first; it stays when that one leaves."""
        for seat in self:
            seat.name = seat.name or seat.person_id.function

    @api.depends('role_id', 'person_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        names = self.env['customer.contact.role']._get_names()
        for seat in self:
            seat.display_name = self.env._(
                "%(role)s: %(person)s", role=names.get(seat.role_id.id, ''),
                person=seat.person_id.name or self.env._("vacant"))

    @api.depends('person_id')
    def _compute_vacant(self):
        for seat in self:
            seat.vacant = not seat.person_id

    def _search_vacant(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return Domain.OR(Domain('person_id', '=' if wanted else '!=', False) for wanted in value)

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    @api.constrains('partner_id', 'person_id')
    def _check_person(self):
        for seat in self.sudo():  # whose person it is may be hidden from who writes
            if seat.person_id and seat.person_id.commercial_partner_id != seat.partner_id:
                raise ValidationError(self.env._(
                    "%(person)s is not with %(customer)s but with %(other)s. Choose one of its own people, or leave the seat "
                    "vacant.", person=seat.person_id.name, customer=seat.partner_id.name,
                    other=seat.person_id.commercial_partner_id.name))
            if seat.person_id and seat.person_id.is_company:
                raise ValidationError(self.env._(
                    "%(customer)s is a company, and a seat is held by a person. Choose one of its people, or leave the seat "
                    "vacant.", customer=seat.person_id.name))

    @api.constrains('partner_id', 'person_id', 'reports_to_id')
    def _check_reports_to(self):
        for seat in self.sudo():  # as above
            above = seat.reports_to_id
            if above and above.person_id and above.person_id == seat.person_id:
                raise ValidationError(self.env._(
                    "%(person)s can't be their own manager. Choose another seat that this one reports to.",
                    person=seat.person_id.name))
            if above and above.partner_id != seat.partner_id:
                raise ValidationError(self.env._(
                    "The seat “%(seat)s” can't report to one of another customer: %(other)s.", seat=seat.display_name,
                    other=above.partner_id.name))
        if self._has_cycle('reports_to_id'):
            raise ValidationError(self.env._(
                "A seat can't report to itself, not through others either. Choose another seat that this one reports to."))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _open_to_people(self):
        return super()._open_to_people() - STAMPS

    def _say_kept(self, names):
        return self.env._(
            "These fields of a seat are kept by itself and can't be written: %(names)s. Change the attitude or the person.",
            names=names)

    @api.model_create_multi
    def create(self, vals_list):
        """Seat people: that begins their time in the seat, and dates what is judged of them."""
        for vals in vals_list:
            self._guard(vals)
        today = fields.Date.context_today(self)
        seats = super().create([self._stamped(self._of_person(vals), today) for vals in vals_list])
        seats.filtered('person_id')._begin_terms()
        return seats

    def write(self, vals):
        """Seat somebody else: the time of who sat there is over, and how that one stood to us does not hold for the next."""
        self._guard(vals)
        vals = dict(vals)
        moved = self.browse()
        if 'person_id' in vals:
            moved = self.filtered(lambda seat: seat.person_id.id != (vals['person_id'] or False))
            moved._end_terms('hand')
        today = fields.Date.context_today(self)
        if moved or any(seat.attitude != (vals.get('attitude') or False) for seat in self):
            vals = self._stamped(vals, today)
        result = super().write(vals)
        if moved:
            super(CustomerSeat, moved).write({
                name: value for name, value in {**OF_THE_PERSON, 'since': today}.items() if name not in vals})
            moved.filtered('person_id')._begin_terms()
        return result

    @api.model
    def _stamped(self, vals, today):
        """Return values with who judged the attitude in them, and when."""
        if 'attitude' not in vals or self.env.context.get('install_mode'):
            return vals  # data files say themselves who judged
        judged = {'attitude_on': today, 'attitude_by_id': self.env.uid} if vals['attitude'] else {
            'attitude_on': False, 'attitude_by_id': False}
        return {**judged, **vals} if self.env.su else {**vals, **judged}

    @api.model
    def _of_person(self, vals):
        """Return values with the customer of the person, where they name none: as when a seat is made from a contact."""
        if vals.get('person_id') and not vals.get('partner_id'):
            return {**vals, 'partner_id': vals['person_id']}
        return vals

    # ------------------------------------------------------------
    # WHO SITS THERE
    # ------------------------------------------------------------

    def _begin_terms(self):
        """Note that people took these seats."""
        today = fields.Date.context_today(self)
        self.env['customer.seat.term'].sudo().create([{  # nobody writes the history by hand
            'seat_id': seat.id, 'person_id': seat.person_id.id, 'person_name': seat.person_id.name,
            'date_from': seat.since or today} for seat in self])
        for seat in self.filtered(lambda seat: not seat.since):
            seat.since = today

    def _end_terms(self, reason, change_ids=None):
        """Note that people do not sit in these seats any more.

        :param str reason: one of those of ``customer.seat.term``
        :param dict change_ids: id of the customer.person.change by which it is so, by id of the person
        """
        open_terms = self.env['customer.seat.term'].sudo().search(  # as above
            Domain('seat_id', 'in', self.ids) & Domain('date_to', '=', False))
        today = fields.Date.context_today(self)
        for term in open_terms:
            term.write({
                'date_to': max(today, term.date_from or today), 'reason': reason,
                'change_id': (change_ids or {}).get(term.person_id.id, False),
                **{name: term.seat_id[name] for name in ('attitude', 'known_by', 'known_note')}})

    def _vacate(self, reason, change_ids=None):
        """Vacate these seats, because their people do not sit there any more; see :meth:`_end_terms`."""
        if self:
            self._end_terms(reason, change_ids)
            self.write({'person_id': False})

    def _make_room_for(self, holder_ids):
        """Vacate seats so that each role at a customer is held once by several contacts that become one: the first of these
        contacts keeps its seat.

        :param list holder_ids: ids of the contacts, who stays first
        """
        held = self.search(Domain('person_id', 'in', holder_ids))
        for own in held.grouped(lambda seat: (seat.partner_id, seat.role_id)).values():
            own.sorted(lambda seat: (holder_ids.index(seat.person_id.id), seat.id))[1:]._vacate('merged')

    @api.model
    def _held_by(self, people):
        """Return the seats that people hold.

        :param people: res.partner
        """
        return self.search(Domain('person_id', 'in', people.ids)) if people else self.browse()

    # ------------------------------------------------------------
    # GAPS
    # ------------------------------------------------------------

    @api.model
    def _gap_sql(self, gap, alias, partner_ids=None):
        """Return a condition that a decision chain has a gap; wings that know of more extend it.

        :param str gap: one of :data:`GAPS`
        :param str alias: the relation of the customer, a ``res_partner``
        :param partner_ids: ids of the customers that are asked about, None for all
        :rtype: SQL
        """
        if gap != 'decider':
            return SQL("FALSE")
        self.flush_model(['partner_id', 'role_id', 'person_id'])
        return SQL(
            """NOT EXISTS (SELECT 1 FROM customer_seat seat
                            WHERE seat.partner_id = %s AND seat.person_id IS NOT NULL AND seat.role_id = ANY(%s))""",
            SQL.identifier(alias, 'id'), list(self.env['customer.contact.role']._deciding_ids()))

    @api.model
    def _holders_sql(self):
        """Return SQL that selects who holds the seats: ``partner_id`` of the customer and ``person_id``."""
        self.flush_model(['partner_id', 'person_id'])
        return SQL("SELECT partner_id, person_id FROM customer_seat WHERE person_id IS NOT NULL")

    @api.model
    def _has_gap_sql(self, gap, alias, partner_ids=None):
        """Return a condition that a customer under care has a gap in its chain; a person decides for itself. See
        :meth:`_gap_sql`."""
        return SQL("(%(managed)s IS TRUE AND %(company)s IS TRUE AND %(gap)s)", gap=self._gap_sql(gap, alias, partner_ids), **{
            name: SQL.identifier(alias, column) for name, column in (
                ('managed', 'customer_managed'), ('company', 'is_company'))})

    @api.model
    def _first_gap_sql(self, alias):
        """Return SQL for the most pressing gap of a customer, or null."""
        return SQL("CASE %s END", SQL(" ").join(
            SQL("WHEN %s THEN %s", self._has_gap_sql(gap, alias), gap) for gap, __ in GAPS))

    @api.model
    def _gaps_of(self, partners):
        """Return the gaps in the decision chains of customers, asked in one statement.

        :param partners: res.partner
        :return: keys of :data:`GAPS` by id of the customer
        :rtype: dict[int, list[str]]
        """
        if not partners.ids:
            return {}
        partners.flush_recordset(['customer_managed', 'is_company'])
        rows = self.env.execute_query(SQL(
            "SELECT p.id, %s FROM res_partner p WHERE p.id = ANY(%s)",
            SQL(", ").join(self._has_gap_sql(gap, 'p', partners.ids) for gap, __ in GAPS), partners.ids))
        return {row[0]: [gap for (gap, __), has in zip(GAPS, row[1:], strict=True) if has] for row in rows}

    @api.model
    def _describe_gap(self, gap):
        """Return a gap in words; wings that know more say more."""
        return dict(self.env['res.partner']._fields['customer_seat_gap']._description_selection(self.env))[gap]

    # ------------------------------------------------------------
    # THE CHART
    # ------------------------------------------------------------

    @api.model
    def _chart(self, customer):
        """Return the decision chain of a customer as its form shows it, of what the user may see.

        :return: the ``gaps`` in words, and the ``seats`` from top to bottom: dicts that are ready to be shown
        :rtype: dict
        """
        seats = self.search(Domain('partner_id', '=', customer.id))
        labels = {name: dict(self._fields[name]._description_selection(self.env)) for name in (
            'attitude', 'known_by', 'influence')}
        names = self.env['customer.contact.role']._get_names()
        return {
            'gaps': [self._describe_gap(gap) for gap in self._gaps_of(customer).get(customer.id, ())],
            'seats': [seat._card(level, names, labels) for level, seat in seats._from_top()],
        }

    def _from_top(self):
        """Return these seats as in a chart: each below the one that it reports to.

        :return: pairs of the depth and the seat
        :rtype: list[tuple[int, customer.seat]]
        """
        below = self.grouped('reports_to_id')
        found, waiting = [], [(0, seat) for above, seats in below.items() if above not in self for seat in seats]
        waiting.sort(key=lambda pair: self.ids.index(pair[1].id), reverse=True)
        while waiting:
            level, seat = waiting.pop()
            found.append((level, seat))
            waiting += [(level + 1, lower) for lower in reversed(below.get(seat, self.browse()))]
        return found

    def _card(self, level, names, labels):
        """Return what the card of a seat shows.

        :param int level: its depth in the chart
        :param dict names: of the roles, by id
        :param dict labels: of the selections, by name of the field
        """
        person = self.person_id
        return {
            'id': self.id,
            'level': level,
            'role': names.get(self.role_id.id, ''),
            'decides': self.decides,
            'person': person.name or '',
            'person_id': person.id,
            'position': self.name or person.function or '',
            'above': self.reports_to_id.person_id.name or names.get(self.reports_to_id.role_id.id, ''),
            'vacant': self.env._("vacant since %(day)s", day=format_date(self.env, self.since))
            if self.since else self.env._("vacant"),
            'influence': self.influence == 'high' and labels['influence']['high'],
            'attitude': self.attitude or '',
            'attitude_name': labels['attitude'].get(self.attitude, ''),
            'attitude_on': self.attitude_on and format_date(self.env, self.attitude_on) or '',
            'known': labelled(self.env, labels['known_by'].get(self.known_by), self.known_note),
            'last': '',
        }


class CustomerSeatTerm(models.Model):
    """Who sat in a seat, and until when (PRO-3)."""

    _name = 'customer.seat.term'
    _description = "Time in a Seat"
    _order = 'date_from desc, id desc'
    _rec_name = 'person_name'

    seat_id = fields.Many2one(
        comodel_name='customer.seat', required=True, readonly=True, index=True, ondelete='cascade')
    person_id = fields.Many2one(
        comodel_name='res.partner', readonly=True, index='btree_not_null', ondelete='set null')
    person_name = fields.Char(string="Name", readonly=True, help="Kept, whatever becomes of the contact.")
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="Until", readonly=True)
    reason = fields.Selection(
        selection=[
            ('hand', "By hand"), ('position', "Took another position"), ('employer', "Left for another company"),
            ('archived', "Archived"), ('merged', "Contacts were merged"), ('deleted', "Contact was deleted")],
        string="Ended Because", readonly=True)
    attitude = fields.Selection(selection=ATTITUDES, string="Attitude at the End", readonly=True)
    known_by = fields.Selection(selection=KNOWN_BY, string="How It Was Known", readonly=True)
    known_note = fields.Char(string="Source at the Time", readonly=True)
    change_id = fields.Many2one(
        comodel_name='customer.person.change', readonly=True, index='btree_not_null', ondelete='set null')
