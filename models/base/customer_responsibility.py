"""Who does what for a customer: of which company it is, who has a role, and who stands in."""
from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, ormcache

GROUP = 'customer_success.group_customer_success_'

#: Who is asked for a role, in this order; the first who is able to does it. *account* is the customer's account manager,
#: the others are people of that one's team.
CHAINS = {
    'manager': ('account',),
    'leader': ('leader', 'account'),
    'executive': ('executive', 'leader', 'account'),
    'expert': ('expert', 'account'),
    'support': ('support', 'account'),
}

#: Who is asked when none of them is able to: the team leader, then a manager of the company.
LAST = ('leader', 'manager', 'present_manager')

#: The roles, with their names.
ROLES = [
    ('manager', "Account manager"),
    ('leader', "Team leader"),
    ('executive', "Executive"),
    ('expert', "Product expert"),
    ('support', "Support"),
]


class CustomerResponsibility(models.AbstractModel):
    """One place for three questions that all wings ask, in SQL for many and in Python for one. Both say the same.

    *Of which company is a customer?* Of its own; else of its account manager's, also when that one was archived: customers
    don't change the company because somebody leaves; else of the main company.

    *Who is able to do something for a customer?* Whoever is active, has a role of the addon, and works in the customer's
    company.

    *Who does it?* Of those who have the role the first who is able to (:data:`CHAINS`), else the team leader, else a manager
    of the company, else nobody. That is the *owner*, to whom work belongs. Who does it *today* is found in the same way
    among those who are not away; for whoever is away the backup is asked, if that one is able to and here. Customers without
    an account manager are nobody's: whoever is there takes them.
    """

    _name = 'customer.responsibility'
    _description = "Who Does What"

    # ------------------------------------------------------------
    # COMPANY
    # ------------------------------------------------------------

    @api.model
    def _main_company(self):
        """Return the company of what belongs to no company, for users of other companies too."""
        companies = self.env['res.company'].sudo()  # a figure is one for all users
        main_id = self.env['ir.model.data']._xmlid_to_res_id('base.main_company')
        return companies.browse(main_id) if main_id else companies.search([], order='id', limit=1)

    @api.model
    def _company_sql(self, alias, user=None):
        """Return SQL for the id of the company that a customer belongs to.

        :param str alias: the relation of the customer, a ``res_partner``
        :param str user: the relation of its account manager, a ``res_users``, where the query has joined that already
        """
        main = self._main_company().id
        own = SQL.identifier(alias, 'company_id')
        if user:
            return SQL("COALESCE(%s, %s, %s)", own, SQL.identifier(user, 'company_id'), main)
        return SQL(
            "COALESCE(%s, (SELECT company_id FROM res_users WHERE id = %s), %s)", own, SQL.identifier(alias, 'user_id'), main)

    @api.model
    def _company_of(self, partner):
        """Return the company that a customer belongs to; see :meth:`_company_sql`.

        :param partner: a commercial res.partner
        """
        # a colleague's company is not for everybody to read
        return partner.company_id or partner.sudo().user_id.company_id or self._main_company()

    # ------------------------------------------------------------
    # WHO IS ABLE TO
    # ------------------------------------------------------------

    @api.model
    def _group_ids(self, role='user'):
        """Return the ids of the groups that give a role of the addon, or more."""
        return self._groups_of(GROUP + role)

    @api.model
    @ormcache('xmlid', cache='groups')
    def _groups_of(self, xmlid):
        """Return the ids of a group and of all that imply it; none while the addon comes or goes."""
        group_id = self.env['ir.model.data']._xmlid_to_res_id(xmlid)
        if not group_id:
            return []
        return [group_id, *self.env['res.groups']._get_group_definitions().get_subset_ids([group_id])]

    @api.model
    def _role_domain(self, companies=None):
        """Return the domain of the users whom something can be given to, for a field.

        :param str companies: a field beside it: its company or companies are theirs too
        """
        domain = [('share', '=', False), ('group_ids', 'in', self._group_ids())]
        if not companies:
            return domain
        return f"{domain + [('company_ids', 'in', '%s')]}".replace("'%s'", companies)

    @api.model
    def _able_sql(self, role='user', user_ids=None):
        """Return SQL with who is able to do something in which company: ``user_id``, ``company_id``.

        :param str role: the role it takes: ``user``, ``leader`` or ``manager``
        :param user_ids: only these users; default: all
        """
        only = SQL("AND u.id = ANY(%s)", list(user_ids)) if user_ids is not None else SQL()
        return SQL(
            """SELECT u.id AS user_id, c.cid AS company_id
                 FROM res_users u JOIN res_company_users_rel c ON c.user_id = u.id
                WHERE u.active AND u.share IS NOT TRUE %s
                  AND u.id IN (SELECT uid FROM res_groups_users_rel WHERE gid = ANY(%s))""", only, self._group_ids(role))

    @api.model
    def _able_pairs(self, user_ids):
        """Return who of these users is able to do something in which company, as pairs of ids."""
        self._flush()
        return set(self.env.execute_query(self._able_sql(user_ids=user_ids)))

    @api.model
    def _is_able(self, user, company, role='user'):
        """Return whether a user is able to do something in a company; see :meth:`_able_sql`."""
        own = user.sudo()  # a colleague's groups and companies
        return bool(own.active and not own.share and company in own.company_ids and own.has_group(GROUP + role))

    @api.model
    def _check_able(self, user_id, company_id):
        """Refuse to give something to somebody who could not open it.

        :param user_id: id of a res.users, or False for nobody
        :param company_id: id of the res.company it belongs to
        :raises ValidationError: with a sentence that says why, and what to do
        """
        user, company = self.env['res.users'].browse(user_id or ()), self.env['res.company'].browse(company_id)
        if not user or self._is_able(user, company):
            return
        own = user.sudo()  # the companies of a colleague
        values = {'user': own.name, 'company': company.sudo().name}  # as above
        if not own.active:
            raise ValidationError(self.env._("%(user)s has left. Choose somebody who is there.", user=own.name))
        if company not in own.company_ids:
            raise ValidationError(self.env._(
                "%(user)s does not work in %(company)s and could not open it. Choose somebody of that company.", **values))
        raise ValidationError(self.env._(
            "%(user)s has no role in Customer Success and could not open it. Choose somebody else, or ask an administrator "
            "to give %(user)s a role.", user=own.name))

    @api.model
    def _flush(self):
        """Write what the SQL of this model reads."""
        self.env['res.users'].flush_model(['active', 'share', 'company_id', 'company_ids', 'group_ids', 'customer_team_id'])
        self.env['crm.team'].flush_model([
            'user_id', 'customer_executive_id', 'customer_expert_id', 'customer_support_id'])
        self.env['customer.absence'].flush_model()

    # ------------------------------------------------------------
    # WHO IS AWAY
    # ------------------------------------------------------------

    @api.model
    def _away_sql(self):
        """Return SQL with who is away today, and who stands in: ``absence_id``, ``user_id``, ``backup_id``, ``date_to``."""
        return SQL(
            """SELECT id AS absence_id, user_id, backup_id, date_to
                 FROM customer_absence WHERE %(today)s BETWEEN date_from AND date_to""",
            today=self.env['customer.clock']._user_today_sql(SQL("customer_absence.user_id")))

    @api.model
    def _absence_of(self, user):
        """Return the absence of a user today, if any."""
        absences = self.env['customer.absence'].sudo()  # who is away is no secret
        return absences.search(absences._running_domain(user), limit=1)

    @api.model
    def _stands_for(self, user, company, role='user'):
        """Return who does the work of a user today: the user, or the backup while away; nobody if that one is not able to.

        :rtype: res.users
        """
        absence = self._absence_of(user)
        doer = absence.backup_id if absence else user
        if not self._is_able(doer, company, role) or absence and self._absence_of(doer):
            return user.browse()
        return doer

    # ------------------------------------------------------------
    # WHO DOES IT
    # ------------------------------------------------------------

    @api.model
    def _doer_sql(self, pairs):
        """Return SQL with who does what for customers: ``user_id``, ``company_id``, ``role``, and for these ``owner_id``, to
        whom it belongs, and ``doer_id``, who does it today.

        The cost follows the number of pairs, not that of customers.

        :param SQL pairs: selects account managers and companies, as columns ``user_id`` and ``company_id``
        """
        people = {
            'account': SQL("h.user_id"), 'leader': SQL("t.user_id"), 'executive': SQL("t.customer_executive_id"),
            'expert': SQL("t.customer_expert_id"), 'support': SQL("t.customer_support_id"),
            'manager': SQL("m.able_id"), 'present_manager': SQL("m.present_id")}
        candidates = SQL(", ").join(
            SQL("(%s, %s, %s)", role, place, people[name])
            for role, chain in CHAINS.items() for place, name in enumerate(chain + LAST))
        return SQL(
            """WITH able AS MATERIALIZED (%(able)s),
                    away AS MATERIALIZED (%(away)s),
                    stand_in AS MATERIALIZED (
                    SELECT a.user_id AS for_id, a.company_id, a.user_id AS doer_id FROM able a
                     WHERE a.user_id NOT IN (SELECT user_id FROM away)
                     UNION ALL
                    SELECT w.user_id, a.company_id, a.user_id FROM away w JOIN able a ON a.user_id = w.backup_id
                     WHERE a.user_id NOT IN (SELECT user_id FROM away)
                    ),
                    manager AS MATERIALIZED (%(managers)s)
             SELECT h.user_id, h.company_id, c.role,
                    (array_agg(able.user_id ORDER BY c.place) FILTER (WHERE able.user_id IS NOT NULL))[1] AS owner_id,
                    (array_agg(s.doer_id ORDER BY c.place) FILTER (WHERE s.doer_id IS NOT NULL))[1] AS doer_id
               FROM (SELECT DISTINCT user_id, company_id FROM (%(pairs)s) AS q WHERE user_id IS NOT NULL) h
               JOIN res_users u ON u.id = h.user_id
          LEFT JOIN crm_team t ON t.id = u.customer_team_id
          LEFT JOIN manager m ON m.company_id = h.company_id
         CROSS JOIN LATERAL (VALUES %(candidates)s) AS c (role, place, user_id)
          LEFT JOIN able ON able.user_id = c.user_id AND able.company_id = h.company_id
          LEFT JOIN stand_in s ON s.for_id = c.user_id AND s.company_id = h.company_id
           GROUP BY h.user_id, h.company_id, c.role""",
            able=self._able_sql(), away=self._away_sql(), managers=self._managers_sql(), pairs=pairs, candidates=candidates)

    @api.model
    def _managers_sql(self):
        """Return SQL with the manager who is asked last in a company, and the first of them who is not away.

        People who manage customers come before those who administer the system, those of the company before those who work
        there as well.
        """
        return SQL(
            """SELECT a.company_id, (array_agg(a.user_id ORDER BY %(order)s))[1] AS able_id,
                      (array_agg(a.user_id ORDER BY %(order)s)
                       FILTER (WHERE a.user_id NOT IN (SELECT user_id FROM away)))[1] AS present_id
                 FROM (%(able)s) a
                 JOIN res_users u ON u.id = a.user_id
             GROUP BY a.company_id""",
            able=self._able_sql('manager'),
            order=SQL("a.user_id IN (SELECT uid FROM res_groups_users_rel WHERE gid = ANY(%s)), "
                      "u.company_id <> a.company_id, a.user_id", self._groups_of('base.group_system')))

    @api.model
    def _managers(self, company):
        """Return the managers of a company, who is asked first comes first; see :meth:`_managers_sql`.

        :rtype: res.users
        """
        users = self.env['res.users'].sudo()  # who is a manager is for administrators to read
        managers = users.search(
            Domain('active', '=', True) & Domain('share', '=', False) & Domain('group_ids', 'in', self._group_ids('manager'))
            & Domain('company_ids', 'in', company.ids), order='id')
        return managers.sorted(
            lambda user: (user.has_group('base.group_system'), user.company_id != company, user.id))

    @api.model
    def _candidates(self, role, user, company):
        """Return who is asked for a role, in this order.

        :param str role: one of :data:`ROLES`
        :param user: res.users, the account manager
        :param company: res.company of the customer
        :rtype: list of res.users
        """
        team, managers = user.sudo().customer_team_id, self._managers(company)  # teams of others are hidden from users
        present = managers.filtered(lambda manager: not self._absence_of(manager))
        people = {
            'account': user, 'leader': team.user_id, 'executive': team.customer_executive_id,
            'expert': team.customer_expert_id, 'support': team.customer_support_id,
            'manager': managers[:1], 'present_manager': present[:1]}
        return [people[name] for name in CHAINS[role] + LAST if people[name]]

    @api.model
    def _owner(self, role, user, company):
        """Return to whom the work of a role belongs; see :meth:`_doer_sql`.

        :rtype: res.users, empty for nobody
        """
        candidates = self._candidates(role, user, company) if user else []
        owner = next((one for one in candidates if self._is_able(one, company)), user.browse())
        return owner.sudo(False)  # back to the user's rights

    @api.model
    def _doer(self, role, user, company):
        """Return who does the work of a role today; see :meth:`_doer_sql`.

        :rtype: res.users, empty for nobody
        """
        for candidate in self._candidates(role, user, company) if user else []:
            if doer := self._stands_for(candidate, company):
                return doer.sudo(False)  # back to the user's rights
        return user.browse()

    @api.model
    def _to_tell(self, user, company, but=None):
        """Return who hears today of something that a user should not be left alone with: the team leader, else a manager.

        :param user: res.users it is about, may be empty
        :param company: res.company it is about
        :param but: res.users who know it already
        :rtype: res.users, empty for nobody
        """
        known = but or user.browse()
        leader = user.sudo().customer_team_id.user_id  # teams of others are hidden from users
        for candidate in [leader, *self._managers(company)]:
            if candidate and candidate not in known and (doer := self._stands_for(candidate, company)) and doer not in known:
                return doer.sudo(False)  # back to the user's rights
        return user.browse()
