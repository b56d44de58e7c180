from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..profile.res_partner import GROUP_USER, PREFETCH


class ResPartner(models.Model):
    _inherit = 'res.partner'

    customer_culture_manual_id = fields.Many2one(
        comodel_name='customer.culture', string="Own Culture Profile", index='btree_not_null', ondelete='set null',
        groups=GROUP_USER, prefetch=PREFETCH,
        help="A culture profile for this customer alone. Empty: that of its state, else that of its country.")
    customer_culture_id = fields.Many2one(
        comodel_name='customer.culture', string="Culture", compute='_compute_customer_culture_id',
        search='_search_customer_culture_id', groups=GROUP_USER)

    @api.depends('customer_culture_manual_id', 'country_id', 'state_id')
    def _compute_customer_culture_id(self):
        cultures = self.env['customer.culture']
        by_state, by_country = cultures._get_places()
        for partner in self:
            own = partner.customer_culture_manual_id
            partner.customer_culture_id = own if own.active else cultures.browse(
                by_state.get(partner.state_id.id) or by_country.get(partner.country_id.id))

    def _search_customer_culture_id(self, operator, value):
        if operator in ('any', 'any!'):
            # searched by something of the profile, like its name
            cultures = self.env['customer.culture'].sudo(self.env.su or operator == 'any!')
            value = cultures.search(value if isinstance(value, Domain) else Domain('id', 'in', value)).ids
        elif operator != 'in':
            return NotImplemented
        ids = [culture_id for culture_id in value if culture_id]

        def to_sql(model, alias, query):
            culture = model._customer_culture_sql(alias)
            is_null = SQL("%s IS NULL", culture) if len(ids) < len(value) else SQL("FALSE")
            return SQL("(%s = ANY(%s::int[]) OR %s)", culture, ids, is_null)

        return Domain.custom(to_sql=to_sql)

    def _customer_culture_sql(self, alias):
        """Return SQL for the culture profile of a partner."""
        self.env['customer.culture'].flush_model()
        parts = self.env['customer.culture']._customer_sql(alias)
        return SQL("(SELECT %(culture)s FROM (SELECT 1) AS one %(joins)s)", **parts)

    def _field_to_sql(self, alias, field_expr, query=None):
        # lets customers be grouped by culture, which no column of theirs holds
        if field_expr == 'customer_culture_id':
            return self._customer_culture_sql(alias)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _customer_planning_fields(self):
        return super()._customer_planning_fields() | {'customer_culture_manual_id', 'state_id'}

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
            ``warnings`` and ``hints`` (sentences); ``better`` (a sentence), ``better_day`` and ``better_channel``, filled
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
        self.ensure_one()
        if not self.customer_managed:
            return []
        advice = self.env['customer.advice']
        return advice._now(advice._look(self)) + advice._clock_line(self)

    @api.readonly
    def get_customer_relationship(self):
        """Add the card with the advice."""
        relationship = super().get_customer_relationship()
        if relationship:
            relationship['advice'] = self._customer_advice_html()
        return relationship
