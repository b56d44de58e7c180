import zlib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..platform.counted import customers
from .customer_fact import UNITS

#: So many days are looked at when somebody tries a fact.
TRIED_DAYS = 90

#: The greatest id of a row of the catalogue.
LARGEST = 0x7fffffff

COLUMNS = {
    'id': SQL("int"), 'code': SQL("varchar"), 'unit': SQL("varchar"), 'better': SQL("varchar"), 'past': SQL("boolean"),
    'period': SQL("boolean"), 'addon': SQL("varchar"), 'use_count': SQL("int"), 'state': SQL("varchar"),
}


class CustomerFactEntry(models.Model):
    """One row for each fact of the catalogue, and for what somebody still uses that is none any more (``customer.fact``).

    The catalogue is code: nothing of it is stored, and nobody changes it here.
    """

    _name = 'customer.fact.entry'
    _description = "Fact About Customers"
    _auto = False
    _rec_name = 'name'
    _order = 'state, code'

    code = fields.Char(string="Technical Name", readonly=True)
    name = fields.Char(string="Fact", compute='_compute_fact', search='_search_name')
    unit = fields.Selection(selection=UNITS, readonly=True, help="What its values count.")
    counted = fields.Char(string="Counted In", compute='_compute_fact', help="What its values count, in words.")
    better = fields.Selection(
        selection=[('higher', "Higher is better"), ('lower', "Lower is better")], string="Better Is", readonly=True)
    past = fields.Boolean(
        string="Known of the Past", readonly=True,
        help="It can be asked about days gone by. Others know what holds today: they can't be KPIs.")
    period = fields.Boolean(
        string="Of a Period", readonly=True, help="It looks at a number of days; others look at one day alone.")
    addon = fields.Char(string="Comes With", readonly=True, help="Technical name of the addon that knows it.")
    use_count = fields.Integer(string="Number of Rules", readonly=True, help="How many rules look at it.")
    uses = fields.Text(string="Who Looks at It", compute='_compute_uses', help="The rules that look at it.")
    state = fields.Selection(
        selection=[('1_gone', "Not there any more"), ('2_problem', "Set aside"), ('3_absent', "App not installed"),
                   ('4_ok', "Works")],
        readonly=True,
        help="Not there any more: the addon that knew it was taken away, but a rule still looks at it. Set aside: it could not "
             "be looked up for a rule. App not installed: it is known once the app is there.")
    problem = fields.Text(
        string="Last Problem", compute='_compute_uses', help="Why rules that look at it were set aside last.")

    @property
    def _table_query(self):
        rows = self._rows() or [(None,) * len(COLUMNS)]
        columns = [SQL("%s::%s", SQL.identifier(name), kind) for name, kind in COLUMNS.items()]
        return SQL(
            "SELECT %s FROM (VALUES %s) AS entry (%s) WHERE id IS NOT NULL", SQL(", ").join(
                SQL("%s AS %s", column, SQL.identifier(name)) for column, name in zip(columns, COLUMNS, strict=True)),
            SQL(", ").join(SQL("(%s)", SQL(", ").join(SQL("%s", value) for value in row)) for row in rows),
            SQL(", ").join(map(SQL.identifier, COLUMNS)))

    @api.model
    def _rows(self):
        """Return the rows of the catalogue, as :data:`COLUMNS` names what stands in them."""
        model, uses = self.env['customer.fact'], self._used()
        rows = []
        for name, fact in model._facts().items():
            state = '3_absent' if not model._is_there(fact) else \
                '2_problem' if any(use.problem for use in uses.get(name, ())) else '4_ok'
            rows.append((
                self._id_of(name), name, fact.unit, fact.better, fact.past, fact.period, self._addon_of(fact),
                len(uses.get(name, ())), state))
        gone = uses.keys() - model._facts().keys()
        return rows + [
            (self._id_of(name), name, None, None, None, None, None, len(uses[name]), '1_gone') for name in sorted(gone)]

    @api.model
    def _id_of(self, name):
        """Return the id of a fact's row: the same in every database and after every update."""
        return zlib.crc32(name.encode()) & LARGEST or 1

    @api.model
    def _addon_of(self, fact):
        """Return the technical name of the addon that a fact comes with."""
        parts = getattr(fact.sql, '__module__', 'python').split('.')
        return parts[2] if parts[:2] == ['odoo', 'addons'] else parts[0]

    @api.model
    def _used(self):
        """Return who uses facts, by their names.

        :rtype: dict[str, list[Use]]
        """
        uses = {}
        for use in self.env['customer.fact']._uses():
            uses.setdefault(use.fact, []).append(use)
        return uses

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('code')
    @api.depends_context('lang')
    def _compute_fact(self):
        model = self.env['customer.fact']
        facts = model._facts()
        for entry in self:
            fact = facts.get(entry.code)
            entry.name = fact.label if fact else entry.code
            entry.counted = fact and model._unit_name(fact)

    @api.depends('code')
    @api.depends_context('lang')
    def _compute_uses(self):
        used = self._used()
        for entry in self:
            uses = used.get(entry.code, ())
            entry.uses = "\n".join(
                self.env._("%(reader)s: %(name)s", reader=use.reader, name=use.name) for use in uses) or False
            problems = list(dict.fromkeys(use.problem for use in uses if use.problem))
            fact = self.env['customer.fact']._facts().get(entry.code)
            if not fact and uses:
                problems.append(self.env._("It is not there any more: was an addon taken away? Choose another fact there."))
            entry.problem = "\n".join(problems) or False

    @api.model
    def _search_name(self, operator, value):
        """Find facts by what they are called in the language of the user."""
        if operator not in ('ilike', 'in', '='):
            return NotImplemented
        asked = [value] if isinstance(value, str) else value
        names = {name: fact.label.lower() for name, fact in self.env['customer.fact']._facts().items()}
        names |= {name: name for name in self._used() if name not in names}
        return Domain('code', 'in', [
            name for name, label in names.items()
            if any((str(text).lower() in label) if operator == 'ilike' else (str(text).lower() == label) for text in asked)])

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_try(self):
        """Ask this fact about all customers, over the last days, and tell what it says."""
        self._customer_one()
        self.check_access('read')
        # a figure is one for all users
        model = self.env['customer.fact'].sudo()
        counts, problem = model._try(self.code, TRIED_DAYS)
        if problem:
            raise UserError(self.env._("“%(fact)s” can't be looked up: %(problem)s", fact=self.name, problem=problem))
        count, least, most = counts
        fact = model._get(self.code)
        message = self.env._("It is known of no customer.") if not count else self.env._(
            "It is known of %(customers)s, from %(least)s to %(most)s.", customers=customers(self.env, count),
            least=model._format(least, fact.unit), most=model._format(most, fact.unit))
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification',
            'params': {'type': 'info', 'title': self.name, 'message': message}}
