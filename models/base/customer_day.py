"""The day of somebody who looks after customers: what needs this person, and nothing else (REP-1)."""
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: Lines of a kind are counted up to here: nobody reads on.
COUNTED = 999

#: Between the parts of a reason, in every language.
BETWEEN = " · "

#: So many colleagues are offered to be looked at.
COLLEAGUES = 200


class Day(NamedTuple):
    """Whose day it is.

    :param user: res.users
    :param today: date, where that one is
    :param begin: the moment at which this day begins there, naive UTC
    :param end: the moment at which it ends there
    :param limit: so many lines of a kind are read
    """

    user: object
    today: date
    begin: datetime
    end: datetime
    limit: int


class Act(NamedTuple):
    """What a tap on a line does.

    :param method: of the record, called without arguments; an action that it returns is opened
    :param label: what it does, in a word or two
    :param icon: of Font Awesome
    """

    method: str
    label: str
    icon: str


class Line(NamedTuple):
    """One thing to do, or to know.

    :param record: what it is about; what a click opens, unless ``opens`` says otherwise
    :param customer: res.partner, or an empty one
    :param what: what is to be done, short
    :param why: why it stands here, in one line
    :param title: what stands in front; default: the name of the customer
    :param icon: of Font Awesome
    :param late: it should have been done before
    :param until: the moment at which it is too late, naive UTC, where hours matter
    :param does: each :class:`Act` that a tap does; the first one is what finishes it
    :param put_off: the record is a follow-up that can be put off
    :param person: res.partner to be called
    :param writes: method of the record that opens an email
    :param opens: method of the record that opens something else than its form
    :param said: what was said last
    """

    record: object
    customer: object
    what: str
    why: str
    title: str = ''
    icon: str = 'fa-circle-o'
    late: bool = False
    until: datetime | None = None
    does: tuple = ()
    put_off: bool = False
    person: object = None
    writes: str = ''
    opens: str = ''
    said: str = ''


class Kind(NamedTuple):
    """What can stand in a day.

    :param label: what it is, for whoever arranges the day
    :param model: whose records it is
    :param domain: function of a :class:`Day` that returns the domain of the records
    :param lines: function of records and a :class:`Day` that returns their lines, in the same order
    :param order: of the records; default: that of the model
    :param find: function of a domain, a day and a number that returns the first records; default: by ``order``
    :param people: fields of the records that lead to the contacts of their lines, who are read together
    :param reads: fields of the records that are read along with finding them, where looking them up again is dear
    :param role: who is shown it: ``user``, ``leader`` or ``manager``
    :param action: xml id, without the module, of the window action that shows all of them
    """

    label: str
    model: str
    domain: Callable
    lines: Callable
    order: str | None = None
    find: Callable | None = None
    people: tuple = ('partner_id',)
    reads: tuple = ()
    role: str = 'user'
    action: str = ''


class Told(NamedTuple):
    """Something that happened while somebody was away.

    :param text: in one sentence
    :param model: of the records behind it
    :param domain: of these records
    """

    text: str
    model: str
    domain: Domain


