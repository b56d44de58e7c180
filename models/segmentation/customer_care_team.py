from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..platform.local_text import listed
from ..profile.customer_handover import Plan
from ..profile.res_partner import GROUP_USER, PREFETCH
from .customer_assigner import BY_RULE, PLACES

#: What can be missing in a care team, the most pressing first.
CARE_GAPS = [
    ('manager', "No account manager"),
    ('backup', "No backup"),
    ('expert', "No technical contact"),
    ('team', "No regional team"),
    ('empty', "Team without members"),
]


class CustomerCareTeam(models.AbstractModel):
    """Who looks after a customer besides its account manager, and what is missing there (SEG-9). Contacts inherit from it."""

    _name = 'customer.care.team'
    _description = "Care Team of a Customer"

    customer_backup_id = fields.Many2one(
        comodel_name='res.users', string="Backup of the Account Manager", copy=False, index='btree_not_null',
        ondelete='set null', groups=GROUP_USER, prefetch=PREFETCH,
        domain=lambda self: self.env['customer.responsibility']._role_domain(),
        help="Knows the customer as well, and is who to ask when the account manager is not there.")
    customer_expert_id = fields.Many2one(
        comodel_name='res.users', string="Technical Contact", copy=False, index='btree_not_null', ondelete='set null',
        groups=GROUP_USER, prefetch=PREFETCH, domain=lambda self: self.env['customer.responsibility']._role_domain(),
        help="Answers technical questions of this customer, and does its touchpoints meant for a product expert.")
    customer_team_id = fields.Many2one(
        comodel_name='crm.team', string="Regional Team", copy=False, index='btree_not_null', ondelete='set null',
        groups=GROUP_USER, prefetch=PREFETCH, help="The team that the customer belongs to, whoever of it looks after it.")
    customer_assignment_ids = fields.One2many(
        comodel_name='customer.assignment', inverse_name='partner_id', string="Assignments", readonly=True, groups=GROUP_USER)
    customer_assigned_why = fields.Text(
        string="Why These People", compute='_compute_customer_assigned_why', groups=GROUP_USER,
        help="By which rules those got there who are there now. Of whom nothing stands here was chosen by hand.")
    customer_care_gap = fields.Selection(
        selection=CARE_GAPS, string="Gap in the Care Team", compute='_compute_customer_care_gap',
        search='_search_customer_care_gap', groups=GROUP_USER,
        help="The most pressing gap. Customers are found by each of their gaps, and stand in the group of the first.")
    customer_care_gaps = fields.Char(
        string="Gaps in the Care Team", compute='_compute_customer_care_gap', groups=GROUP_USER)

    @api.depends(
        'customer_assignment_ids.state', 'user_id', 'customer_backup_id', 'customer_expert_id', 'customer_team_id')
    @api.depends_context('lang')
    def _compute_customer_assigned_why(self):
        assignments = self.env['customer.assignment'].sudo()  # whoever sees who it is sees why
        rows = assignments.search([('partner_id', 'in', self._origin.ids)], order='id')
        last = {(row.partner_id.id, row.place): row for row in rows}
        for partner in self:
            lines = []
            for place, name in PLACES.items():
                row = last.get((partner._origin.id, place))
                given = row and (row.team_id if place == 'team' else row.user_id)
                if row and row.state == 'done' and given.id == partner[name].id:
                    lines.append(self.env._("%(place)s: %(why)s", place=row._place_label(place), why=row.sentence))
            partner.customer_assigned_why = "\n".join(lines)

    # ------------------------------------------------------------
    # GAPS
    # ------------------------------------------------------------

    @api.depends(
        'user_id', 'customer_backup_id', 'customer_expert_id', 'customer_team_id', 'customer_tier_id', 'customer_managed',
        'company_id')
    @api.depends_context('lang')
    def _compute_customer_care_gap(self):
        labels = dict(self._fields['customer_care_gap']._description_selection(self.env))
        found = self._find_care_gaps()
        for partner in self:
            gaps = found.get(partner._origin.id, [])
            partner.customer_care_gap = gaps[0] if gaps else False
            partner.customer_care_gaps = listed(self.env, [labels[gap] for gap in gaps])

    def _find_care_gaps(self):
        """Return the gaps in the care teams of these customers, the most pressing first, in one statement.

        :rtype: dict[int, list[str]]
        """
        if not self._origin.ids:
            return {}
        self._flush_care()
        gaps = [gap for gap, __ in CARE_GAPS]
        rows = self.env.execute_query(SQL(
            "SELECT p.id, %s FROM res_partner p WHERE p.id = ANY(%s)",
            SQL(", ").join(self._care_gap_sql(gap, 'p') for gap in gaps), self._origin.ids))
        return {partner_id: [gap for gap, missing in zip(gaps, row, strict=True) if missing] for partner_id, *row in rows}

    def _flush_care(self):
        """Write what the SQL about gaps reads."""
        self.env['res.partner'].flush_model([
            *PLACES.values(), 'customer_managed', 'customer_tier_id', 'company_id'])
        self.env['customer.responsibility']._flush()
        self.env['crm.team.member'].flush_model(['user_id', 'crm_team_id', 'active'])

    def _care_gap_sql(self, gap, alias):
        """Return SQL for whether a customer has a gap in its care team.

        Somebody who left, has no role in the customer's company, or is the account manager too, fills no place.

        :param str gap: a key of :data:`CARE_GAPS`
        :param str alias: the relation of the customer, a ``res_partner``
        """
        responsibility = self.env['customer.responsibility']
        able, company = responsibility._able_sql(), responsibility._company_sql(alias)
        tiers = self.env['customer.tier']._wanting().get(gap, [])
        wanting = SQL("%s = ANY(%s)", SQL.identifier(alias, 'customer_tier_id'), tiers)
        column = SQL.identifier(alias, PLACES.get(gap, 'customer_team_id'))
        gone = SQL("(%s, %s) NOT IN (%s)", column, company, able)
        if gap == 'team':
            missing = SQL("%s AND %s IS NULL", wanting, column)
        elif gap == 'empty':
            missing = SQL(
                """%s IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM crm_team_member m JOIN (%s) able ON able.user_id = m.user_id
                     WHERE m.crm_team_id = %s AND m.active)""", column, able, column)
        elif gap == 'manager':
            missing = SQL("%s AND (%s IS NULL OR %s)", wanting, column, gone)
        else:
            also = SQL("OR %s = %s", column, SQL.identifier(alias, 'user_id')) if gap == 'backup' else SQL()
            missing = SQL("(%(wanting)s AND %(column)s IS NULL OR %(column)s IS NOT NULL AND (%(gone)s %(also)s))",
                          wanting=wanting, column=column, gone=gone, also=also)
        return SQL("(%s IS TRUE AND COALESCE(%s, FALSE))", SQL.identifier(alias, 'customer_managed'), missing)

    def _search_customer_care_gap(self, operator, value):
        if operator != 'in':
            return NotImplemented
        self._flush_care()
        gaps = dict(CARE_GAPS)

        def has(gap):
            return Domain.custom(to_sql=lambda model, alias, query: model._care_gap_sql(gap, alias))

        return Domain.OR(
            has(gap) if gap else Domain.AND(~has(other) for other in gaps) for gap in value if not gap or gap in gaps)

    def _first_care_gap_sql(self, alias):
        """Return SQL for the most pressing gap in the care team of a customer."""
        self._flush_care()
        return SQL("(CASE %s END)", SQL(" ").join(
            SQL("WHEN %s THEN %s", self._care_gap_sql(gap, alias), gap) for gap, __ in CARE_GAPS))

    # ------------------------------------------------------------
    # WHO IS PUT THERE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners._check_care_people({name for vals in vals_list for name in vals})
        return partners

    def write(self, vals):
        """Remember which places somebody empties by hand: no rule fills these again. And refuse who can't be there."""
        names = [name for name in PLACES.values() if name in vals]
        if not names or self.env.context.get('customer_assigned') is BY_RULE:
            return super().write(vals)
        # whoever may change the salesperson need not see customer care
        before = {partner: [partner[name] for name in names] for partner in self.sudo() if partner.customer_managed}
        result = super().write(vals)
        plan = self.env.context.get('customer_handover')
        if not (isinstance(plan, Plan) and plan.undone):
            self._note_emptied(before, names)
        if vals.get('user_id'):
            # who stood in looks after it now
            self.sudo().filtered(  # as above
                lambda partner: partner.customer_backup_id == partner.user_id)._empty_care_place('customer_backup_id')
        self._check_care_people(names)
        return result

    def _empty_care_place(self, name):
        """Empty a place of the care team, which a rule may fill again.

        :param str name: of the field
        """
        if self:
            self.with_context(customer_assigned=BY_RULE).write({name: False})

    @api.model
    def _note_emptied(self, before, names):
        """Keep which places of customers somebody has just emptied.

        :param before: by customer, who was there
        :param names: of the fields
        """
        places = {name: place for place, name in PLACES.items()}
        emptied = [
            {'partner_id': partner.id, 'place': places[name], 'by_hand': True}
            for partner, people in before.items() for name, was in zip(names, people, strict=True) if was and not partner[name]]
        if emptied:
            self.env['customer.assignment'].sudo().create(emptied)  # kept by the addon

    def _check_care_people(self, names):
        """Refuse a backup and a technical contact who could not open the customer, by form, list, import and RPC.

        :raises ValidationError: with a sentence that says why
        """
        if self.env.su or not {'customer_backup_id', 'customer_expert_id'} & set(names):
            return
        responsibility = self.env['customer.responsibility']
        for partner in self.sudo():  # where a colleague works
            for name in {'customer_backup_id', 'customer_expert_id'} & set(names):
                if user := partner[name]:
                    responsibility._check_able(user.id, (partner.company_id or user.company_id).id)
            if 'customer_backup_id' in names and partner.customer_backup_id and partner.customer_backup_id == partner.user_id:
                raise ValidationError(self.env._(
                    "%(user)s looks after %(customer)s already, and can't stand in for that. Choose a colleague.",
                    user=partner.user_id.name, customer=partner.display_name))

    def action_customer_assign_by_rules(self):
        """Open the dialog that shows whom the rules would give these customers to."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_assignment_dry_run_action')
        return {**action, 'context': {'default_partner_ids': self.commercial_partner_id.ids, 'default_fill': True}}
