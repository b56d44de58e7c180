from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..platform.counted import days
from .customer_action_kind import ActionKind
from .customer_warning_rule import LEVELS
from .season import YEAR
from .threshold import last_day


class CustomerActionRule(models.Model):
    """The kinds of next best action that come with the addon (HEA-6).

    Their queries are about customers that the user looks after; what stands on records that others may keep to
    themselves is read by the record rules.
    """

    _inherit = 'customer.action.rule'

    def _kinds(self):
        log = self._act_log
        return super()._kinds() | {
            'warning': ActionKind(
                self.env._("A warning is open"), self._sql_warning, self._describe_warning, self._act_warning,
                unit=self.env._("at least this level: 1 yellow, 2 orange, 3 red"), contacts=False),
            'promise': ActionKind(
                self.env._("An agreed next step is due"), self._sql_promise, self._describe_followup, self._act_followup,
                unit=self.env._("days ahead")),
            'order': ActionKind(
                self.env._("An order can be expected"), self._sql_order, self._describe_order, log,
                unit=self.env._("% of the customer's usual time between two orders")),
            'person': ActionKind(
                self.env._("No contact person is known"), self._sql_person, self._describe_person, self._act_person),
            'engagement': ActionKind(
                self.env._("The customer is hard to reach"), self._sql_engagement, self._describe_engagement, log,
                unit=self.env._("points of the health measure at most")),
            'satisfaction': ActionKind(
                self.env._("How satisfied they are is not known"), self._sql_satisfaction, self._describe_satisfaction,
                self._act_satisfaction, unit=self.env._("days since it was judged")),
            'potential': ActionKind(
                self.env._("The potential is not judged"), self._sql_potential, self._describe_potential,
                self._act_potential, contacts=False),
            'profile': ActionKind(
                self.env._("The profile is incomplete"), self._sql_profile, self._describe_profile, self._act_profile,
                contacts=False),
        }

    # ------------------------------------------------------------
    # WARNINGS AND FOLLOW-UPS
    # ------------------------------------------------------------

    def _sql_warning(self, rule, partner_ids):
        levels = [level for level, __ in LEVELS if int(level) >= rule.threshold]
        self.env['customer.warning'].flush_model()
        visible = self.env['customer.warning']._search(
            self.env['res.partner']._customer_warning_domain() & Domain('state', '=', 'open')
            & Domain('level', 'in', levels) & Domain('partner_id', 'in', partner_ids))
        return SQL(
            """SELECT DISTINCT ON (partner_id) partner_id, level::numeric, date, id
                 FROM customer_warning WHERE id IN %s ORDER BY partner_id, level DESC, date, id""", visible.subselect())

    def _describe_warning(self, rule, mets):
        warnings = self.env['customer.warning'].browse(met.res_id for met in mets)
        signals = dict(warnings._fields['signal']._description_selection(self.env))
        levels = dict(warnings._fields['level']._description_selection(self.env))
        return [self.env._(
            "%(level)s since %(day)s: %(reason)s", level=levels[warning.level], day=format_date(self.env, warning.date),
            reason=warning.reason or signals.get(warning.signal, warning.signal)) for warning in warnings]

    def _act_warning(self, rule, partner, met):
        warning = self.env['customer.warning'].browse(met.res_id)
        warning.action_take_on()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Warning"), 'res_model': 'customer.warning',
            'res_id': warning.id, 'views': [(False, 'form')],
        }

    def _sql_followup(self, partner_ids, domain):
        self.env['customer.followup'].flush_model()
        visible = self.env['customer.followup']._search(
            domain & Domain('state', '=', 'planned') & Domain('partner_id', 'in', partner_ids))
        return SQL(
            """SELECT DISTINCT ON (partner_id) partner_id, NULL::numeric, date_planned, id
                 FROM customer_followup WHERE id IN %s ORDER BY partner_id, date_planned, id""", visible.subselect())

    def _sql_promise(self, rule, partner_ids):
        day = fields.Date.add(fields.Date.context_today(self), days=rule.threshold)
        return self._sql_followup(
            partner_ids, Domain('anchor_kind', '=', 'promise') & Domain('greeting_id', '=', False)
            & Domain('date_planned', '<=', day))

    def _describe_followup(self, rule, mets):
        facts, options = self.env['customer.fact'], rule._fact_options()
        return [facts._say_followup(self._found(met), options) for met in mets]

    def _act_followup(self, rule, partner, met):
        return self.env['customer.followup'].browse(met.res_id).action_log()

    def _act_log(self, rule, partner, met):
        return partner.action_customer_log()

    # ------------------------------------------------------------
    # BUYING AND PAYING
    # ------------------------------------------------------------

    def _sql_order(self, rule, partner_ids):
        """Who is silent for so long; who buys in one season of the year, from the day on which it came back last time."""
        self.env['customer.rhythm'].flush_model()
        model = self.env['customer.churn']
        return SQL(
            """SELECT r.partner_id, CASE WHEN r.season_day IS NULL THEN %(usual)s ELSE %(year)s END::numeric, r.last_day,
                      NULL::int
                 FROM customer_rhythm r
                WHERE r.partner_id = ANY(%(ids)s) AND CASE
                      WHEN r.season_day IS NULL THEN round((100 * %(gap)s)::numeric, 6) >= %(threshold)s::numeric
                      ELSE %(today)s::date >= r.season_day + %(year)s END""",
            usual=model._usual_sql(), ids=partner_ids, gap=model._gap_sql(), threshold=rule.threshold, year=YEAR,
            today=fields.Date.context_today(self))

    def _describe_order(self, rule, mets):
        today = fields.Date.context_today(self)
        return [self.env._(
            "They usually order every %(usual)s; the last order is %(days)s ago.", usual=days(self.env, max(round(met.value), 1)),
            days=days(self.env, max((today - met.day).days, 0))) for met in mets]

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    def _sql_person(self, rule, partner_ids):
        self.env['res.partner'].flush_model(['parent_id', 'is_company', 'active', 'type'])
        return SQL(
            """SELECT p.id, NULL::numeric, NULL::date, NULL::int
                 FROM res_partner p
                WHERE p.id = ANY(%s) AND p.is_company AND NOT EXISTS (
                      SELECT FROM res_partner c
                       WHERE c.parent_id = p.id AND c.active AND c.type = 'contact' AND c.is_company IS NOT TRUE)""",
            partner_ids)

    def _describe_person(self, rule, mets):
        return [self.env._("No contact person is on file.")] * len(mets)

    def _act_person(self, rule, partner, met):
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Contact person of %(customer)s", customer=partner.name),
            'res_model': 'res.partner', 'views': [(self.env.ref('base.view_partner_simple_form').id, 'form')],
            'target': 'new',
            'context': {'default_parent_id': partner.id, 'default_is_company': False, 'default_type': 'contact',
                        'default_user_id': partner.user_id.id, 'default_lang': partner.lang},
        }

    def _sql_engagement(self, rule, partner_ids):
        self.env['customer.health.snapshot'].flush_model()
        self.env['customer.health.measure'].flush_model(['source'])
        return SQL(
            """SELECT DISTINCT ON (s.partner_id)
                      s.partner_id, (part.value ->> 'v')::numeric, NULL::date, NULL::int
                 FROM customer_health_snapshot s
           CROSS JOIN LATERAL jsonb_each(s.parts) AS part
                 JOIN customer_health_measure m ON m.id::text = part.key AND m.source = 'engagement'
                WHERE s.date_end IS NULL AND s.partner_id = ANY(%s) AND jsonb_typeof(s.parts) = 'object'
                  AND part.value ->> 's' = 'known' AND (part.value ->> 'p')::numeric <= %s
             ORDER BY s.partner_id, (part.value ->> 'p')::numeric""", partner_ids, rule.threshold)

    def _describe_engagement(self, rule, mets):
        return [self.env._(
            "Somebody was reached in %(percent)s %% of the last contacts only.", percent=round(met.value)) for met in mets]

    # ------------------------------------------------------------
    # WHAT WE KNOW
    # ------------------------------------------------------------

    def _sql_satisfaction(self, rule, partner_ids):
        self.env['customer.pulse'].flush_model(['partner_id', 'date'])
        return SQL(
            """SELECT p.id, NULL::numeric, max(pulse.date), NULL::int
                 FROM res_partner p LEFT JOIN customer_pulse pulse ON pulse.partner_id = p.id
                WHERE p.id = ANY(%s)
             GROUP BY p.id
               HAVING max(pulse.date) IS NULL OR max(pulse.date) <= %s""",
            partner_ids, last_day(fields.Date.context_today(self), rule.threshold))

    def _describe_satisfaction(self, rule, mets):
        return [
            self.env._("How satisfied they are was last judged on %(day)s.", day=format_date(self.env, met.day))
            if met.day else self.env._("How satisfied they are was never judged.") for met in mets]

    def _act_satisfaction(self, rule, partner, met):
        return partner.action_customer_pulse()

    def _sql_potential(self, rule, partner_ids):
        self.env['res.partner'].flush_model(['customer_potential'])
        return SQL(
            """SELECT p.id, NULL::numeric, NULL::date, NULL::int
                 FROM res_partner p WHERE p.id = ANY(%s) AND p.customer_potential IS NULL""", partner_ids)

    def _describe_potential(self, rule, mets):
        return [self.env._("What more this customer could buy is not judged yet.")] * len(mets)

    def _act_potential(self, rule, partner, met):
        return partner.action_customer_segment_dialog()

    def _sql_profile(self, rule, partner_ids):
        missing = Domain.OR(requirement._missing_domain()
                            for requirement in self.env['customer.profile.requirement']._get_active())
        incomplete = self.env['res.partner']._search(missing & Domain('id', 'in', partner_ids))
        return SQL(
            """SELECT p.id, NULL::numeric, NULL::date, NULL::int
                 FROM res_partner p WHERE p.id IN %s""", incomplete.subselect())

    def _describe_profile(self, rule, mets):
        partners = self.env['res.partner'].browse(met.partner_id for met in mets)
        return [self.env._("Missing: %(missing)s.", missing=partner.customer_missing) for partner in partners]

    def _act_profile(self, rule, partner, met):
        if self.env.context.get('customer_form'):
            return {
                'type': 'ir.actions.client', 'tag': 'display_notification',
                'params': {'type': 'info', 'message': self.env._(
                    "Fill in here what is missing: %(missing)s.", missing=partner.customer_missing)},
            }
        return partner._action_form()
