import json

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, ormcache

from .customer_week import WEEKDAYS

#: What a profile that builds on another takes over where it says nothing itself.
ADVICE = ('advice_do', 'advice_avoid', 'tone', 'advice_gift')


class CustomerCulture(models.Model):
    """A culture profile: what is fitting with customers of a country or a state (CUL-1).

    A customer has the profile chosen for it by hand, else that of its state, else that of its country, else none. It says
    how business is done there, never anything about a person.
    """

    _name = 'customer.culture'
    _description = "Culture Profile"
    _inherit = ['customer.named', 'customer.week', 'customer.asking']
    _order = 'sequence, name, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one(
        comodel_name='customer.culture',
        string="Builds On",
        index='btree_not_null',
        ondelete='restrict',
        help="The periods of that profile hold here too, and its advice where this one has none.",
    )
    child_ids = fields.One2many(comodel_name='customer.culture', inverse_name='parent_id')
    country_ids = fields.Many2many(
        comodel_name='res.country', copy=False,
        relation='customer_culture_country',
        string="Countries",
        help="Customers of these countries have this profile. A country belongs to one profile.",
    )
    state_ids = fields.Many2many(
        comodel_name='res.country.state',
        relation='customer_culture_state',
        string="States",
        help="Customers of these states have this profile, whatever the profile of their country.",
    )
    # etiquette
    summary = fields.Char(translate=True, help="The most important thing, in a sentence.")
    advice_do = fields.Text(string="Do", translate=True, help="One point per line.")
    advice_avoid = fields.Text(string="Avoid", translate=True, help="One point per line.")
    tone = fields.Char(translate=True)
    advice_gift = fields.Text(string="Gifts and Hospitality", translate=True)
    preferred_channel_ids = fields.Many2many(
        comodel_name='customer.channel', relation='customer_culture_preferred_channel', string="Preferred Channels")
    notice_days = fields.Integer(
        string="Notice Before a Visit (days)", default=0, required=True,
        help="How many days ahead a visit should be announced.")
    greeting_off_ids = fields.Many2many(
        comodel_name='customer.occasion.kind', relation='customer_culture_greeting_off', string="Not Customary",
        help="Nobody is greeted on these occasions here, unless it is noted on the person to always do so. Holds for the "
             "profiles that build on this one too.")
    # calendar
    own_week = fields.Boolean(
        string="Own Working Week", help="Otherwise the working week of the customer's country holds.")
    period_ids = fields.One2many(
        comodel_name='customer.culture.period', inverse_name='culture_id', string="Periods", copy=True)
    inherited_period_ids = fields.One2many(related='parent_id.period_ids', string="Periods Taken Over")
    customer_count = fields.Integer(string="Customers", compute='_compute_customer_count')

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a culture profile with this name.")
    _notice_positive = models.Constraint(
        'CHECK (notice_days >= 0)', "The notice before a visit can't be negative.")

    @api.constrains('own_week', *WEEKDAYS)
    def _check_week(self):
        for culture in self:
            if culture.own_week and not any(culture[name] for name in WEEKDAYS):
                raise ValidationError(self.env._(
                    "%(culture)s has no working day: nobody could ever be contacted. Tick at least one, or take the "
                    "working week of the country.", culture=culture.name))

    @api.constrains('parent_id')
    def _check_parent(self):
        for culture in self:
            if culture._has_cycle() or culture.parent_id.parent_id or culture.parent_id and culture.child_ids:
                raise ValidationError(self.env._(
                    "%(culture)s can't build on %(parent)s: a profile builds on one that builds on none.",
                    culture=culture.name, parent=culture.parent_id.name))

    @api.constrains('country_ids', 'state_ids', 'active')
    def _check_places(self):
        for relation, places in (('country', self.country_ids), ('state', self.state_ids)):
            column = SQL.identifier(f'res_country_{relation}_id' if relation == 'state' else 'res_country_id')
            table = SQL.identifier(f'customer_culture_{relation}')
            self.flush_model()
            rows = self.env.execute_query(SQL(
                """SELECT r.%(column)s, array_agg(c.id ORDER BY c.sequence, c.id)
                     FROM %(table)s r JOIN customer_culture c ON c.id = r.customer_culture_id
                    WHERE c.active AND r.%(column)s = ANY(%(ids)s) GROUP BY 1 HAVING count(*) > 1""",
                column=column, table=table, ids=places.ids))
            for place_id, culture_ids in rows:
                raise ValidationError(self.env._(
                    "%(place)s belongs to one culture profile at most, not to both %(first)s and %(second)s. Take it out of "
                    "the other one first.", place=places.browse(place_id).name,
                    first=self.browse(culture_ids[0]).name, second=self.browse(culture_ids[1]).name))

    def _compute_customer_count(self):
        self.env['res.partner'].flush_model()
        # a profile is judged by all customers it touches
        counts = dict(self.sudo().env.execute_query(SQL(
            "SELECT %s, count(*) FROM res_partner p WHERE p.customer_managed IS TRUE GROUP BY 1", self._partner_sql('p'))))
        for culture in self:
            culture.customer_count = counts.get(culture._origin.id, 0)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        cultures = super().create(vals_list)
        self._rules_changed()
        self._replan_customers_of(cultures)
        return cultures

    def write(self, vals):
        moves = {'active', 'parent_id', 'country_ids', 'state_ids', 'own_week', 'period_ids', *WEEKDAYS} & vals.keys()
        before = self._customers() if moves else []
        result = super().write(vals)
        self._rules_changed()
        if moves:
            self.env['customer.plan.request']._request({*before, *self._customers()})
        return result

    def unlink(self):
        before = self._customers()
        result = super().unlink()
        self._rules_changed()
        self.env['customer.plan.request']._request(before)
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_view_customers(self):
        """Open the customers of this profile."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.res_partner_action_customers')
        action['domain'] = [('customer_managed', '=', True), ('customer_culture_id', '=', self.id)]
        action['context'] = {}
        return action

    # ------------------------------------------------------------
    # WHO HAS WHICH PROFILE
    # ------------------------------------------------------------

    @api.model
    def _customer_sql(self, own, state, country):
        """Return SQL for the profile of a customer, without a join: plans and lists of many customers ask for it.

        :param SQL own: expression of the profile chosen by hand
        :param SQL state: expression of the id of the state
        :param SQL country: expression of the id of the country
        """
        by_state, by_country = self._get_places()
        return SQL(
            """COALESCE(CASE WHEN %(own)s = ANY(%(active)s) THEN %(own)s END,
                        (%(by_state)s::jsonb ->> %(state)s::text)::int, (%(by_country)s::jsonb ->> %(country)s::text)::int)""",
            own=own, state=state, country=country, active=self._get_active_ids(),
            by_state=json.dumps(by_state), by_country=json.dumps(by_country))

    @api.model
    def _partner_sql(self, alias):
        """Return the same for a relation with the columns of res_partner.

        :param str alias: its name
        """
        return self._customer_sql(*(
            SQL.identifier(alias, column) for column in ('customer_culture_manual_id', 'state_id', 'country_id')))

    @api.model
    @ormcache()
    def _get_places(self):
        """Return which profile belongs to which place: they are asked for on every contact form.

        :return: ids of profiles by id of the state, and by id of the country
        :rtype: tuple[dict[int, int], dict[int, int]]
        """
        cultures = self.sudo().with_context(active_test=True).search([])  # etiquette is no secret
        return (
            {state.id: culture.id for culture in cultures for state in culture.state_ids},
            {country.id: culture.id for culture in cultures for country in culture.country_ids},
        )

    @api.model
    @ormcache()
    def _get_active_ids(self):
        """Return the ids of the profiles in use."""
        return self.sudo().with_context(active_test=True).search([]).ids  # etiquette is no secret

    def _customers_sql(self):
        """Return SQL with the ids of the managed customers that have these profiles, or one that builds on them."""
        self.flush_model()
        self.env['res.partner'].flush_model()
        cultures = self | self.with_context(active_test=False).child_ids
        return SQL(
            "SELECT p.id FROM res_partner p WHERE p.customer_managed IS TRUE AND %s = ANY(%s)",
            self._partner_sql('p'), cultures.ids)

    def _customers(self):
        """Return these ids, see :meth:`_customers_sql`."""
        return [partner_id for partner_id, in self.env.execute_query(self._customers_sql())]

    @api.model
    def _replan_customers_of(self, cultures):
        """Ask for the planning of the customers of these profiles."""
        self.env['customer.plan.request']._request(cultures._customers())

    @api.model
    def _rules_changed(self):
        """Forget what was remembered of places and periods."""
        self.env.registry.clear_cache()
        self.env['res.partner'].invalidate_model(['customer_culture_id'])

    def _describe_archiving(self, active):
        if not active:
            return self._describe_planned_anew(len(self._customers()))
        # how many are concerned is no secret
        return self._describe_planned_anew(self.env['res.partner'].sudo().search_count([
            ('customer_managed', '=', True),
            '|', ('country_id', 'in', self.country_ids.ids), ('state_id', 'in', self.state_ids.ids)]))

    def _preferred_channels(self):
        """Return the preferred channels, of the profile that this one builds on where it has none."""
        return self.preferred_channel_ids or self.parent_id.preferred_channel_ids

    def _advice(self, name):
        """Return a text of :data:`ADVICE`, of the profile that this one builds on where it has none."""
        self.ensure_one()
        return self[name] or self.parent_id[name] or ''
