from collections import Counter, defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...models.platform.counted import customers as in_customers
from ...models.platform.local_text import listed, listed_first
from ...models.segmentation.customer_assigner import Unfit

#: Lines of the dialog, and customers named in one for which nobody was found; what is counted are all.
NAMED, TOGETHER = 60, 12
#: So many customers get somebody at a time: each gets a message and new follow-ups.
MOST = 2000


class CustomerAssignmentDryRun(models.TransientModel):
    """Shows who would get which customers by the rules in force, and does it when asked to (SEG-9)."""

    _name = 'customer.assignment.dry.run'
    _description = "Assign by Rules"

    partner_ids = fields.Many2many(comodel_name='res.partner', string="Customers", help="Empty: all that lack somebody.")
    left = fields.Boolean(
        string="Also where the account manager left",
        help="Or has no role in the customer's company any more. What is open moves along, as in a hand-over.")
    fill = fields.Boolean(
        string="Also where there is an account manager",
        help="What else is missing there is filled: backups, technical contacts, teams. The account manager stays.")
    again = fields.Boolean(
        string="Also what somebody left empty by hand", help="The rules leave it alone otherwise.")
    summary = fields.Char(compute='_compute_preview')
    problem = fields.Char(compute='_compute_preview')
    has_any = fields.Boolean(compute='_compute_preview')
    people = fields.Html(string="How Many Each Would Have", compute='_compute_preview', sanitize=False)
    found = fields.Html(string="Who Would Get Whom", compute='_compute_preview', sanitize=False)
    missed = fields.Html(string="Where Nobody Was Found", compute='_compute_preview', sanitize=False)
    back = fields.Char(string="Taking It Back", compute='_compute_back')

    @api.depends_context('lang')
    def _compute_back(self):
        self.back = self.env['customer.handover']._say_back()

    @api.depends('partner_ids', 'left', 'fill', 'again')
    @api.depends_context('lang', 'uid')
    def _compute_preview(self):
        for wizard in self:
            given, unfit = wizard._decide()
            wizard.has_any = bool(given)
            wizard.problem = wizard._describe_problem()
            wizard.summary = wizard._summarise(given, unfit)
            wizard.people, wizard.found = wizard._people_table(given), wizard._found_table(given)
            wizard.missed = wizard._missed_table(unfit)

    # ------------------------------------------------------------
    # WHAT WOULD BE
    # ------------------------------------------------------------

    def _customer_ids(self):
        """Return the ids of the customers in question that the user works with."""
        chosen = self.partner_ids._origin.commercial_partner_id
        domain = Domain('customer_managed', '=', True) & self.env['res.partner']._worked_with_domain()
        if chosen:
            domain &= Domain('id', 'in', chosen.ids)
        return self.env['res.partner'].sudo().search(domain, order='id').ids  # teams of others are hidden from users

    def _decide(self):
        """Return who would be put where and where nobody is found; see ``customer.assigner._decide``.

        A leader assigns within the own team; a manager assigns to everybody.
        """
        self.env['customer.assignment.rule'].check_access('read')
        assigner = self.env['customer.assigner'].sudo()  # customers and people of every salesperson
        given, unfit = assigner._decide(self._customer_ids(), left=self.left, fill=self.fill, again=self.again)
        if self.env.user.has_group('customer_success.group_customer_success_manager'):
            return given, unfit
        users, teams = self._own_people()
        own = [one for one in given if one.to_id in (teams if one.place == 'team' else users)]
        others = [Unfit(one.partner_id, one.place, 'other', one.rule_id) for one in given if one not in own]
        return own, unfit + others

    def _own_people(self):
        """Return the ids of the people and the teams that a leader leads."""
        teams = self.env['crm.team'].sudo().search([('user_id', '=', self.env.uid)])  # teams of others are hidden from users
        people = self.env['res.users'].sudo()  # as above
        users = people.search([('customer_team_id', 'in', teams.ids)], order='id')
        return {self.env.uid, *users.ids}, set(teams.ids)

    def _describe_problem(self):
        """Return why nothing can be assigned at all, or nothing."""
        if not self.env['customer.assignment.rule']._in_force():
            return self.env._("No assignment rule is in force. Switch one on under Configuration, Segmentation.")
        return ''

    def _summarise(self, given, unfit):
        found = len({one.partner_id for one in given if one.place == 'manager'})
        missed = len({one.partner_id for one in unfit if one.place == 'manager'})
        texts = [
            self.env._("%(customers)s would get an account manager", customers=in_customers(self.env, found)),
            self.env._("%(customers)s would not", customers=in_customers(self.env, missed))]
        if others := sum(one.place != 'manager' for one in given):
            texts.append(self.env._("other places that would be filled: %(count)s", count=others))
        if found > MOST:
            texts.append(self.env._("the first %(count)s at once, the others when you press again", count=MOST))
        return listed(self.env, texts)

    def _make_table(self, head, rows, numbers=False):
        """Return a table.

        :param list head: the headings
        :param list rows: rows of cells
        :param bool numbers: all columns but the first are numbers, and stand on the right
        """
        text, number = Markup("<td>%s</td>"), Markup("<td class='text-end'>%s</td>")
        heads = [Markup("<th class='text-end text-nowrap'>%s</th>") if numbers and at else Markup("<th>%s</th>")
                 for at in range(len(head))]
        body = Markup().join(
            Markup("<tr>%s</tr>") % Markup().join(
                (number if numbers and at else text) % value for at, value in enumerate(row))
            for row in rows)
        return Markup("<table class='table table-sm mb-0'><thead><tr>%s</tr></thead><tbody>%s</tbody></table>") % (
            Markup().join(cell % name for cell, name in zip(heads, head, strict=True)), body)

    def _people_table(self, given):
        """Return how many customers people have now and would have, weighted by tier where tiers count differently."""
        gets = Counter(one.to_id for one in given if one.place == 'manager')
        if not gets:
            return False
        assigner = self.env['customer.assigner'].sudo()  # as above
        people = assigner._persons(sorted(gets))
        after = {one.to_id: one.facts for one in given if one.place == 'manager'}  # the last one each gets
        rows = []
        for user in self.env['res.users'].sudo().browse(sorted(gets)).sorted('name'):  # names of colleagues
            person, facts = people[user.id], after[user.id]
            rows.append((user.name, person.load, gets[user.id], facts['load'], facts['limit'] or '–'))
        return self._make_table([
            self.env._("Account Manager"), self.env._("Has"), self.env._("Gets"), self.env._("Then"), self.env._("At most")],
            rows, numbers=True)

    def _found_table(self, given):
        if not given:
            return False
        assignments = self.env['customer.assignment']
        names = self._names([one.partner_id for one in given[:NAMED]])
        rows = [(names[one.partner_id], assignments._place_label(one.place), assignments._say(self.env, one))
                for one in given[:NAMED]]
        if more := len(given) - len(rows):
            rows.append((self.env._("And %(more)s more.", more=more), '', ''))
        return self._make_table([self.env._("Customer"), self.env._("As What"), self.env._("Why")], rows)

    def _missed_table(self, unfit):
        """Return where nobody was found: a row for each place and reason, with the customers. What lacks an account manager comes
        first, then what most have in common."""
        if not unfit:
            return False
        assignments, rules = self.env['customer.assignment'], self.env['customer.assignment.rule'].sudo()  # rules are no secret
        whose = defaultdict(list)
        for one in unfit:
            why = assignments._say_why(self.env, one.why, rules.browse(one.rule_id or ()).name)
            whose[one.place, why].append(one.partner_id)
        ordered = sorted(whose.items(), key=lambda item: (item[0][0] != 'manager', -len(item[1])))
        names = self._names([partner_id for __, partner_ids in ordered for partner_id in partner_ids[:TOGETHER]])
        # wide enough for a sentence beside many names, on a phone too
        cell = Markup("<div style='min-width: 9rem'><b>%s</b><div class='text-muted'>%s</div></div>")
        return self._make_table([self.env._("As What"), self.env._("Customers")], [
            (cell % (assignments._place_label(place), why),
             listed_first(self.env, [names.get(partner_id) for partner_id in partner_ids], TOGETHER))
            for (place, why), partner_ids in ordered])

    def _names(self, partner_ids):
        """Return the names of customers by id, as they can stand one after the other: without that of a person's company."""
        partners = self.env['res.partner'].sudo().browse(dict.fromkeys(partner_ids))  # those that the user works with
        return {partner.id: partner.name or partner.display_name for partner in partners}

    # ------------------------------------------------------------
    # DOING IT
    # ------------------------------------------------------------

    def action_apply(self):
        """Assign as shown, and open what was assigned, where it can be taken back."""
        self._customer_one()
        self.check_access('write')
        if not self.env.user.has_group('customer_success.group_customer_success_leader'):
            raise AccessError(self.env._("Team leaders and managers assign customers. Ask yours."))
        given, __ = self._decide()
        if not given:
            raise UserError(self._describe_problem() or self.env._(
                "The rules find nobody for these customers. What stands in the way is told for each of them."))
        first = list(dict.fromkeys(one.partner_id for one in given))[:MOST]
        chosen = set(first)
        assigned = self.env['customer.assigner'].sudo()._carry_out(  # people of every team, see _decide
            [one for one in given if one.partner_id in chosen])
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_assignment_action')
        return {**action, 'domain': [('id', 'in', assigned.ids)], 'context': {}, 'target': 'current'}
