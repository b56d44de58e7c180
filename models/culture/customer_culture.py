from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, ormcache

WEEKDAYS = ('work_mon', 'work_tue', 'work_wed', 'work_thu', 'work_fri', 'work_sat', 'work_sun')

#: What a profile that builds on another takes over where it says nothing itself.
ADVICE = ('advice_do', 'advice_avoid', 'tone', 'advice_gift')


class CustomerCulture(models.Model):
    """A culture profile: what is fitting with customers of a country or a state (CUL-1).

    A customer has the profile chosen for it by hand, else that of its state, else that of its country, else none. It says
    how business is done there, never anything about a person.
    """

    _name = 'customer.culture'
    _description = "Culture Profile"
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
        comodel_name='res.country',
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
    work_mon = fields.Boolean(string="Monday", default=True)
    work_tue = fields.Boolean(string="Tuesday", default=True)
    work_wed = fields.Boolean(string="Wednesday", default=True)
    work_thu = fields.Boolean(string="Thursday", default=True)
    work_fri = fields.Boolean(string="Friday", default=True)
    work_sat = fields.Boolean(string="Saturday")
    work_sun = fields.Boolean(string="Sunday")
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
                """SELECT r.%(column)s, array_agg(c.id) FROM %(table)s r JOIN customer_culture c ON c.id = r.customer_culture_id
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
            """SELECT %(culture)s, count(*) FROM res_partner p %(joins)s
                WHERE p.customer_managed GROUP BY 1""", **self._customer_sql('p'))))
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
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.res_partner_action_customers')
        action['domain'] = [('customer_managed', '=', True), ('customer_culture_id', '=', self.id)]
        action['context'] = {}
        return action

    # ------------------------------------------------------------
    # WHO HAS WHICH PROFILE
    # ------------------------------------------------------------

    @api.model
    def _customer_sql(self, alias):
        """Return SQL for the profile of a customer: the expression ``culture`` and the ``joins`` it needs.

        :param str alias: name of a relation with the columns of res_partner
        :rtype: dict[str, SQL]
        """
        partner = SQL.identifier(alias)
        return {
            'culture': SQL("COALESCE(own_culture.id, state_culture.id, country_culture.id)"),
            'joins': SQL(
                """LEFT JOIN customer_culture own_culture
                          ON own_culture.id = %(partner)s.customer_culture_manual_id AND own_culture.active
                   LEFT JOIN (SELECT r.res_country_state_id, c.id FROM customer_culture_state r
                                JOIN customer_culture c ON c.id = r.customer_culture_id AND c.active) AS state_culture
                          ON state_culture.res_country_state_id = %(partner)s.state_id
                   LEFT JOIN (SELECT r.res_country_id, c.id FROM customer_culture_country r
                                JOIN customer_culture c ON c.id = r.customer_culture_id AND c.active) AS country_culture
                          ON country_culture.res_country_id = %(partner)s.country_id""", partner=partner),
        }

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
            "SELECT p.id FROM res_partner p %(joins)s WHERE p.customer_managed AND %(culture)s = ANY(%(ids)s)",
            **self._customer_sql('p'), ids=cultures.ids)

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

    def _lineage(self):
        """Return this profile and the one it builds on."""
        return self | self.parent_id

    def _advice(self, name):
        """Return a text of :data:`ADVICE`, of the profile that this one builds on where it has none."""
        self.ensure_one()
        return self[name] or self.parent_id[name] or ''

    def _works_on(self, weekday):
        """Return whether a weekday (0: Monday) is worked by the profile's own week."""
        self.ensure_one()
        return self[WEEKDAYS[weekday]]