class CustomerDay(models.AbstractModel):
    """What needs one person today. Wings say what can stand there (`_kinds`); which of it does, in which order and where, are
    records of ``customer.day.kind``.

    Everything is read with the rights of whoever looks, also when the day is a colleague's.
    """

    _name = 'customer.day'
    _description = "My Day"

    # ------------------------------------------------------------
    # FOR WINGS TO FILL IN
    # ------------------------------------------------------------

    @api.model
    def _kinds(self):
        """Return what can stand in a day, by its code.

        :rtype: dict[str, Kind]
        """
        return {}

    @api.model
    def _meanwhile(self, day, start):
        """Return what happened to the customers of somebody since a day.

        :param Day day: whose customers
        :param date start: the first day
        :rtype: list[Told]
        """
        return []

    @api.model
    def _done_today(self, day):
        """Return how much this person has done today."""
        return 0

    @api.model
    def _coming(self, day):
        """Return what comes after today: pairs of a date and a number, in order."""
        return []

    # ------------------------------------------------------------
    # WHAT PEOPLE SEE
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def look(self, user_id=None):
        """Return the day of a person.

        :param user_id: id of a colleague whose day a leader looks at; default: the user's own
        :return: ``user`` (id and name), ``sections`` (code, label and lines), ``kinds`` (of which there are some: code, name,
            number, section, whether there are more), ``problems`` (sentences), ``colleagues``, ``briefing``, ``done``,
            ``coming`` and ``customers`` (whether there are any at all, and whether this person has some)
        :rtype: dict
        :raises AccessError: when the day is not for the user to look at
        """
        self.env['customer.day.kind'].check_access('read')  # who has no role has no day
        user = self._whose(user_id)
        day = self._day(user)
        found, problems = self._look_up(day)
        return {
            'user': {'id': user.id, 'name': user.sudo().name, 'own': user == self.env.user},  # a colleague's name is no secret
            'sections': [{
                'code': code, 'label': label, 'lines': self._together([
                    self._line_values(rule, line) for rule, lines, __ in found if rule.section == code for line in lines]),
            } for code, label in self.env['customer.day.kind']._fields['section']._description_selection(self.env)],
            'kinds': [{
                'code': rule.code, 'name': rule.name, 'section': rule.section, 'count': count, 'counted': count <= COUNTED,
                'more': count > len(lines)} for rule, lines, count in found],
            'problems': problems,
            'colleagues': self._colleagues(),
            'briefing': self._briefing(day),
            'done': self._done_today(day),
            'coming': [{'day': fields.Date.to_string(one), 'count': count} for one, count in self._coming(day)],
            'customers': self._customers(day),
        }

    @api.model
    @api.readonly
    def get_more(self, code, user_id=None):
        """Return the action that shows all that stands in a day of a kind.

        :param str code: of the kind
        :param user_id: whose day, see :meth:`look`
        :rtype: dict
        """
        day, kind = self._day(self._whose(user_id)), self._kinds().get(code)
        if not kind:
            return {}
        action = self.env['ir.actions.act_window']._for_xml_id(f'customer_success.{kind.action}') if kind.action else {
            'type': 'ir.actions.act_window', 'res_model': kind.model, 'views': [(False, 'list'), (False, 'form')]}
        # the filters with which the list usually opens would hide some
        return {**action, 'name': kind.label, 'domain': list(kind.domain(day)), 'context': {}}

    @api.model
    def close_briefing(self, absence_id):
        """Note that what happened during an absence was read.

        :param absence_id: id of an own customer.absence
        :rtype: bool
        """
        absence = self.env['customer.absence'].search([('id', '=', absence_id), ('user_id', '=', self.env.uid)])
        absence.check_access('read')
        absence.sudo().write({'is_briefed': True})  # that it was read, is for nobody to write
        return True

    # ------------------------------------------------------------
    # PARTS
    # ------------------------------------------------------------

    @api.model
    def _whose(self, user_id):
        """Return whose day is looked at.

        :raises AccessError: when the user does not lead that one
        """
        user = self.env['res.users'].browse(user_id) if user_id else self.env.user
        if user != self.env.user and user not in self._led():
            raise AccessError(self.env._("Only who leads somebody can look at that person's day."))
        return user

    @api.model
    def _led(self):
        """Return the people whose day the user may look at: for a manager all of the own companies, for who leads the team.

        :rtype: res.users
        """
        users, me = self.env['res.users'].sudo(), self.env.user  # who works with whom is no secret
        people = Domain(self.env['customer.responsibility']._role_domain()) & Domain('company_ids', 'in', self.env.companies.ids)
        if not me.has_group('customer_success.group_customer_success_manager'):
            if not me.has_group('customer_success.group_customer_success_leader'):
                return self.env['res.users']
            people &= Domain('customer_team_id.user_id', '=', me.id)
        # sorted here: their names stand on contacts, all of which the database goes through to sort some users
        return users.search(people, order='id').sorted(
            lambda user: ((user.name or '').casefold(), user.id))[:COLLEAGUES].with_env(self.env)

    @api.model
    def _colleagues(self):
        """Return the id and the name of each colleague whose day the user may look at."""
        return [{'id': user.id, 'name': user.name} for user in self._led().sudo() if user != self.env.user]  # as above

    @api.model
    def _day(self, user, limit=0):
        """Return the day of a person: where that one is.

        :rtype: Day
        """
        clock = self.env['customer.clock']
        today = clock._today(user)
        return Day(user, today, clock._begin(user, today), clock._begin(user, today + timedelta(days=1)), limit)

    @api.model
    def _look_up(self, day):
        """Return what stands in a day: the kinds that there are some of, with their lines and number, and the sentences about
        those that could not be looked up.

        :rtype: tuple[list, list[str]]
        """
        kinds, role = self._kinds(), 'customer_success.group_customer_success_%s'
        rules = [
            (rule, kinds[rule.code]) for rule in self.env['customer.day.kind']._shown()
            if rule.code in kinds and self.env.user.has_group(role % kinds[rule.code].role)]
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                return self._of_kinds(rules, day), []
        except OperationalError:
            raise  # a conflict with another transaction is nobody's fault
        except Exception as error:  # whatever another addon's code raises
            # which one fails, is found by looking each up by itself
            _logger.info("My Day is looked up one by one: %s", error)
        found, problems = [], []
        for rule, kind in rules:
            self.env.flush_all()
            try:
                with self.env.cr.savepoint():
                    found += self._of_kinds([(rule, kind)], day)
            except OperationalError:
                raise  # as above
            except Exception:  # as above
                _logger.exception("My Day: %s", rule.code)
                problems.append(self.env._("“%(kind)s” could not be looked up. Everything else is shown.", kind=rule.name))
        return found, problems

    @api.model
    def _of_kinds(self, rules, day):
        """Return kinds with their lines and numbers, those of which there are none left out. What is found of one model by
        several kinds is read together, and so are all contacts.

        :param rules: pairs of a rule and its :class:`Kind`
        """
        # who may not read it has nothing to do with it
        readable = {model: self.env[model].has_access('read') for model in {kind.model for __, kind in rules}}
        asked = [(rule, kind, Domain(kind.domain(day))) for rule, kind in rules if readable[kind.model]]
        found, together = [], {}
        for rule, kind, domain in self._of_which_some_may_be(asked):
            records, count = self._found(kind, domain, day._replace(limit=rule.most))
            if count:
                found.append((rule, kind, records, count))
                together.setdefault(kind.model, []).extend(records._ids)
        found = [(rule, kind, records.with_prefetch(together[kind.model]), count) for rule, kind, records, count in found]
        people = self.env['res.partner'].union(*(
            records[name] for __, kind, records, __ in found for name in kind.people if name in records._fields))
        people.fetch(self._customer_fields())
        lines = self._lines_of([(kind, records) for __, kind, records, __ in found], day)
        return [
            (rule, [lines[kind.lines][line] for line in records._ids if line in lines[kind.lines]], count)
            for rule, kind, records, count in found]

    @api.model
    def _lines_of(self, found, day):
        """Return lines, by what makes them and the id of the record: kinds that are told alike are made together.

        :param found: pairs of a :class:`Kind` and its records
        """
        together = {}
        for kind, records in found:
            together[kind.lines] = together.get(kind.lines, records.browse()) | records
        return {make: {line.record.id: line for line in make(records, day)} for make, records in together.items()}

    @api.model
    def _of_which_some_may_be(self, asked):
        """Return the kinds of which something may be there, by one look for all of them: most days have few kinds of lines, and
        what rules hide of a table is dear to ask of each.

        :param asked: tuples of a rule, its :class:`Kind` and the domain of its records
        """
        looks, sure = {}, set()
        for place, (__, kind, domain) in enumerate(asked):
            model = self.env[kind.model]
            if not model._auto:
                sure.add(place)  # a relation is worked out anew each time it is asked
                continue
            query = model._search(domain, bypass_access=True)  # rules take away from it when it is searched
            if not query.is_empty():
                looks[place] = SQL("EXISTS (%s)", query.select(SQL("1")))
        if looks:
            [has] = self.env.execute_query(SQL("SELECT %s", SQL(", ").join(looks.values())))
            sure.update(place for place, some in zip(looks, has, strict=True) if some)
        return [one for place, one in enumerate(asked) if place in sure]

    @api.model
    def _found(self, kind, domain, day):
        """Return the first records of a kind, and how many there are of it; nobody counts beyond :data:`COUNTED`."""
        model, most = self.env[kind.model], COUNTED + 1
        if kind.find:
            records = kind.find(domain, day, most)
        elif kind.reads:
            # of what is dear to look up only what is shown is read, and once
            records = model.search_fetch(domain, kind.reads, order=kind.order, limit=day.limit)
            if len(records) == day.limit:
                return records, model.search_count(domain, limit=most)
        else:
            records = model.browse(model._search(domain, order=kind.order, limit=most))
        return records[:day.limit], len(records)

    @api.model
    def _customer_fields(self):
        """Return the names of the fields of contacts that lines show; for wings to add to."""
        return ['name', 'complete_name', 'company_name', 'commercial_company_name', 'parent_id', 'is_company', 'type', 'phone',
                'email']

    @api.model
    def _line_values(self, rule, line):
        """Return a line as the screen takes it."""
        record, customer = line.record, line.customer
        person = line.person or customer
        return {
            'key': f'{rule.code}/{record.id}', 'kind': rule.code, 'model': record._name, 'id': record.id,
            'title': line.title or customer.display_name or record.display_name, 'what': line.what, 'why': line.why,
            'said': line.said, 'icon': line.icon, 'late': line.late,
            'until': line.until and fields.Datetime.to_string(line.until) or '',
            'customer_id': customer.id, 'badge': self._badge(customer),
            'does': [act._asdict() for act in line.does],
            'put_off': line.put_off, 'phone': person.phone or '', 'writes': line.writes if person.email else '',
            'opens': line.opens,
        }

    @api.model
    def _together(self, lines):
        """Return lines with all that is about one customer together, where the first of it stands: who is called about one thing
        is told the others in the same call. What stands below the first one says so (``follows``).

        :param lines: list of dict
        """
        of_customer = {}
        for line in lines:
            of_customer.setdefault(line['customer_id'] or line['title'], []).append(line)
        return [{**line, 'follows': place > 0} for group in of_customer.values() for place, line in enumerate(group)]

    @api.model
    def _badge(self, customer):
        """Return the name and the colour that stand beside a customer, or nothing; for wings to fill in."""
        return False

    @api.model
    def _customers(self, day):
        """Return whether there are customers at all, and whether this person looks after some."""
        partners = self.env['res.partner']
        own = bool(partners.search_count([('customer_managed', '=', True), ('user_id', '=', day.user.id)], limit=1))
        # for whoever sees nobody else's there may be some all the same
        any_one = own or bool(partners.sudo().search_count([('customer_managed', '=', True)], limit=1))
        return {'own': own, 'any': any_one}

    @api.model
    def _briefing(self, day):
        """Return what happened while this person was away, for some days after the return: ``id`` of the absence, ``title``
        and ``told`` (text, model and domain), or nothing."""
        days = self.env['res.config.settings']._customer_success('briefing_days')
        if day.user != self.env.user or not days:
            return False
        absence = self.env['customer.absence'].search([
            ('user_id', '=', day.user.id), ('date_to', '<', day.today), ('date_to', '>=', day.today - timedelta(days=days)),
            ('is_briefed', '=', False)], order='date_to desc', limit=1)
        told = absence and self._meanwhile(day, absence.date_from)
        return {
            'id': absence.id, 'title': self.env._("While you were away"), 'period': absence.display_name,
            'told': [{'text': one.text, 'model': one.model, 'domain': list(one.domain)} for one in told],
        } if told else False
