from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.explanation import half_up
from ..base.customer_known import COMPARED, compared_sql
from ..profile.res_partner import GROUP_USER
from .customer_warning_rule import LEVELS

#: How long the line on cards and lists is, and what its change is counted from.
WEEKS = 18
CHANGE_DAYS = 30


class ResPartner(models.Model):
    """What cards, lists and the strip of the form show of health and warnings (HEA-2, HEA-3)."""

    _inherit = 'res.partner'

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

    def _customer_field_to_sql(self, alias, field_name, query=None):
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

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        # who has no score comes last, whichever way the list is sorted
        if field_name in ('customer_health', 'customer_health_change'):
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    @api.model
    def _get_customer_ordered_selections(self):
        return super()._get_customer_ordered_selections() + ['customer_health_band', 'customer_warning_level']

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
    # STRIP
    # ------------------------------------------------------------

    def _customer_strip(self):
        """Add the ``health``: ``score`` (None where there is none), ``band`` with its ``name``, ``line``, ``change``, and
        whether there is more to see; and the ``warnings``: their ``count`` and the worst ``level`` with its ``name``."""
        strip = super()._customer_strip()
        band = self.customer_health_band or 'none'
        level = self.customer_warning_level
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
