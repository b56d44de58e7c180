from odoo import api, models
from odoo.tools import SQL

#: What becomes of a column that names a partner, when that is a customer of its own no longer.
BUSINESS = 'business'  # goes to the customer that goes on
PERSON = 'person'  # stays with the person or place; of merged contacts Odoo gives it to the one that is kept
DROPPED = 'dropped'  # goes: it is made anew for the customer that goes on


class CustomerCarry(models.AbstractModel):
    """Brings the business of a customer that is none of its own any more to the customer that goes on: the one place for
    merging and for moving contacts (PRO-1, PLT-2).

    A customer is a commercial partner. What happens to it, by the kind of move:

    - Customers are *merged*: their business goes to the customer of the contact that is kept, which is not always that
      contact itself; what is personal goes to the contact.
    - A person who is a customer becomes a *contact of a company*, new or not: the business goes to the company, number and
      salesperson included, where the company has none of its own. Birthday, occasions and the festivals somebody observes
      stay with the person.
    - A contact without business of its own *changes its employer*: nothing goes along, and nothing of the former company.
    - A *company under another one*, and out again, stays a customer of its own: nothing goes anywhere. Only when it is
      marked as no company any more it becomes a part of the one above it, like a person; see ``customer.carried`` for the
      way back.
    - A *company mark* of a customer at the top goes off and on: it is the same customer throughout.

    A decision of the customer that goes on comes before one that is brought along. *Do not contact* is brought along unless
    the one who wishes it becomes one of several people of a customer that is looked after: then it stays with the person.

    Every wing says in a file of its own what becomes of its models and fields, and makes room where two rows can't stand
    side by side. A test goes through all models and fields that name partners and fails on one that nobody thought of.
    """

    _name = 'customer.carry'
    _description = "Carries Customers Over"

    # ------------------------------------------------------------
    # WHAT BECOMES OF WHAT
    # ------------------------------------------------------------

    @api.model
    def _fates(self):
        """Return what becomes of the columns of other models that name a partner; wings add theirs.

        :return: :data:`BUSINESS`, :data:`PERSON` or :data:`DROPPED` by names of model and field
        :rtype: dict[tuple[str, str], str]
        """
        return {
            ('customer.handover', 'partner_id'): BUSINESS,
            # found anew for what goes on
            ('customer.duplicate', 'partner_id'): DROPPED,
            ('customer.duplicate', 'other_id'): DROPPED,
            ('customer.duplicate.key', 'partner_id'): DROPPED,
            ('customer.carried', 'source_id'): PERSON,
            ('customer.carried', 'target_id'): BUSINESS,
            ('sale.order', 'customer_commercial_id'): BUSINESS,
            ('customer.seat', 'partner_id'): BUSINESS,
            ('customer.seat', 'person_id'): PERSON,
            ('customer.seat.term', 'person_id'): PERSON,
            ('customer.person.change', 'partner_id'): BUSINESS,
            ('customer.person.change', 'person_id'): PERSON,
            ('customer.insight', 'partner_id'): BUSINESS,
            ('customer.insight', 'contact_id'): PERSON,
            ('customer.competitor', 'partner_id'): PERSON,
        }

    @api.model
    def _carried_together(self):
        """Return the fields of a customer that are brought along where the one that goes on has none: as groups, of which
        the first one decides. They are cleared at the customer they come from; wings add theirs."""
        return [('customer_source_id', 'customer_source_detail'), ('customer_needs',), ('customer_demand_type_id',),
                ('customer_confirmed_on', 'customer_confirmed_by_id')]

    @api.model
    def _carried_earliest(self):
        """Return the dates of a customer of which the earlier one holds."""
        return ['customer_managed_since', 'customer_filed_on']

    @api.model
    def _carried_by_rule(self):
        """Return the fields of a customer that :meth:`_carried_values` decides about."""
        return ['customer_enrolment', 'customer_number']

    @api.model
    def _figures(self):
        """Return the fields of a customer that follow from others, and are made anew."""
        return ['customer_managed', 'customer_confirm_asked_on']

    @api.model
    def _personal(self):
        """Return the fields that are a person's own."""
        return []

    # ------------------------------------------------------------
    # CARRYING
    # ------------------------------------------------------------

    @api.model
    def _with_business(self, partners):
        """Return those of the partners of whom something would have to be carried along."""
        if not partners:
            return partners
        self.env.flush_all()
        holds = [SQL("p.customer_enrolment <> 'auto'")]
        holds += [SQL("p.%s IS NOT NULL", SQL.identifier(name)) for name in (
            *self._carried_earliest(), *(group[0] for group in self._carried_together()))]
        holds += [SQL("EXISTS (SELECT 1 FROM %s AS r WHERE r.%s = p.id)", SQL.identifier(table), SQL.identifier(column))
                  for table, column, __ in self._columns(BUSINESS)]
        rows = self.env.execute_query(SQL(
            "SELECT p.id FROM res_partner p WHERE p.id = ANY(%s) AND (%s)", partners.ids, SQL(" OR ").join(holds)))
        return partners.browse(partner_id for partner_id, in rows)

    @api.model
    def _columns(self, fate):
        """Return the columns with a fate: table, column, and the other column of a relation, else None."""
        for (model, name), its_fate in self._fates().items():
            if its_fate == fate:
                field = self.env[model]._fields[name]
                yield (field.relation, field.column2, field.column1) if field.type == 'many2many' \
                    else (self.env[model]._table, name, None)

    @api.model
    def _carry(self, sources, into, companies=None, invoices=None):
        """Bring the business of customers to the one that goes on. The figures are made anew by :meth:`_settle`.

        :param sources: the partners that are customers of their own no longer
        :param into: the contact that they are now: the one that is kept of merged ones, else the source itself
        :param companies: those that were marked as companies until now
        :param invoices: see :meth:`_carry_moved`
        """
        target = into.commercial_partner_id
        # the one who decides wins, an exclusion comes before nothing
        sources = (sources - target).sorted(
            lambda source: (('enrolled', 'excluded', 'auto').index(source.customer_enrolment or 'auto'), source.id))
        if not sources:
            return
        self.env.flush_all()
        self._make_room(sources, target, into)
        moved = self._repoint_all(sources, target, into)
        for table, column, __ in self._columns(DROPPED):
            self.env.cr.execute(SQL(
                "DELETE FROM %s WHERE %s = ANY(%s)", SQL.identifier(table), SQL.identifier(column), sources.ids))
        self.env.invalidate_all()
        for source in sources:
            given, left = self._carry_values(source, target, into)
            documents = self._carry_documents(source.id, target.id)
            if into == source:
                documents['account_move'] = sorted({*documents.get('account_move', []), *(invoices or {}).get(source, [])})
                self.env['customer.carried']._keep(
                    source, target, source in (companies or []), moved, documents, given, left)

    @api.model
    def _repoint_all(self, sources, target, into):
        """Let all business of the sources name the target.

        :return: ids of what was moved, by table and column
        :rtype: dict[str, list[int]]
        """
        moved = {}
        for table, column, other in self._columns(BUSINESS):
            moved[f'{table}.{column}'] = self._repoint(table, column, other, sources, target)
        if into != target:
            for model, name, condition in self._business_if():
                table = self.env[model]._table
                moved[f'{table}.{name}'] = self._repoint(table, name, None, sources, target, condition)
        return moved

    @api.model
    def _business_if(self):
        """Return which rows are business although their column is personal: names of model and field, and a condition. For
        wings to add theirs."""
        return []

    @api.model
    def _repoint(self, table, column, other, sources, target, condition=None):
        """Let rows name another partner; of a relation nothing stands twice.

        :param str other: the other column of a relation, else None
        :param SQL condition: which rows
        :return: ids of the rows, or of what is on the other side of the relation
        """
        names = {'table': SQL.identifier(table), 'column': SQL.identifier(column), 'other': SQL.identifier(other or 'id')}
        if other:
            self.env.cr.execute(SQL(
                """DELETE FROM %(table)s gone
                    WHERE gone.%(column)s = ANY(%(sources)s)
                      AND EXISTS (SELECT 1 FROM %(table)s kept
                                   WHERE kept.%(other)s = gone.%(other)s AND kept.%(column)s <> gone.%(column)s
                                     AND (kept.%(column)s = %(target)s
                                          OR kept.%(column)s = ANY(%(sources)s) AND kept.%(column)s < gone.%(column)s))""",
                sources=sources.ids, target=target.id, **names))
        return [row_id for row_id, in self.env.execute_query(SQL(
            "UPDATE %(table)s SET %(column)s = %(target)s WHERE %(column)s = ANY(%(sources)s) AND %(condition)s "
            "RETURNING %(other)s", sources=sources.ids, target=target.id, condition=condition or SQL("TRUE"), **names))]

    @api.model
    def _make_room(self, sources, target, into):
        """Bring together what can't stand side by side at one customer, so that nothing is lost; wings add theirs.

        :param sources: the customers that give up theirs
        :param target: the customer that goes on
        :param into: see :meth:`_carry`
        """
        seats = self.env['customer.seat'].search([('partner_id', 'in', [target.id, *sources.ids]), ('person_id', '!=', False)])
        for same in seats.grouped(lambda seat: (seat.role_id, seat.person_id)).values():
            same.sorted(lambda seat: (seat.partner_id != target, seat.id))[1:]._vacate('merged')
        self.env.flush_all()

    @api.model
    def _make_room_for_people(self, sources, kept):
        """Bring together what can't stand side by side at one contact, so that Odoo loses nothing when it merges: nobody has a
        role at a customer twice, and who is merged into somebody elsewhere leaves its seats. Wings add theirs.

        :param sources: the contacts that go
        :param kept: the contact that stays
        """
        self.env['customer.person.change']._note_merged(sources, kept)
        self.env['customer.seat']._make_room_for([kept.id, *sources.ids])
        self.env.flush_all()

    @api.model
    def _carry_documents(self, from_id, to_id, only=None):
        """Let the documents that were made for a customer be those of another one.

        :param int from_id: id of the customer that is none of its own any more
        :param int to_id: id of the customer that goes on
        :param only: on the way back, what was returned on the way there: these documents and no others
        :return: which documents they were, as JSON
        """
        partners = self.env['res.partner']
        return self.env['customer.document']._carry(partners.browse(from_id), partners.browse(to_id), only)

    # ------------------------------------------------------------
    # FIELDS OF THE CUSTOMER
    # ------------------------------------------------------------

    @api.model
    def _carry_values(self, source, target, into):
        """Bring along what stands on the customer itself, by SQL: nobody judges or decides anything here.

        :return: what the target was given and what the source was left with: by field, the value before and after
        :rtype: tuple[dict[str, tuple], dict[str, tuple]]
        """
        given = self._carried_values(source, target, into)
        for group in self._carried_together():
            if source[group[0]] and not target[group[0]]:
                given.update({name: source[name] for name in group})
        for name in self._carried_earliest():
            if source[name] and (not target[name] or source[name] < target[name]):
                given[name] = source[name]
        left = self._left_values(source, given)
        changes = [{name: (partner[name], value) for name, value in values.items() if partner[name] != value}
                   for partner, values in ((target, given), (source, left))]
        self._write_values(source, left)
        self._write_values(target, given)
        if source.user_id and not target.user_id:
            changes[0]['user_id'] = (target.user_id, source.user_id)
            target.with_context(mail_auto_subscribe_no_notify=True).user_id = source.user_id
        self._say_number(source, target)
        return changes

    @api.model
    def _carried_values(self, source, target, into):
        """Return what the customer takes over by a rule of its own; wings add theirs.

        :rtype: dict
        """
        given = {}
        if target.customer_enrolment == 'auto' and (
                source.customer_enrolment == 'enrolled'
                or source.customer_enrolment == 'excluded' and not target.customer_managed):
            given['customer_enrolment'] = source.customer_enrolment
        if source.customer_number and not target.customer_number:
            given['customer_number'] = source.customer_number
            if not target.ref:
                given['ref'] = source.customer_number
        return given

    @api.model
    def _left_values(self, source, given):
        """Return what a customer is left with that goes on as a contact; wings add theirs.

        :param given: what it gave away
        """
        left = dict.fromkeys(
            [*(name for group in self._carried_together() for name in group), *self._carried_earliest(), *self._figures()],
            False)
        left['customer_enrolment'] = 'auto'
        if 'customer_number' in given:
            left['customer_number'] = False
            if source.ref == source.customer_number:
                left['ref'] = False
        return left

    @api.model
    def _write_values(self, partner, values):
        """Write fields of a partner past everything that looks at what people change."""
        if not values:
            return
        self.env['res.partner'].flush_model()
        sets = SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), self._column_value(partner, name, value)) for name, value in values.items())
        self.env.cr.execute(SQL("UPDATE res_partner SET %s WHERE id = %s", sets, partner.id))
        partner.invalidate_recordset(list(values))

    @api.model
    def _column_value(self, partner, name, value):
        field = partner._fields[name]
        if value is False and field.type != 'boolean':
            return None  # not known, and not 0
        return field.convert_to_column_insert(field.convert_to_write(value, partner), partner)

    @api.model
    def _say_number(self, source, target):
        """Keep in the chatter which number the customer also had."""
        if source.customer_number and source.customer_number != target.customer_number:
            target.message_post(body=self.env._(
                "Together with %(customer)s, which had the customer number %(number)s.", customer=source.name,
                number=source.customer_number))

    # ------------------------------------------------------------
    # AFTERWARDS
    # ------------------------------------------------------------

    @api.model
    def _settle(self, partners):
        """Make the figures of customers true to what they have now; wings add theirs."""
        self.env['customer.registry']._refresh(partners.ids)

    @api.model
    def _carry_moved(self, before, companies, invoices=None):
        """Look whether partners became a part of another customer by what was written, or one of their own again, and carry
        their business there.

        :param before: by partner, the customer that it belonged to
        :param companies: those that were marked as companies
        :param invoices: ids of the invoices that were each partner's: Odoo moves them itself, and not back
        """
        partners = self.env['res.partner']
        inside = partners.union(*(
            partner for partner, customer in before.items() if customer == partner != partner.commercial_partner_id))
        for source in self._with_business(inside):
            self._carry(source, source, companies, invoices)
            self._settle(source + source.commercial_partner_id)
        outside = partners.union(*(
            partner for partner, customer in before.items() if customer != partner == partner.commercial_partner_id))
        self.env['customer.carried']._take_back(outside)
