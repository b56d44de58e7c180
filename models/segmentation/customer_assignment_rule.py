from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, ormcache

from ..platform.local_text import listed

#: Where the backup and the technical contact come from.
SOURCES = [('none', "Nobody"), ('user', "One person"), ('team', "The team")]

#: What a rule asks of customers: fields, in the order in which they are told.
CONDITIONS = (
    'company_id', 'country_ids', 'country_group_ids', 'state_ids', 'lang_ids', 'industry_ids', 'tier_ids', 'segment_ids')


class Assigns(NamedTuple):
    """What a rule gives to the customers that fit; see the fields of the rule."""

    rule_id: int
    user_id: int | bool
    team_id: int | bool
    sets_manager: bool
    sets_team: bool
    backup: str
    backup_id: int | bool
    expert: str
    expert_id: int | bool
    by_tier: bool
    speak_ids: tuple
    matches: tuple


class CustomerAssignmentRule(models.Model):
    """Who gets a customer that has nobody: the first rule that fits it and has somebody for it decides, for each place in the
    care team by itself (SEG-9).

    A rule acts on customers that come from when it is switched on. For those that are there already it is tried out and
    carried out with the dialog *Assign by rules*. What a condition leaves empty does not matter.
    """

    _name = 'customer.assignment.rule'
    _inherit = ['customer.cached']
    _description = "Assignment Rule"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True, help="Stands in the sentence that says why somebody got a customer.")
    sequence = fields.Integer(default=10, required=True, help="The rules are tried in this order, the lowest first.")
    active = fields.Boolean(default=True)
    # which customers
    company_id = fields.Many2one(
        comodel_name='res.company', string="Of the Company", index='btree_not_null', ondelete='restrict',
        help="Customers of no company count as those of the main company until somebody looks after them.")
    country_ids = fields.Many2many(comodel_name='res.country', string="In the Countries", ondelete='restrict')
    country_group_ids = fields.Many2many(
        comodel_name='res.country.group', string="Or in Country Groups", ondelete='restrict')
    state_ids = fields.Many2many(comodel_name='res.country.state', string="In the States", ondelete='restrict')
    lang_ids = fields.Many2many(
        comodel_name='res.lang', relation='customer_assignment_rule_lang_rel', string="With the Languages",
        context={'active_test': False}, ondelete='restrict',
        help="The language of the customer's form. One form of a language stands for all of them.")
    industry_ids = fields.Many2many(
        comodel_name='res.partner.industry', string="Of the Industries", ondelete='restrict')
    tier_ids = fields.Many2many(comodel_name='customer.tier', string="Of the Tiers", ondelete='restrict')
    segment_ids = fields.Many2many(comodel_name='customer.segment', string="Of the Segments", ondelete='restrict')
    # who gets them
    give_to = fields.Selection(
        selection=[('user', "One person"), ('team', "A member of a team")], string="Go To", default='team', required=True,
        help="Of a team whoever has the fewest customers, weighted by tier; of several who have as few, the one who is "
             "there the longest.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Person", ondelete='restrict', index='btree_not_null',
        domain=lambda self: self.env['customer.responsibility']._role_domain())
    team_id = fields.Many2one(comodel_name='crm.team', string="Of the Team", ondelete='restrict', index='btree_not_null')
    speak_ids = fields.Many2many(
        comodel_name='res.lang', relation='customer_assignment_rule_speak_rel', string="Has to Speak",
        context={'active_test': False}, ondelete='restrict', help="Whoever gets a customer speaks all of these.")
    match_language = fields.Boolean(string="Speaks the Customer's Language")
    match_industry = fields.Boolean(string="Knows the Customer's Industry")
    # what is set
    sets_manager = fields.Boolean(string="As Account Manager", default=True)
    sets_team = fields.Boolean(string="Team as Regional Team", default=True)
    backup = fields.Selection(
        selection=SOURCES, string="Backup From", default='none', required=True,
        help="Of a team whoever is the backup of the fewest customers, and not their account manager.")
    backup_id = fields.Many2one(
        comodel_name='res.users', string="Backup Person", ondelete='restrict', index='btree_not_null',
        domain=lambda self: self.env['customer.responsibility']._role_domain())
    expert = fields.Selection(
        selection=SOURCES, string="Technical Contact From", default='none', required=True,
        help="Of a team its product expert.")
    expert_id = fields.Many2one(
        comodel_name='res.users', string="Technical Contact Person", ondelete='restrict', index='btree_not_null',
        domain=lambda self: self.env['customer.responsibility']._role_domain())
    by_tier = fields.Boolean(
        string="Only Where the Tier Wants Them", default=True,
        help="Backup and technical contact are given to customers whose tier wants them, not to all that fit.")
    # what comes of it
    tried_at = fields.Datetime(
        string="Tried Last", readonly=True, copy=False, help="When the rules last looked for somebody for customers.")
    customer_count = fields.Integer(
        string="Fits (customers)", compute='_compute_customer_count', help="Of all managed customers, whoever has them.")
    note = fields.Char(string="Attention", compute='_compute_note')

    def _compute_customer_count(self):
        counts = self.env['customer.assigner'].sudo()._count_fitting(self._origin)  # customers of every salesperson
        for rule in self:
            rule.customer_count = counts.get(rule._origin.id, 0)

    @api.depends('user_id', 'team_id', 'give_to', 'backup_id', 'expert_id', 'speak_ids', 'sequence', 'active')
    @api.depends_context('lang')
    def _compute_note(self):
        assigner = self.env['customer.assigner'].sudo()  # customers and people of all companies
        people = assigner._people([rule._assigns() for rule in self._origin])
        everything = next((rule for rule in self.search([]) if not rule._conditions_set()), self.browse())
        for rule in self:
            own = rule._origin
            notes = assigner._describe_people(own, people) if own else []
            if own and not own.customer_count:
                notes.append(self.env._("It fits no customer of today."))
            if everything and own != everything and (rule.sequence, own.id or 0) > (everything.sequence, everything.id):
                notes.append(self.env._(
                    "It is tried only where “%(rule)s”, which fits every customer, has nobody.", rule=everything.name))
            rule.note = listed(self.env, notes) if len(notes) < 2 else " ".join(notes)

    # ------------------------------------------------------------
    # WHAT CAN'T BE MEANT
    # ------------------------------------------------------------

    @api.constrains(
        'give_to', 'user_id', 'team_id', 'sets_manager', 'sets_team', 'backup', 'backup_id', 'expert', 'expert_id',
        'company_id')
    def _check_gives(self):
        for rule in self:
            if rule.give_to == 'user' and not rule.user_id:
                raise ValidationError(self.env._(
                    "Choose the person whom the rule “%(rule)s” gives customers to.", rule=rule.name))
            if rule.give_to == 'team' and not rule.team_id:
                raise ValidationError(self.env._(
                    "Choose the team whose members the rule “%(rule)s” gives customers to.", rule=rule.name))
            if not (rule.sets_manager or rule.sets_team or rule.backup != 'none' or rule.expert != 'none'):
                raise ValidationError(self.env._(
                    "The rule “%(rule)s” sets nothing. Let it set an account manager, a backup, a technical contact or a "
                    "team.", rule=rule.name))
            rule._check_people()

    def _check_people(self):
        """Refuse people who could not open the customers that this rule gives them."""
        self.ensure_one()
        responsibility, users = self.env['customer.responsibility'], self.env['res.users']
        for source, field in (('backup', 'backup_id'), ('expert', 'expert_id')):
            if self[source] == 'user' and not self[field]:
                raise ValidationError(self.env._(
                    "Choose who it is in “%(field)s”, or nobody.", field=self._fields[field]._description_string(self.env)))
            if self[source] == 'team' and not self.team_id:
                raise ValidationError(self.env._(
                    "Backup or technical contact come from a team: choose it for the rule “%(rule)s”.", rule=self.name))
        if self.backup == 'user' and self.give_to == 'user' and self.sets_manager and self.backup_id == self.user_id:
            raise ValidationError(self.env._("Nobody is their own backup. Choose a colleague."))
        for user in (self.give_to == 'user' and self.user_id or users, self.backup == 'user' and self.backup_id or users,
                     self.expert == 'user' and self.expert_id or users):
            if user:
                company = self.company_id or user.sudo().company_id  # where a colleague works
                responsibility._check_able(user.id, company.id)
        team = self.team_id.sudo()  # teams of others are hidden from users
        if team and self.company_id and team.company_id not in (self.company_id, team.company_id.browse()):
            raise ValidationError(self.env._(
                "The team %(team)s is of another company than the customers of the rule “%(rule)s”.",
                team=team.name, rule=self.name))
        if self.give_to == 'team' and self.sets_manager and not self._has_members():
            raise ValidationError(self.env._(
                "Nobody in the team %(team)s could open a customer: it has no members with a role in Customer Success. Add "
                "some first.", team=team.name))

    def _has_members(self):
        """Return whether the team has somebody who is able to do something for customers."""
        members = self.team_id.sudo().crm_team_member_ids.user_id  # teams of others are hidden from users
        able = self.env['customer.responsibility']._able_pairs(members.ids)
        return any(not self.company_id or company_id == self.company_id.id for __, company_id in able)

    @api.constrains('country_ids', 'country_group_ids', 'state_ids')
    def _check_places(self):
        for rule in self:
            countries = rule.country_ids | rule.country_group_ids.country_ids
            elsewhere = rule.state_ids.filtered(lambda state, countries=countries: state.country_id not in countries)
            if countries and elsewhere:
                raise ValidationError(self.env._(
                    "The rule “%(rule)s” fits nobody: %(states)s is in none of its countries. Add the country, or take the "
                    "state away.", rule=rule.name, states=elsewhere[0].display_name))
            if rule.country_group_ids and not countries:
                raise ValidationError(self.env._(
                    "The rule “%(rule)s” fits nobody: its country groups have no countries.", rule=rule.name))

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_tried(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_tried([vals])
        return super().write(vals)

    @api.model
    def _refuse_tried(self, vals_list):
        """Refuse to say when the rules were tried: it follows from that."""
        if not self.env.su and any(vals.get('tried_at') for vals in vals_list):
            raise UserError(self.env._(
                "“%(field)s” follows from the assignments themselves. Leave it out.",
                field=self._fields['tried_at']._description_string(self.env)))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # assignments of customers that the user doesn't see, too
        if used := self.env['customer.assignment'].sudo().search([('rule_id', 'in', self.ids)], limit=1).rule_id:
            raise UserError(self.env._(
                "Customers were assigned by the rule “%(rule)s”. Archive it instead: why they were stays readable.",
                rule=used.name))

    # ------------------------------------------------------------
    # FOR THE ASSIGNER
    # ------------------------------------------------------------

    @api.model
    def _matches(self):
        """Return which fields ask that somebody knows what a customer needs, with the name of what is known; see
        ``customer.assigner._knowledge``. Wings add theirs."""
        return {'match_language': 'language', 'match_industry': 'industry'}

    @api.model
    def _conditions(self):
        """Return the fields that are conditions, in the order in which they are told; wings add theirs."""
        return CONDITIONS

    def _conditions_set(self):
        self.ensure_one()
        return [name for name in self._conditions() if self[name]]

    def _assigns(self):
        """Return what this rule gives, to be kept in memory."""
        self.ensure_one()
        return Assigns(
            self.id, self.give_to == 'user' and self.user_id.id, self.team_id.id, self.sets_manager,
            self.sets_team and bool(self.team_id), self.backup, self.backup_id.id, self.expert, self.expert_id.id, self.by_tier,
            tuple(self.speak_ids.ids), tuple(name for field, name in self._matches().items() if self[field]))

    @api.model
    @ormcache()
    def _in_force(self):
        """Return what the rules in force give and what they ask for, in their order.

        :rtype: tuple[tuple[Assigns, tuple[tuple[str, object], ...]], ...]
        """
        # one set of rules for everybody
        return tuple((rule._assigns(), rule._wanted()) for rule in self.sudo().with_context(active_test=True).search([]))

    def _wanted(self):
        """Return the names and values of the conditions of this rule."""
        self.ensure_one()
        return tuple(
            (name, self[name].id if self._fields[name].type == 'many2one' else tuple(sorted(self[name].ids)))
            for name in self._conditions_set())

    @api.model
    def _fits_sql(self, wanted):
        """Return SQL for whether a customer ``p`` meets conditions; see :meth:`_wanted`."""
        wanted, places = dict(wanted), []
        if countries := wanted.pop('country_ids', ()):
            places.append(SQL("p.country_id = ANY(%s)", list(countries)))
        if groups := wanted.pop('country_group_ids', ()):
            places.append(SQL(
                """p.country_id IN (SELECT res_country_id FROM res_country_res_country_group_rel
                                     WHERE res_country_group_id = ANY(%s))""", list(groups)))
        terms = [SQL("(%s)", SQL(" OR ").join(places))] if places else []
        terms += [self._condition_sql(name, value) for name, value in wanted.items()]
        return SQL("(%s)", SQL(" AND ").join(terms)) if terms else SQL("TRUE")

    @api.model
    def _condition_sql(self, name, value):
        """Return SQL for whether a customer ``p`` meets a condition; wings add theirs.

        :param str name: of the field
        :param value: an id, or a tuple of ids
        """
        if name == 'company_id':
            return SQL("%s = %s", self.env['customer.responsibility']._company_sql('p'), value)
        if name == 'lang_ids':
            language = self.env['customer.assigner']._language_sql
            return SQL("%s IN (SELECT %s FROM res_lang WHERE id = ANY(%s))",
                       language(SQL("p.lang")), language(SQL("code")), list(value))
        column = {'state_ids': 'state_id', 'industry_ids': 'industry_id', 'tier_ids': 'customer_tier_id',
                  'segment_ids': 'customer_segment_id'}[name]
        return SQL("%s = ANY(%s)", SQL.identifier('p', column), list(value))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_try(self):
        """Open the dialog that shows who would get whom, and does it when asked to."""
        return self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_assignment_dry_run_action')

    def action_view_assignments(self):
        """Open what this rule assigned."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_assignment_action')
        return {**action, 'domain': [('rule_id', '=', self.id)], 'context': {}}
