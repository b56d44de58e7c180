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
        return {}

    @api.model
    def _carried_together(self):
        """Return the fields of a customer that are brought along where the one that goes on has none: as groups, of which
        the first one decides. They are cleared at the customer they come from; wings add theirs."""
        return [('customer_source_id', 'customer_source_detail'), ('customer_needs',), ('customer_demand_type_id',)]

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
        """Return the fields of a customer that follow from others, and are made anew; whether it is managed, the registry
        finds out."""
        return []

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
            'customer_number', *self._carried_earliest(), *(group[0] for group in self._carried_together()))]
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
    def _carry(self, sources, into):
        """Bring the business of customers to the one that goes on. The figures are made anew by :meth:`_settle`.

        :param sources: the partners that are customers of their own no longer
        :param into: the contact that they are now: the one that is kept of merged ones, else the source itself
        """
        target = into.commercial_partner_id
        # the one who decides wins, an exclusion comes before nothing
        sources = (sources - target).sorted(
            lambda source: (('enrolled', 'excluded', 'auto').index(source.customer_enrolment or 'auto'), source.id))
        if not sources:
            return
        self.env.flush_all()
        self._make_room(sources, target, into)
        for table, column, other in self._columns(BUSINESS):
            self._repoint(SQL.identifier(table), SQL.identifier(column), other and SQL.identifier(other), sources, target)
        for table, column, __ in self._columns(DROPPED):
            self.env.cr.execute(SQL(
                "DELETE FROM %s WHERE %s = ANY(%s)", SQL.identifier(table), SQL.identifier(column), sources.ids))
        self.env.invalidate_all()
        for source in sources:
            self._carry_values(source, target, into)
            self._carry_documents(source.id, target.id)

    @api.model
    def _repoint(self, table, column, other, sources, target):
        """Let rows name another partner; of a relation nothing stands twice."""
        if other:
            self.env.cr.execute(SQL(
                """DELETE FROM %(table)s gone
                    WHERE gone.%(column)s = ANY(%(sources)s)
                      AND EXISTS (SELECT 1 FROM %(table)s kept
                                   WHERE kept.%(other)s = gone.%(other)s AND kept.%(column)s <> gone.%(column)s
                                     AND (kept.%(column)s = %(target)s
                                          OR kept.%(column)s = ANY(%(sources)s) AND kept.%(column)s < gone.%(column)s))""",
                table=table, column=column, other=other, sources=sources.ids, target=target.id))
        self.env.cr.execute(SQL(
            "UPDATE %(table)s SET %(column)s = %(target)s WHERE %(column)s = ANY(%(sources)s)",
            table=table, column=column, sources=sources.ids, target=target.id))

    @api.model
    def _make_room(self, sources, target, into):
        """Hook for the wings: bring together what can't stand side by side at one customer, so that nothing is lost.

        :param sources: the customers that give up theirs
        :param target: the customer that goes on
        :param into: see :meth:`_carry`
        """

    @api.model
    def _make_room_for_people(self, sources, kept):
        """Hook for the wings: bring together what can't stand side by side at one contact, so that Odoo loses nothing when it
        merges.

        :param sources: the contacts that go
        :param kept: the contact that stays
        """

    @api.model
    def _carry_documents(self, from_id, to_id):
        """Hook: the documents that were made for a customer are those of another one now.

        :param int from_id: id of the customer that is none of its own any more
        :param int to_id: id of the customer that goes on
        """

    # ------------------------------------------------------------
    # FIELDS OF THE CUSTOMER
    # ------------------------------------------------------------

    @api.model
    def _carry_values(self, source, target, into):
        """Bring along what stands on the customer itself, by SQL: nobody judges or decides anything here."""
        given = self._carried_values(source, target, into)
        for group in self._carried_together():
            if source[group[0]] and not target[group[0]]:
                given.update({name: source[name] for name in group})
        for name in self._carried_earliest():
            if source[name] and (not target[name] or source[name] < target[name]):
                given[name] = source[name]
        self._write_values(source, self._left_values(source, given))
        self._write_values(target, given)
        if source.user_id and not target.user_id:
            target.with_context(mail_auto_subscribe_no_notify=True).user_id = source.user_id
        self._say_number(source, target)

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
            target.message_post(body=self.env._("Merged: also had the customer number %s.", source.customer_number))

    # ------------------------------------------------------------
    # AFTERWARDS
    # ------------------------------------------------------------

    @api.model
    def _settle(self, partners):
        """Make the figures of customers true to what they have now; wings add theirs."""
        self.env['customer.registry']._refresh(partners.ids)

    @api.model
    def _carry_moved(self, before):
        """Look whether partners became a part of another customer by what was written, and carry their business there.

        :param before: by partner, the customer that it belonged to
        """
        moved = self.env['res.partner'].union(*(
            partner for partner, customer in before.items() if customer == partner != partner.commercial_partner_id))
        for source in self._with_business(moved):
            self._carry(source, source)
            self._settle(source + source.commercial_partner_id)
