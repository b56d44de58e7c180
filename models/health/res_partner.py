from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ..base.customer_known import COMPARED, compared_sql, export_known
from ..profile.res_partner import GROUP_USER, PREFETCH
from .customer_health_snapshot import BANDS
from .customer_offer import WAITING
from .customer_value import BANDS as VALUE_BANDS

#: What contacts show of ``customer.value``, by field: the column, and when it is known.
OF_THE_VALUE = {
    'customer_value_score': ('score', [('customer_value_band', 'not in', ('none', False))]),
    'customer_value_band': ('band', None),
    'customer_expected_value': ('expected_value', [('customer_expected_value', '>', 0)]),
}


class ResPartner(models.Model):
    _inherit = 'res.partner'

    customer_health = fields.Float(
        string="Health", readonly=True, copy=False, digits=(5, 2), aggregator='avg', groups=GROUP_USER, prefetch=PREFETCH,
        falsy_value=None,  # who searches for less than 50 does not mean those without a score
        help="0 to 100, 100 is best. Empty where too little is known.")
    customer_health_band = fields.Selection(
        selection=BANDS, string="Health Status", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH)
    customer_warning_ids = fields.One2many(
        comodel_name='customer.warning', inverse_name='partner_id', string="Warnings", groups=GROUP_USER)
    customer_snapshot_ids = fields.One2many(
        comodel_name='customer.health.snapshot', inverse_name='partner_id', string="Health History", groups=GROUP_USER)
    customer_offer_ids = fields.One2many(
        comodel_name='customer.offer', inverse_name='partner_id', string="Products to Offer", groups=GROUP_USER, readonly=True,
        domain=[('state', 'in', WAITING)], help="What similar customers buy and this one does not.")
    customer_offer_trial = fields.Text(
        string="How Good Offers Are", compute='_compute_customer_offer_trial', groups=GROUP_USER)

    customer_value_ids = fields.One2many(
        comodel_name='customer.value', inverse_name='partner_id', string="Value and Prospects", readonly=True, groups=GROUP_USER)
    customer_value_score = fields.Float(
        string="Value Score", compute='_compute_customer_value', search='_search_customer_value_score', digits=(5, 2),
        aggregator='avg', groups=GROUP_USER, falsy_value=None,
        help="0 to 100: what is known of the customer, weighed by the value model. Empty where too little is known.")
    customer_value_band = fields.Selection(
        selection=VALUE_BANDS, string="Value Class", compute='_compute_customer_value', search='_search_customer_value_band',
        groups=GROUP_USER)
    customer_expected_value = fields.Monetary(
        string="Expected Value (estimate)", compute='_compute_customer_value', search='_search_customer_expected_value',
        currency_field='customer_currency_id', groups=GROUP_USER,
        help="What the customer may bring in the next twelve months: the orders to expect by the churn model, times what its own "
             "orders are worth. An estimate; empty where too little is known.")
    customer_influence_ids = fields.One2many(
        comodel_name='customer.influence', inverse_name='partner_id', string="Influence in the Industry", groups=GROUP_USER)

    # ------------------------------------------------------------
    # VALUE
    # ------------------------------------------------------------

    @api.depends('customer_value_ids.score', 'customer_value_ids.band', 'customer_value_ids.expected_value')
    def _compute_customer_value(self):
        # figures of all companies, like the revenue, whichever the user sees
        values = self.env['customer.value'].sudo().search([('partner_id', 'in', self._origin.ids)]).grouped('partner_id')
        for partner in self:
            value = values.get(partner._origin)
            partner.customer_value_score = value.score if value else 0
            partner.customer_value_band = value.band if value else False
            partner.customer_expected_value = value.expected_value if value else 0

    def _search_customer_of_value(self, field_name, operator, value):
        if operator not in COMPARED and operator != 'in':
            return NotImplemented
        # what is not known is neither small nor large
        return Domain.custom(to_sql=lambda model, alias, query: compared_sql(
            model._customer_field_to_sql(alias, field_name, query), operator, value))

    def _search_customer_value_score(self, operator, value):
        return self._search_customer_of_value('customer_value_score', operator, value)

    def _search_customer_expected_value(self, operator, value):
        return self._search_customer_of_value('customer_expected_value', operator, value)

    def _search_customer_value_band(self, operator, value):
        if operator != 'in':
            return NotImplemented
        # by domain, so that the database begins with the customers of a band; past the rules, as the field itself
        found = Domain('customer_value_ids', 'any!', Domain('band', 'in', [band for band in value if band]))
        return found if all(value) else found | Domain('customer_value_ids', 'not any!', Domain.TRUE)

    def _customer_field_to_sql(self, alias, field_name, query=None):
        if field_name in OF_THE_VALUE:
            self.env['customer.value'].flush_model()
            return SQL(
                "(SELECT v.%s FROM customer_value v WHERE v.partner_id = %s)",
                SQL.identifier(OF_THE_VALUE[field_name][0]), SQL.identifier(alias, 'id'))
        return super()._customer_field_to_sql(alias, field_name, query)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        # who has none comes last, whichever way the list is sorted
        if field_name in ('customer_value_score', 'customer_expected_value'):
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    @api.model
    def _get_customer_ordered_selections(self):
        return super()._get_customer_ordered_selections() + ['customer_value_band']

    def _export_rows(self, fields, **options):
        known = {name: domain for name, (__, domain) in OF_THE_VALUE.items() if domain}
        return export_known(self, known, fields, lambda paths: super(ResPartner, self)._export_rows(paths, **options))

    @api.readonly
    def get_customer_relationship(self):
        """Add the ``value``: its score in ``points``, its band, and what the customer may bring in a line."""
        relationship = super().get_customer_relationship()
        return {**relationship, 'value': self._describe_value()} if relationship else relationship

    def _describe_value(self):
        """Return what the tab *Relationship* shows of the value of this customer; nothing where there is none yet.

        :rtype: dict
        """
        value = self.env['customer.value'].search([('partner_id', '=', self.id)])
        if not value:
            return {}
        names = dict(value._fields['band']._description_selection(self.env))
        return {
            'id': value.id, 'band': value.band, 'name': names[value.band], 'expected': value.expected_text,
            'estimated': bool(value.expected_value),
            'points': formatLang(self.env, value.score, digits=0) if value.band != 'none' else '',
            'influence': self.env['customer.influence'].has_access('create')}

    def action_customer_value(self):
        """Open why the value of this customer is what it is, and what it may bring."""
        customer = self.commercial_partner_id
        customer._customer_one()
        customer.check_access('read')
        # whether there is one is asked past the rules: what is hidden from the user is not said to be unknown
        value = self.env['customer.value'].sudo().search([('partner_id', '=', customer.id)]).sudo(False)
        value.check_access('read')
        if not value:
            raise UserError(self.env._(
                "The value of %(customer)s is not known yet: it is looked up every night. “Recompute now” does it at once.",
                customer=customer.display_name))
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Customer Value"),
            'res_model': 'customer.value',
            'res_id': value.id,
            'view_mode': 'form',
            'views': [(False, 'form')],
            'target': 'new',
        }

    def action_customer_influence(self):
        """Open the dialog that says how much this customer counts in its industry; what was said today can be changed."""
        customer = self.commercial_partner_id
        if len(customer) != 1 or not customer.customer_managed:
            raise UserError(self.env._("Choose one customer that is under care, to say how much it counts in its industry."))
        return customer._action_judge('customer.influence', self.env._(
            "How much does %(customer)s count in its industry?", customer=customer.name))

    def action_customer_recompute(self):
        """Measure and value those anew, too, that the user works with."""
        result = super().action_customer_recompute()
        ids = self.commercial_partner_id.filtered('customer_managed')._filtered_worked_with().ids
        # as there: figures come from all companies' orders, and are readonly for everybody
        self.env['customer.health.refresh'].sudo()._refresh(ids)
        self.env['customer.value.refresh']._refresh(ids)
        return result

    # ------------------------------------------------------------
    # HEALTH
    # ------------------------------------------------------------

    @api.model
    def _get_customer_system_fields(self):
        return super()._get_customer_system_fields() | {'customer_health', 'customer_health_band'}

    @api.depends_context('lang', 'allowed_company_ids')
    def _compute_customer_offer_trial(self):
        """What trials say of the companies that the user works in; of all customers the same."""
        trials = self.env['customer.offer.trial']
        current = trials.search([
            ('id', 'in', list(trials._current().values())), ('company_id', 'in', self.env.companies.ids)])
        several = len(current) > 1
        text = "\n".join(
            f'{trial.company_id.name}: {trial.summary}' if several else trial.summary for trial in current.sorted('company_id'))
        for partner in self:
            partner.customer_offer_trial = text or self.env._(
                "What to offer is looked for by night, and tried on the last orders before anything is offered.")

    def action_view_customer_offers(self):
        """Open what to offer to this customer."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_offer_action')
        action['domain'] = [('partner_id', 'in', self.commercial_partner_id.ids)]
        action['context'] = {'search_default_waiting': 1}
        return action

    def action_customer_health_override(self):
        """Open the dialog that sets the health score of this customer by hand."""
        self._customer_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Set Health by Hand"),
            'res_model': 'customer.health.override',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_partner_id': self.commercial_partner_id.id},
        }

    def action_customer_health_override_end(self):
        """Show the computed health of these customers again."""
        overrides = self.env['customer.health.override']
        overrides.search(overrides._running_domain() & Domain('partner_id', 'in', self.ids)).action_end()
        return True
