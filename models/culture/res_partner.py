from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..profile.res_partner import GROUP_USER, PREFETCH


class ResPartner(models.Model):
    _inherit = 'res.partner'

    customer_culture_manual_id = fields.Many2one(
        comodel_name='customer.culture', string="Own Culture Profile", index='btree_not_null', ondelete='set null',
        groups=GROUP_USER, prefetch=PREFETCH,
        help="A culture profile for this customer alone. Empty: that of its state, else that of its country.")
    # the name that other addons give it, so that they share it
    birthdate_date = fields.Date(
        string="Birthdate", copy=False, groups=GROUP_USER, prefetch=PREFETCH,
        help="Seen by users of Customer Success alone. A greeting opens in time, where that is customary.")
    customer_occasion_ids = fields.One2many(
        comodel_name='customer.occasion', inverse_name='partner_id', string="Occasions", groups=GROUP_USER)
    customer_culture_id = fields.Many2one(
        comodel_name='customer.culture', string="Culture", compute='_compute_customer_culture_id',
        search='_search_customer_culture_id', groups=GROUP_USER)
    customer_local_time = fields.Char(
        string="Local Time", compute='_compute_customer_local_time', groups=GROUP_USER,
        help="What the clock says at the customer's. Empty where it says the same as yours.")

    customer_care_turn = fields.Integer(
        string="Bookings of Care", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH,
        help="Grows with each booking of care for this contact, so that two at the same moment come one after the other.")

    _birthdate_idx = models.Index('(birthdate_date) WHERE birthdate_date IS NOT NULL')
    # whose first order has its anniversary on some days, see customer.occurrence
    _customer_since_day_idx = models.Index(
        '((EXTRACT(MONTH FROM COALESCE(customer_first_order, customer_managed_since))::int), '
        '(EXTRACT(DAY FROM COALESCE(customer_first_order, customer_managed_since))::int)) WHERE customer_managed IS TRUE')

    @api.constrains('birthdate_date')
    def _check_birthdate(self):
        today = fields.Date.context_today(self)
        for partner in self.sudo():  # hidden from who has no role here, who may write other fields in the same step
            self._check_customer_values({'birthdate_date': partner.birthdate_date})
            if partner.birthdate_date and partner.birthdate_date > today:
                raise ValidationError(self.env._(
                    "%(person)s can't be born in the future. Please correct the birthdate.", person=partner.display_name))

    @api.model
    def _get_customer_system_fields(self):
        return super()._get_customer_system_fields() | {'customer_care_turn'}

    @api.depends('customer_culture_manual_id', 'country_id', 'state_id')
    def _compute_customer_culture_id(self):
        cultures = self.env['customer.culture']
        by_state, by_country = cultures._get_places()
        for partner in self:
            own = partner.customer_culture_manual_id
            partner.customer_culture_id = own if own.active else cultures.browse(
                by_state.get(partner.state_id.id) or by_country.get(partner.country_id.id))

    @api.depends('tz', 'country_id', 'state_id')
    @api.depends_context('tz', 'lang')
    def _compute_customer_local_time(self):
        advice, moment = self.env['customer.advice'], fields.Datetime.now()
        own = fields.Datetime.context_timestamp(self, moment).utcoffset()
        for partner in self:
            elsewhere = partner._customer_now(moment).utcoffset() != own
            partner.customer_local_time = elsewhere and advice._local_time(partner)

    def _search_customer_culture_id(self, operator, value):
        if operator in ('any', 'any!'):
            # searched by something of the profile, like its name
            cultures = self.env['customer.culture'].sudo(self.env.su or operator == 'any!')
            value = cultures.search(value if isinstance(value, Domain) else Domain('id', 'in', value)).ids
        elif operator != 'in':
            return NotImplemented
        ids = [culture_id for culture_id in value if culture_id]

        def to_sql(model, alias, query):
            culture = model._customer_culture_sql(alias, query)
            is_null = SQL("%s IS NULL", culture) if len(ids) < len(value) else SQL("FALSE")
            return SQL("(%s = ANY(%s::int[]) OR %s)", culture, ids, is_null)

        return Domain.custom(to_sql=to_sql)

    def _customer_culture_sql(self, alias, query=None):
        """Return SQL for the culture profile of a partner; by field, so that what is not written yet gets written first."""
        return self.env['customer.culture']._customer_sql(*(
            self._field_to_sql(alias, name, query) for name in ('customer_culture_manual_id', 'state_id', 'country_id')))

    def _customer_field_to_sql(self, alias, field_name, query=None):
        if field_name == 'customer_culture_id':
            return self._customer_culture_sql(alias, query)
        return super()._customer_field_to_sql(alias, field_name, query)

    @api.model
    def _customer_planning_fields(self):
        return super()._customer_planning_fields() | {'customer_culture_manual_id', 'state_id'}

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        if any(vals.get('birthdate_date') for vals in vals_list):
            self.env['customer.greeter']._wake()
        return partners

    def write(self, vals):
        result = super().write(vals)
        if 'birthdate_date' in vals:
            self.env['customer.greeter']._wake()
        return result

    # ------------------------------------------------------------
    # OCCASIONS
    # ------------------------------------------------------------

    def action_view_customer_occasions(self):
        """Open the occasions of this contact; for a customer, those of its people too."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_occasion_action')
        people = [('partner_id.commercial_partner_id', '=', self.id)] if self.commercial_partner_id == self \
            else [('partner_id', '=', self.id)]
        action['domain'] = people
        action['context'] = {'default_partner_id': self.id, 'customer_people_of': self.commercial_partner_id.id}
        return action

    def _customer_occasions(self):
        """Return the occasions of the customer and its people as the tab *Relationship* shows them, the next one first."""
        occasions = self.env['customer.occasion'].search([('partner_id.commercial_partner_id', '=', self.id)])
        return [{
            'id': occasion.id,
            'what': occasion._what(),
            'who': occasion.partner_id.name if occasion.partner_id != self else '',
            'when': occasion.when,
            'date': fields.Date.to_string(occasion.next_date) or '',
            'note': occasion.note or '',
            'icon': occasion.kind_id.icon or 'fa-gift',
            'never': occasion.greet == 'never',
        } for occasion in occasions.sorted(lambda occasion: (not occasion.next_date, str(occasion.next_date)))]

    # ------------------------------------------------------------
    # ADVICE
    # ------------------------------------------------------------

    def _customer_advice(self, day=None, channel=None, **options):
        """Return what is fitting with this customer, and what is wrong with a day or a channel (CUL-3).

        :param date day: the day of the contact; by default today, where the customer is
        :param channel: customer.channel, if it is chosen
        :param options: see ``customer.advice._advise``
        :return: ``culture`` (record, may be empty), ``summary``, ``do`` and ``avoid`` (lists of lines), ``tone``, ``gift``,
            ``notice_days``, ``channels`` (names of the preferred ones); ``day`` and ``local_time``; ``now`` (what holds on
            the day: dicts of ``text``, ``level`` and ``word``) and ``coming`` (dicts of ``text`` and ``date``);
            ``warnings`` and ``hints`` (sentences); ``stops``, those of the warnings that forbid any contact;
            ``better`` (a sentence), ``better_day`` and ``better_channel``, filled
            when there are warnings and something better is at hand
        :rtype: dict
        """
        self.ensure_one()
        return self.env['customer.advice']._advise(self.commercial_partner_id, day, channel, **options)

    def _customer_advice_html(self, day=None, channel=None):
        """Return the card with the advice, or nothing for a customer without a country and a profile.

        :rtype: Markup
        """
        advice = self._customer_advice(day, channel)
        return self.env['customer.advice']._card(self.commercial_partner_id, advice)

    @api.readonly
    def get_customer_now(self):
        """Return what whoever is about to make contact should know now, in lines; none when it is a day like others.

        :return: dicts with ``text``, ``level`` (danger, warning, success, info) and ``word``, which says the level
        :rtype: list[dict]
        """
        self._customer_one()
        if not self.customer_managed:
            return []
        advice = self.env['customer.advice']
        look = advice._look(self)
        stops = [{'level': 'danger', 'word': self.env._("Stop"), 'text': text} for text in self._customer_stops(look.today)]
        return stops + advice._now(look) + advice._clock_line(self)

    @api.readonly
    def get_customer_relationship(self):
        """Add the card with the ``advice``, and the ``occasions`` of the customer and its people, the next one first."""
        relationship = super().get_customer_relationship()
        if relationship:
            relationship['advice'] = self._customer_advice_html()
            relationship['occasions'] = self._customer_occasions()
        return relationship
