"""What leads a company that begins to the first planned follow-up (PLT-5)."""
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain

from ..platform.counted import persons, plural

MANAGER = 'customer_success.group_customer_success_manager'


class Step(NamedTuple):
    """One of the first steps.

    :param sequence: where it stands
    :param label: what is to be done, in a few words
    :param good_for: what it is good for, in one line
    :param done: whether it is, by what is there
    :param says: how it stands, in a sentence, or ''
    :param button: what the button says
    :param action: xml id of the action that the button opens, '' where the user may not do it
    """

    sequence: int
    label: str
    good_for: str
    done: bool
    says: str
    button: str
    action: str


class CustomerFirstSteps(models.AbstractModel):
    """The first steps of a company. Each says by itself whether it is done, from what is really there: nothing is kept of it but
    whether a manager still wants to see them.

    Wings and other addons say which steps there are (:meth:`_steps`).
    """

    _name = 'customer.first.steps'
    _description = "First Steps"

    @api.model
    def _steps(self, company):
        """Return the steps by their code; for wings to fill in. Each is asked for with few rows read, whatever there is.

        :param company: res.company
        :rtype: dict[str, Step]
        """
        return {'people': self._people_step(company), 'mail': self._mail_step()}

    @api.model
    @api.readonly
    def look(self, always=True):
        """Return the first steps of the company that the user works in; nothing for whoever does not configure the addon.

        :param bool always: also where a manager put them away; else nothing is looked up then
        :return: ``steps`` (code, label, good_for, done, says, button, action), ``done`` and ``total`` (numbers), ``shown``:
            whether they stand in the own day
        :rtype: dict
        """
        wanted = self.env.user.has_group(MANAGER) and (
            always or self.env.company.sudo().customer_first_steps)  # managers see their company
        if not wanted:
            return {'steps': [], 'done': 0, 'total': 0, 'shown': False}
        steps = sorted(self._steps(self.env.company).items(), key=lambda item: (item[1].sequence, item[0]))
        done = sum(step.done for __, step in steps)
        return {
            'steps': [{'code': code, **step._asdict()} for code, step in steps], 'done': done, 'total': len(steps),
            # managers see their company
            'shown': self.env.company.sudo().customer_first_steps and done < len(steps)}

    @api.model
    def show(self, shown):
        """Let the first steps stand in the day of managers of this company, or no longer.

        :param bool shown: whether they do
        :rtype: bool
        """
        if self.env.user.has_group(MANAGER):
            self.env.company.sudo().customer_first_steps = bool(shown)  # managers may change nothing else of a company
        return True

    @api.model
    def _people_step(self, company):
        """Return the step of who works with customers: somebody with a role, in a sales team."""
        users = self.env['res.users'].sudo()  # who works with whom is no secret
        people = Domain(self.env['customer.responsibility']._role_domain()) & Domain('company_ids', 'in', company.ids)
        count = users.search_count(people)
        alone = users.search_count(people & Domain('customer_team_id', '=', False))
        if not count:
            says = self.env._("Nobody has a role yet.")
        elif alone:
            says = self.env._("%(people)s with a role, in no team: %(alone)s.", people=persons(self.env, count), alone=alone)
        else:
            says = self.env._("%(people)s with a role, each in a team.", people=persons(self.env, count))
        return Step(
            30, self.env._("Say who works with customers"),
            self.env._("Whoever has a role and a team gets follow-ups, and whoever leads the team hears of what is overdue."),
            count > alone, says, self.env._("Sales teams"), 'sales_team.crm_team_action_config')

    @api.model
    def _mail_step(self):
        """Return the step of emails that leave. Its servers are for administrators of Odoo."""
        servers = self.env['ir.mail_server'].sudo().search_count([('active', '=', True)])  # that there is one is no secret
        administers = self.env.user.has_group('base.group_system')
        if servers:
            says = plural(
                servers, self.env._("One server sends emails."), self.env._("%(count)s servers send emails.", count=servers))
        elif administers:
            says = self.env._("No server for outgoing emails is entered.")
        else:
            says = self.env._("An administrator of Odoo enters a server for outgoing emails.")
        return Step(
            50, self.env._("Let emails leave"),
            self.env._("Greetings, surveys, warnings of the morning and what is sent by itself go out by it."),
            bool(servers), says, self.env._("Outgoing mail servers"),
            'base.action_ir_mail_server_list' if administers else '')
