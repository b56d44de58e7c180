from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ...engine.explanation import half_up
from ..base.customer_known import COMPARED, compared_sql, export_known
from ..platform.base import LONGEST
from ..platform.local_text import labelled
from ..profile.res_partner import GROUP_USER, PREFETCH
from .customer_health_snapshot import BANDS
from .customer_offer import WAITING
from .customer_value import BANDS as VALUE_BANDS
from .customer_warning_rule import LEVELS

#: What contacts show of ``customer.value``, by field: the column, and when it is known.
OF_THE_VALUE = {
    'customer_value_score': ('score', [('customer_value_band', 'not in', ('none', False))]),
    'customer_value_band': ('band', None),
    'customer_expected_value': ('expected_value', [('customer_expected_value', '>', 0)]),
}

#: How long the line on cards and lists is, and what its change is counted from.
WEEKS = 18

CHANGE_DAYS = 30

LIVE = ('customer_active_percent', 'customer_gap')

#: When these are known: 0 stands for not known.
KNOWN_WHEN = {name: [(name, '>', 0)] for name in LIVE}


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
    customer_pulse_ids = fields.One2many(
        comodel_name='customer.pulse', inverse_name='partner_id', string="Satisfaction", groups=GROUP_USER)
    customer_reading_ids = fields.One2many(
        comodel_name='customer.reading', inverse_name='partner_id', string="Usage Readings", groups=GROUP_USER)
    customer_next_action = fields.Char(
        string="Next Best Action", compute='_compute_customer_next_action', groups=GROUP_USER,
        help="What is best done next for this customer, by the first rule that is met.")
    customer_next_reason = fields.Char(
        string="Why This Next", compute='_compute_customer_next_action', groups=GROUP_USER)
    customer_health_line = fields.Json(
        string="Health Trend", compute='_compute_customer_health_line', groups=GROUP_USER,
        help="The score of each of the last 18 weeks, the oldest first; empty where there was none.")
    customer_health_change = fields.Float(
        string="Health Change", compute='_compute_customer_health_line', search='_search_customer_health_change',
        digits=(5, 2), groups=GROUP_USER, help="How many points the score rose or fell in 30 days.")
    customer_warning_count = fields.Integer(
        string="Open Warnings", compute='_compute_customer_warnings', groups=GROUP_USER,
        help="Warnings that are neither closed nor put off.")
    customer_warning_level = fields.Selection(
        selection=LEVELS, string="Warning", compute='_compute_customer_warnings',
        search='_search_customer_warning_level', groups=GROUP_USER, help="The worst open warning.")
    # of today, from the few figures of customer.rhythm: nothing of it is stored
    customer_active_percent = fields.Float(
        string="Still Buying (%)", compute='_compute_customer_churn', search='_search_customer_active_percent',
        aggregator='avg', groups=GROUP_USER,
        help="The chance that this customer buys again some day, by the churn model. 0 for who bought once: not known.")
    customer_gap = fields.Float(
        string="Order Gap", compute='_compute_customer_churn', search='_search_customer_gap', digits=(8, 2),
        aggregator='avg', groups=GROUP_USER,
        help="The days since the last order, in multiples of what is usual with this customer. 0 below three days with "
             "an order: not known.")
    customer_churn_text = fields.Char(
        string="Buying Rhythm", compute='_compute_customer_churn', groups=GROUP_USER)

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
        if field_name in LIVE:
            return self._customer_churn_sql(alias, field_name)
        if field_name == 'customer_health_change':
            return self._customer_health_change_sql(alias, query)
        if field_name in ('customer_warning_level', 'customer_warning_count'):
            warnings = self.env['customer.warning']._search(self._customer_warning_domain())
            warnings.add_where(SQL(
                "%s = %s", SQL.identifier(warnings.table, 'partner_id'), SQL.identifier(alias, 'id')))
            return warnings.subselect(
                SQL("max(%s)", SQL.identifier(warnings.table, 'level'))
                if field_name == 'customer_warning_level' else SQL("count(*)"))
        return super()._customer_field_to_sql(alias, field_name, query)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        # who has none comes last, whichever way the list is sorted
        if field_name in ('customer_value_score', 'customer_expected_value', 'customer_health', 'customer_health_change'):
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    @api.model
    def _get_customer_ordered_selections(self):
        return super()._get_customer_ordered_selections() + [
            'customer_health_band', 'customer_warning_level', 'customer_value_band']

    def _export_rows(self, fields, **options):
        known = KNOWN_WHEN | {name: domain for name, (__, domain) in OF_THE_VALUE.items() if domain}
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
            labelled(self.env, trial.company_id.name, trial.summary) if several else trial.summary
            for trial in current.sorted('company_id'))
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

    @api.readonly
    def get_customer_health(self, days=30):
        """Return what the health panel shows: why the score is what it is, and why it changed.

        :param int days: how far back the change is explained
        :return: see ``customer.health.why._panel``; of nobody who is under maintenance: an empty dict
        :rtype: dict
        """
        customer = self.commercial_partner_id
        customer._customer_one()
        customer.check_access('read')
        if not customer.customer_managed:
            return {}
        if not isinstance(days, int) or not 0 < days <= LONGEST['days']:
            raise ValidationError(self.env._(
                "“%(days)s” is no number of days to look back. Give one from 1 to %(most)s.", days=days, most=LONGEST['days']))
        return self.env['customer.health.why']._panel(customer, days)

    def action_customer_health(self):
        """Open the dialog that explains the health of a customer."""
        customer = self.commercial_partner_id
        customer._customer_one()
        return {
            'type': 'ir.actions.client',
            'tag': 'customer_health_why',
            'name': self.env._("Health of %(customer)s", customer=customer.display_name),
            'target': 'new',
            'params': {'partner_id': customer.id},
            'context': {'dialog_size': 'extra-large'},
        }

    def action_view_customer_snapshots(self):
        """Open the history of the score of a customer."""
        customer = self.commercial_partner_id
        action = self.env['ir.actions.actions']._for_xml_id('customer_success.customer_health_snapshot_action')
        return action | {'domain': [('partner_id', 'in', customer.ids)], 'context': {}}

    def action_view_customer_warnings(self):
        """Open the warnings of this customer, the history included."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_warning_action')
        action['domain'] = [('partner_id', 'in', self.commercial_partner_id.ids)]
        action['context'] = {}
        return action

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_customer_pulse(self):
        """Open the dialog that says how satisfied this customer is; what was said today already can be changed."""
        customer = self.commercial_partner_id
        if len(customer) != 1 or not customer.customer_managed:
            raise UserError(self.env._("Choose one customer that is under care, to say how satisfied it is."))
        return customer._action_judge('customer.pulse', self.env._("How satisfied is %(customer)s?", customer=customer.name))

    def _action_judge(self, model, name):
        """Open the dialog in which somebody judges this customer today.

        :param str model: a ``customer.judgement``
        :param str name: of the dialog
        """
        today = self.env[model].search([('partner_id', '=', self.id), ('date', '=', fields.Date.context_today(self))])
        view = self.env.ref(f"customer_success.{model.replace('.', '_')}_view_form_dialog")
        return {
            'type': 'ir.actions.act_window',
            'name': name,
            'res_model': model,
            'res_id': today.id,
            'view_mode': 'form',
            'views': [(view.id, 'form')],
            'target': 'new',
            'context': {'default_partner_id': self.id},
        }

    def action_view_customer_readings(self):
        """Open the usage readings of this customer."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_reading_action')
        action['domain'] = [('partner_id', 'in', self.commercial_partner_id.ids)]
        action['context'] = {'default_partner_id': self.commercial_partner_id[:1].id, 'search_default_group_metric': 1}
        return action

    # ------------------------------------------------------------
    # NEXT ACTION
    # ------------------------------------------------------------

    @api.depends_context('uid', 'lang', 'tz')
    def _compute_customer_next_action(self):
        rules = self.env['customer.action.rule']
        found = rules._next(self._origin)
        reasons = rules._describe(found)
        for partner in self:
            rule, __ = found.get(partner._origin.id) or (rules, None)
            partner.customer_next_action = rule.name
            partner.customer_next_reason = reasons.get(partner._origin.id, False)

    def _customers_looked_after(self):
        """Return those of these customers that the user works with."""
        return self._filtered_worked_with()

    def action_customer_next(self):
        """Do what is best done next: open the dialog or the record it is done with."""
        self._customer_one()
        rule, met = self.env['customer.action.rule']._next(self).get(self.id) or (None, None)
        if not rule:
            return {
                'type': 'ir.actions.client', 'tag': 'display_notification',
                'params': {'type': 'success', 'message': self.env._("Nothing is to be done for this customer right now."),
                           'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'}},
            }
        return rule._known_kinds()[rule.kind].act(rule, self, met)

    def _customer_strip(self):
        """Add the ``next_action`` with ``name`` and ``reason``; the ``health``: ``score`` (None where there is none), ``band``
        with its ``name``, ``line``, ``change``, and whether there is more to see; and the ``warnings``: their ``count`` and the
        worst ``level`` with its ``name``."""
        strip = super()._customer_strip()
        band = self.customer_health_band or 'none'
        level = self.customer_warning_level
        strip['next_action'] = bool(self.customer_next_action) and {
            'name': self.customer_next_action, 'reason': self.customer_next_reason}
        strip['health'] = {
            'score': self.customer_health if band != 'none' else None,
            'band': band,
            'name': dict(self._fields['customer_health_band']._description_selection(self.env))[band],
            'line': self.customer_health_line,
            'change': self.customer_health_change,
        }
        strip['warnings'] = {
            'count': self.customer_warning_count,
            'level': level,
            'name': dict(self._fields['customer_warning_level']._description_selection(self.env)).get(level, ''),
        }
        return strip

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('customer_snapshot_ids.score', 'customer_snapshot_ids.date', 'customer_snapshot_ids.date_end')
    @api.depends_context('uid', 'tz')
    def _compute_customer_health_line(self):
        scores = self._read_customer_scores()
        for partner in self:
            *line, before = scores.get(partner._origin.id) or (None,)
            known = line and line[-1] is not None
            partner.customer_health_line = line if any(score is not None for score in line) else False
            # of what is shown, as the panel says it: 70.4 and 61.6 are 70 and 62, which is 8 less and not 9
            partner.customer_health_change = (
                half_up(line[-1]) - half_up(before) if known and before is not None else 0)

    def _read_customer_scores(self):
        """Return the scores of these partners week by week, as far as the user may see their health, in one query.

        :return: by partner id, the scores of the last weeks, today's last, then that of the day the change counts from;
            None where there was none
        :rtype: dict[int, list]
        """
        snapshots, ids = self.env['customer.health.snapshot'], self._origin.ids
        if not ids or not snapshots.has_access('read'):
            return {}
        snapshots.flush_model()
        today = fields.Date.context_today(self)
        days = [fields.Date.subtract(today, weeks=weeks) for weeks in reversed(range(WEEKS))]
        # who may see the current health may see the history
        visible = snapshots._search([('partner_id', 'in', ids), ('date_end', '=', False)])
        return dict(self.env.execute_query(SQL(
            """SELECT p.id, array_agg(CASE WHEN s.date_end IS NULL OR s.date_end >= d.day THEN s.score::float END
                                      ORDER BY d.place)
                 FROM (%s) AS p (id)
           CROSS JOIN unnest(%s::date[]) WITH ORDINALITY AS d (day, place)
    LEFT JOIN LATERAL (SELECT score, date_end FROM customer_health_snapshot
                        WHERE partner_id = p.id AND date <= d.day ORDER BY date DESC LIMIT 1) AS s ON TRUE
             GROUP BY p.id""",
            visible.select(SQL.identifier(visible.table, 'partner_id')),
            [*days, fields.Date.subtract(today, days=CHANGE_DAYS)])))

    @api.model
    def _customer_warning_domain(self):
        """Return the domain of the warnings that ask for attention now: neither closed nor put off."""
        return Domain('state', '!=', 'closed') & (
            Domain('snooze_until', '=', False) | Domain('snooze_until', '<=', fields.Date.context_today(self)))

    @api.depends('customer_warning_ids.state', 'customer_warning_ids.level', 'customer_warning_ids.snooze_until')
    @api.depends_context('uid', 'tz')
    def _compute_customer_warnings(self):
        warnings = self.env['customer.warning']
        found = {partner.id: row for partner, *row in warnings._read_group(
            self._customer_warning_domain() & Domain('partner_id', 'in', self._origin.ids),
            ['partner_id'], ['__count', 'level:max'])} if warnings.has_access('read') else {}
        for partner in self:
            partner.customer_warning_count, partner.customer_warning_level = found.get(partner._origin.id) or (0, False)

    # ------------------------------------------------------------
    # SEARCH AND ORDER
    # ------------------------------------------------------------

    def _search_customer_health_change(self, operator, value):
        if operator not in COMPARED and operator != 'in':
            return NotImplemented
        return Domain.custom(to_sql=lambda model, alias, query: compared_sql(
            model._customer_field_to_sql(alias, 'customer_health_change', query), operator, value))

    def _search_customer_warning_level(self, operator, value):
        if operator != 'in':
            return NotImplemented
        # by domain, so that the database begins with the few customers that have one
        is_open, levels, result = self._customer_warning_domain(), [level for level, __ in LEVELS], Domain.FALSE
        for level in value:
            if not level:
                result |= Domain('customer_warning_ids', 'not any', is_open)
            elif level in levels:
                worse = levels[levels.index(level) + 1:]
                result |= Domain('customer_warning_ids', 'any', is_open & Domain('level', '=', level)) & Domain(
                    'customer_warning_ids', 'not any', is_open & Domain('level', 'in', worse))
        return result

    def _customer_health_change_sql(self, alias, query=None):
        """Return SQL for how far the score moved in 30 days, of the customers whose health the user may see."""
        day = fields.Date.subtract(fields.Date.context_today(self), days=CHANGE_DAYS)
        before = self.env['customer.health.snapshot']._search(
            Domain('date', '<=', day) & (Domain('date_end', '=', False) | Domain('date_end', '>=', day)))
        before.add_where(SQL("%s = %s", SQL.identifier(before.table, 'partner_id'), SQL.identifier(alias, 'id')))
        return SQL(
            # rounded as engine.explanation.half_up rounds: what the screen shows
            "(floor(%s::numeric + 0.5) - %s)", self._field_to_sql(alias, 'customer_health', query),
            before.subselect(SQL("floor(%s::numeric + 0.5)", SQL.identifier(before.table, 'score'))))

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **options):
        if limit and (order or '').strip().startswith('customer_warning_level'):
            return self._customer_search_by_selection(domain, offset, limit, order, options)
        return super()._search(domain, offset=offset, limit=limit, order=order, **options)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_customer_open_warnings(self):
        """Open the warnings of this customer that ask for attention; a single one at once."""
        self._customer_one()
        domain = self._customer_warning_domain() & Domain('partner_id', '=', self.id)
        warnings = self.env['customer.warning'].search(domain)
        action = {
            'type': 'ir.actions.act_window',
            'name': self.env._("Warnings"),
            'res_model': 'customer.warning',
            'views': [(False, 'list'), (False, 'form')],
            'domain': [('id', 'in', warnings.ids)],
        }
        return {**action, 'views': [(False, 'form')], 'res_id': warnings.id} if len(warnings) == 1 else action

    # ------------------------------------------------------------
    # BUYING RHYTHM
    # ------------------------------------------------------------

    @api.depends_context('uid', 'tz', 'lang')
    def _compute_customer_churn(self):
        rows = self.env['customer.churn.why']._read_customer_churn(self)
        for partner in self:
            row = rows.get(partner._origin.id) or {}
            partner.customer_active_percent = row.get('active') or False
            partner.customer_gap = row.get('gap') or False
            partner.customer_churn_text = self.env['customer.churn.why']._describe_rhythm(partner, row) if row else False

    # ------------------------------------------------------------
    # SORTING AND SEARCHING
    # ------------------------------------------------------------

    def _customer_churn_sql(self, alias, field_name):
        """Return SQL for a live field of a partner; NULL where it is not known."""
        self.env['customer.rhythm'].flush_model()
        model = self.env['customer.churn'].sudo()  # as in _read_customer_churn
        value = model._gap_sql() if field_name == 'customer_gap' else model._active_percent_sql()
        return SQL(
            "(SELECT %s FROM customer_rhythm r WHERE r.partner_id = %s)", value, SQL.identifier(alias, 'id'))

    @api.model
    def _search_customer_churn(self, field_name, operator, value):
        if operator not in COMPARED and operator != 'in':
            return NotImplemented
        # what is not known is neither small nor large
        return Domain.custom(to_sql=lambda model, alias, query: compared_sql(
            model._customer_churn_sql(alias, field_name), operator, value))

    def _search_customer_active_percent(self, operator, value):
        return self._search_customer_churn('customer_active_percent', operator, value)

    def _search_customer_gap(self, operator, value):
        return self._search_customer_churn('customer_gap', operator, value)

    # ------------------------------------------------------------
    # WHY
    # ------------------------------------------------------------

    @api.readonly
    def get_customer_churn(self):
        """Return what is known of this customer's buying rhythm, and how sure that is.

        :return: empty for who never bought; else ``level`` (low, medium, high or empty), ``active`` (chance to buy again
            in percent, or False), ``expected`` (orders in the next ``horizon`` days, or False), ``range`` (the least and the
            most of them in 8 of 10 cases, or False), ``gap`` (times the usual interval, or False), ``days`` since the last
            order, ``usual`` days between orders (or False), ``orders`` (days with one), ``fit`` (``date``,
            ``customers``, ``repeat`` and ``model``, or False) and ``sentences`` that say all this, what it rests on and how
            well it foretold included
        :rtype: dict
        """
        self._customer_one()
        return self.env['customer.churn.why']._panel(self)
