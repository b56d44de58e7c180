import logging
from contextlib import closing

from psycopg2 import IntegrityError, OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..platform.counted import customers, followups, plural
from .arranged import Meant
from .customer_cadence_event import Awaited
from .customer_cadence_step import COPIED

_logger = logging.getLogger(__name__)

#: So many customers are planned for a preview, twice: as the touchpoints are, and as they stand on the form.
SAMPLE = 500

#: So many of the follow-ups that move furthest are named.
NAMED = 5


class CustomerCadence(models.Model):
    """How often, by whom and on which channel a kind of customer is contacted (CAD-1).

    The cadence of a customer is the first that fits: the one agreed in its running strategy, else its own, else that of
    where it stands with us, else that of its segment, else that of its tier, else the company's default. Among
    cadences that fit alike the lowest sequence wins, and one of the customer's company comes before one of all companies.
    """

    _name = 'customer.cadence'
    _inherit = ['customer.acting', 'customer.asking', 'customer.cached']
    _description = "Contact Cadence"
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name='res.company',
        index='btree_not_null',
        help="Empty: for customers of all companies.",
    )
    tier_ids = fields.Many2many(
        comodel_name='customer.tier',
        string="Tiers",
        help="Customers of these tiers follow this cadence, unless they or their segment have one of their own.",
    )
    segment_ids = fields.Many2many(
        comodel_name='customer.segment',
        string="Segments",
        help="Customers of these segments follow this cadence, whatever their tier, unless they have one of their own.",
    )
    needs_grade_ids = fields.Many2many(
        comodel_name='customer.needs.grade', string="Needs Grades of Leads",
        help="Open leads of these grades follow this cadence. It is for leads alone.",
    )
    is_default = fields.Boolean(
        string="Default",
        help="Customers for whom no other cadence is meant follow this one.",
    )
    is_beside = fields.Boolean(
        string="Beside the Others",
        help="It runs beside the cadence that a customer follows, for as long as what it is made for lasts, such as an "
             "onboarding. It is meant for no tier and no segment, and is nobody's own.",
    )
    for_people = fields.Boolean(
        string="When People Change",
        help="Customers follow it beside their own cadence for a year after one of their people left or took another position. "
             "Its touchpoints wait for that.",
    )
    description = fields.Text(translate=True)
    step_ids = fields.One2many(
        comodel_name='customer.cadence.step',
        inverse_name='cadence_id',
        string="Touchpoints",
        copy=True,
    )
    customer_count = fields.Integer(string="Customers", compute='_compute_customer_count')
    lead_count = fields.Integer(string="Leads on It", compute='_compute_lead_count')
    preview = fields.Html(
        string="What It Would Do", compute='_compute_preview', sanitize=False,
        help="How many open follow-ups would move, be opened or be cancelled, before anything is saved.")

    @api.constrains('step_ids', 'active')
    def _check_steps(self):
        if self.env.context.get('install_mode'):
            return  # data files create cadence and touchpoints one after the other
        for cadence in self.filtered('active'):
            if not cadence.step_ids:
                raise ValidationError(self.env._(
                    "The cadence %(cadence)s has no touchpoint. Add at least one, or nobody on it would ever be "
                    "contacted.", cadence=cadence.name))

    @api.constrains('is_beside', 'tier_ids', 'segment_ids', 'is_default')
    def _check_beside(self):
        for cadence in self.filtered('is_beside'):
            if cadence.tier_ids or cadence.segment_ids or cadence.is_default:
                raise ValidationError(self.env._(
                    "A cadence that runs beside the others can't be the default, nor meant for tiers or segments: %(cadence)s.",
                    cadence=cadence.name))

    @api.constrains('is_beside', 'for_people')
    def _check_for_people(self):
        for cadence in self:
            if cadence.for_people and not cadence.is_beside:
                raise ValidationError(self.env._(
                    "A cadence for when people change runs beside the others. Tick that, too: %(cadence)s.",
                    cadence=cadence.name))

    @api.constrains('is_beside', 'tier_ids', 'segment_ids', 'is_default', 'needs_grade_ids', 'step_ids')
    def _check_leads(self):
        for cadence in self.filtered('needs_grade_ids'):
            if cadence.tier_ids or cadence.segment_ids or cadence.is_default or cadence.is_beside:
                raise ValidationError(self.env._(
                    "A cadence for leads is for leads alone. Make a copy of %(cadence)s for customers.", cadence=cadence.name))
            cadence.step_ids._check_of_leads()

    def _compute_lead_count(self):
        counts = self.env['customer.lead.planner'].sudo()._count_by_cadence()  # as for customers
        for cadence in self:
            cadence.lead_count = counts.get(cadence._origin.id, 0)

    @api.depends(lambda self: ['step_ids', *self._for_whom()])
    def _compute_customer_count(self):
        planner = self.env['customer.planner'].sudo()  # a cadence is judged by all customers it touches
        counts = planner._count_by_cadence()
        for cadence in self:
            cadence.customer_count = counts.get(cadence._origin.id, 0)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # the check of the touchpoints sees a cadence without any
        cadences = super().create([{'step_ids': [], **vals} for vals in vals_list])
        cadences._replan()
        return cadences

    def write(self, vals):
        if False in (vals.get('active'), vals.get('is_default')):
            self._check_default_stays()
        before = self._followers() if self._for_whom() & vals.keys() else []
        leads_before = self._lead_followers() if self._for_whom() & vals.keys() else []
        if vals.get('active') is False:
            self.env['customer.delivery'].sudo()._cancel_unsent(  # of every salesperson
                self.with_context(active_test=False).step_ids)
        if vals.get('active'):
            self.filtered(lambda cadence: cadence.needs_grade_ids and not cadence.active)._spread_first_round()
        result = super().write(vals)
        self._replan(before, leads_before)
        return result

    def copy(self, default=None):
        """The touchpoints of a copy wait for each other, and not for those of the original."""
        copies = super(CustomerCadence, self.with_context(customer_copied=COPIED)).copy(default).with_env(self.env)
        for cadence, copied in zip(self, copies, strict=True):
            twins = dict(zip(cadence.step_ids.sorted('id'), copied.step_ids.sorted('id'), strict=True))
            for step in copied.step_ids.filtered('after_step_id'):
                step.after_step_id = twins.get(step.after_step_id, step.after_step_id)
        return copies

    def unlink(self):
        before, leads_before = self._followers(), self._lead_followers()
        result = super().unlink()
        self.env['customer.plan.request']._request(before)
        self.env['customer.plan.request']._request(leads_before, planner='customer.lead.planner')
        return result

    def _check_default_stays(self):
        """Refuse to take the default cadence away: customers whom no other one fits would be forgotten."""
        for cadence in self.filtered(lambda cadence: cadence.active and cadence.is_default):
            # the default of all companies is for everybody
            others = self.sudo().search([
                ('is_default', '=', True), ('company_id', 'in', [False, cadence.company_id.id]), ('id', 'not in', self.ids)])
            if not others and cadence.customer_count:
                raise UserError(self.env._(
                    "“%(cadence)s” is the default cadence, which is followed by %(customers)s: nobody would get in touch with "
                    "those whom no other cadence fits. Make another cadence the default first.",
                    cadence=cadence.name, customers=customers(self.env, cadence.customer_count)))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_default(self):
        self._check_default_stays()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        # contacts made for customers the user doesn't see hold the cadence too
        if self.env['customer.followup'].sudo().search_count([('cadence_id', 'in', self.ids)], limit=1):
            raise UserError(self.env._(
                "Follow-ups were planned by this cadence. Archive it instead: its open follow-ups are re-planned by the "
                "next cadence that fits, and the history stays."))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_replan(self):
        """Re-plan the open follow-ups of this cadence's customers now, and say what changed since the cadence was."""
        self._customer_one()
        self.check_access('write')
        self.env['customer.plan.request']._request(self._followers(), cadence=self)
        self.env['customer.plan.request']._request(self._lead_followers(), cadence=self, planner='customer.lead.planner')
        self.env['customer.planner'].sudo()._work_queue()  # plans for customers of every salesperson
        return self._tell_report()

    def action_dry_run(self):
        """Open the dialog that shows what this cadence would plan, before it goes live."""
        self._customer_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("What would %(cadence)s plan?", cadence=self.name),
            'res_model': 'customer.cadence.dry.run',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_cadence_id': self.id},
        }

    def action_switch_on(self):
        """Use this cadence again; where messages are sent by themselves, after somebody has read them and how many they are."""
        self._customer_one()
        self.check_access('write')
        if self.with_context(active_test=False).step_ids.filtered(lambda step: step.active and step.automatic):
            return self.action_dry_run()
        return self.action_unarchive()

    def action_view_customers(self):
        """Open the customers that follow this cadence today."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.res_partner_action_customers')
        action['domain'] = [('id', 'in', self._followers())]
        action['context'] = {}
        return action

    def action_view_leads(self):
        """Open the leads that follow this cadence today."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.crm_lead_action_graded')
        action['domain'] = [('id', 'in', self._lead_followers())]
        action['context'] = {}
        return action

    def action_archive(self):
        """Archive, and say what came of it: what used these cadences goes on by others."""
        super().action_archive()
        return self._tell_report()

    def action_unarchive(self):
        """Use these cadences again, and say what came of it."""
        super().action_unarchive()
        return self._tell_report()

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _for_whom(self):
        """Return the fields that say which customers follow a cadence; other wings add theirs."""
        return {
            'segment_ids', 'tier_ids', 'is_default', 'needs_grade_ids', 'active', 'company_id', 'sequence', 'for_people'}

    def _meant(self):
        """Return whom this cadence is meant for; customers stay in an archived segment until they are placed anew.

        :rtype: Meant
        """
        self.ensure_one()
        return Meant(
            tuple(self.tier_ids.ids), tuple(self.with_context(active_test=False).segment_ids.ids), self.is_default)

    def _used_besides(self):
        """Return the ids of those of these cadences that are in use besides what they are meant for: some customer has one as its
        own. Other wings add theirs.

        :rtype: set[int]
        """
        partners = self.env['res.partner'].sudo().with_context(active_test=False)  # customers of every salesperson
        return {cadence.id for cadence, in partners._read_group(
            [('customer_cadence_id', 'in', self.ids)], ['customer_cadence_id'])}

    @api.model
    def _watched_segments(self):
        """Return the ids of the segments that cadences in force are meant for: only these matter to the plan."""
        cadences = self.sudo().with_context(active_test=True).search([('segment_ids', '!=', False)])  # of all companies
        return cadences.with_context(active_test=False).segment_ids.ids

    def _followers(self, candidate=None):
        """Return the ids of the customers on these cadences, those with an open follow-up of theirs included.

        :param candidate: a cadence to be taken as active, see ``customer.planner._cadence_of_customer_sql``
        """
        self.env['customer.followup'].flush_model(['cadence_id', 'state', 'partner_id'])
        rows = self.env.execute_query(SQL(
            """SELECT id FROM (%s) AS c WHERE cadence_id = ANY(%s)
                UNION SELECT partner_id FROM (%s) AS beside WHERE cadence_id = ANY(%s)
                UNION SELECT partner_id FROM customer_followup
                       WHERE state = 'planned' AND cadence_id = ANY(%s) AND partner_id IS NOT NULL""",
            self.env['customer.planner']._cadence_of_customer_sql(candidate=candidate), self.ids,
            self.env['customer.planner']._beside_sql(), self.ids, self.ids))
        return [partner_id for partner_id, in rows]

    def _lead_followers(self, candidate=None):
        """Return the ids of the leads on these cadences, those with an open follow-up of theirs included.

        :param candidate: see :meth:`_followers`
        """
        if not self.needs_grade_ids and not self.env['customer.lead.planner']._in_force():
            return []
        self.env['customer.followup'].flush_model(['cadence_id', 'state', 'lead_id', 'partner_id'])
        self.env['crm.lead'].flush_model()
        rows = self.env.execute_query(SQL(
            """SELECT id FROM (%s) AS c WHERE cadence_id = ANY(%s)
                UNION SELECT lead_id FROM customer_followup
                       WHERE state = 'planned' AND cadence_id = ANY(%s) AND partner_id IS NULL""",
            self.env['customer.lead.planner']._cadence_of_customer_sql(candidate=candidate), self.ids, self.ids))
        return [lead_id for lead_id, in rows]

    def _spread_first_round(self):
        """Let the leads that are there already get their first touch on one of the days of the first interval."""
        self.step_ids.filtered(lambda step: step.kind == 'recurring').write({'spread_from': fields.Date.context_today(self)})

    def _replan(self, also=(), leads=()):
        """Ask for the planning of the customers and leads on these cadences, which were changed.

        :param also: ids of further customers, who were on them before
        :param leads: ids of further leads
        """
        self._act()
        for cadence in self:
            self.env['customer.plan.request']._request({*cadence._followers(), *also}, cadence=cadence)
            self.env['customer.plan.request']._request(
                {*cadence._lead_followers(), *leads}, cadence=cadence, planner='customer.lead.planner')
            also, leads = (), ()

    def _describe_archiving(self, active):
        if not active:
            self._check_default_stays()
        followers = self._followers(candidate=self if active else None)
        steps = self.step_ids.filtered(lambda step: step.active and step.automatic)
        leads = self._lead_followers(candidate=self if active else None)
        parts = [self._describe_leads_planned_anew(len(leads)) if self.needs_grade_ids
                 else self._describe_planned_anew(len(followers))]
        if active and steps and followers:
            parts.append(self.env['customer.automatic.preview'].sudo()._describe_volume(  # judged by all customers
                steps, followers))
        elif steps:
            # of every salesperson
            waiting = len(self.env['customer.delivery'].sudo()._unsent(Domain('step_id', 'in', steps.ids)))
            parts.append(plural(
                waiting, self.env._("1 message in the queue does not leave."),
                self.env._("%(count)s messages in the queue do not leave.", count=waiting)))
        return " ".join(parts)

    def _describe_leads_planned_anew(self, count):
        """Return how many leads a change plans."""
        return plural(
            count, self.env._("The follow-ups of one lead are planned anew."),
            self.env._("The follow-ups of %(count)s leads are planned anew.", count=count))

    def _describe_outcome(self, since):
        """Return what came of the planning that changes of this cadence asked for since then."""
        counts = self.env['customer.cadence.outcome']._count(self, since)
        parts = [self.env._(
            "%(opened)s opened, %(moved)s changed, %(cancelled)s cancelled.",
            **{**counts, 'opened': followups(self.env, counts['opened'])})]
        if counts['failed']:
            parts.append(plural(
                counts['failed'], self.env._("One customer could not be planned and is tried again tomorrow."),
                self.env._("%(failed)s customers could not be planned; they are tried again tomorrow.", **counts)))
        # requests are for administrators of the plan, that they wait is no secret
        waiting = self.env['customer.plan.request'].sudo().search_count([
            ('cadence_id', '=', self.id), ('retry_at', '=', False)])
        if waiting:
            parts.append(plural(
                waiting, self.env._("One customer waits to be planned."),
                self.env._("%(waiting)s customers wait to be planned.", waiting=waiting)))
        return " ".join(parts)

    # ------------------------------------------------------------
    # PREVIEW
    # ------------------------------------------------------------

    @api.depends(lambda self: [f'step_ids.{name}' for name in sorted(self._preview_columns() | {'alternative_channel_ids'})])
    @api.depends_context('lang', 'uid')
    def _compute_preview(self):
        for cadence in self:
            cadence.preview = self.env['ir.qweb']._render(
                'customer_success.customer_cadence_preview', cadence._preview_values())

    @api.model
    def _preview_columns(self):
        """Return the columns of a touchpoint that its follow-ups hang on."""
        steps = self.env['customer.cadence.step']
        return {name for name in steps._planning_fields() if steps._fields[name].column_type} - {'name'}

    def _preview_values(self):
        """Return what the preview shows.

        :rtype: dict
        """
        self.ensure_one()
        edits = self._preview_edits()
        if not self._origin.active or not edits:
            return {'state': 'same' if self._origin else 'new'}
        of_leads = bool(self._origin.needs_grade_ids)
        followers = self._origin._lead_followers() if of_leads else self._origin._followers()
        # one in so many: the same ones every time, so that one edit can be compared with the next
        sample = followers[::-(-len(followers) // SAMPLE) or 1]
        try:
            before, after = self._preview_plans(edits, sample)
        except IntegrityError:
            return {'state': 'refused'}  # it would be refused when it is saved, too
        if before is None:
            return {'state': 'failed'}
        if of_leads:
            return {'state': 'planned', 'total': len(followers), 'reach': self.env._(
                "Leads that were looked at: %(sample)s of %(total)s.", sample=len(sample), total=len(followers)),
                **self._preview_compare(before, after)}
        reach = self.env._("A sample of %(sample)s of %(total)s customers.", sample=len(sample), total=len(followers)) \
            if len(sample) < len(followers) else self.env._("The one customer on this cadence.") \
            if len(followers) == 1 else self.env._("All %(total)s customers on this cadence.", total=len(followers))
        return {
            'state': 'planned', 'total': len(followers), 'reach': reach, **self._preview_compare(before, after)}

    def _preview_edits(self):
        """Return how the touchpoints on the form differ from the saved ones.

        :return: by id of the saved touchpoint (a new one has its number, negative) the columns that differ, and the ids of
            other channels under ``alternative_channel_ids``; None for a touchpoint that was taken out
        :rtype: dict[int, dict | None]
        """
        steps = self.with_context(active_test=False).step_ids
        gone = self._origin.with_context(active_test=False).step_ids - steps._origin
        edits = dict.fromkeys(gone.ids)
        for number, step in enumerate(steps, start=1):
            values, saved = self._preview_row(step), step._origin
            if not saved and step.channel_id:
                edits[-number] = values
            elif saved:
                before = self._preview_row(saved)
                edits[saved.id] = {name: value for name, value in values.items() if value != before[name]}
        return {step_id: values for step_id, values in edits.items() if values is None or values}

    def _preview_plans(self, edits, partner_ids):
        """Return the open follow-ups of customers under the saved touchpoints, and under the edited ones.

        :param dict edits: see :meth:`_preview_edits`
        :rtype: tuple[dict[tuple, tuple] | None, dict[tuple, tuple] | None]
        """
        # customers of every salesperson follow a cadence
        planner = self.env['customer.lead.planner' if self._origin.needs_grade_ids else 'customer.planner'].sudo()
        self.env.flush_all()  # what waits to be written must not be taken back
        tried = {*self.step_ids.mapped('event'), *(values.get('event') for values in edits.values() if values)}
        awaited = Awaited(self.env['customer.cadence.event']._awaited().events | tried, True, True)
        with closing(self.env.cr.savepoint(flush=False)):
            plans = []
            for rules in ({}, edits):
                self._origin._preview_put(rules)
                try:
                    planner._make_plan(partner_ids, awaited)
                except (IntegrityError, OperationalError):
                    raise
                except Exception:
                    # a customer who can't be planned is set aside when the change is saved; that is no reason for an error here
                    _logger.info("The preview of cadence %s could not be planned", self._origin.id, exc_info=True)
                    return None, None
                plans.append({row[:3]: row[3:] for row in self.env.execute_query(SQL(
                    """SELECT %(key)s, step_id, event_date, date_planned, channel_id FROM customer_followup
                        WHERE state = 'planned' AND step_id IS NOT NULL AND %(key)s = ANY(%(ids)s)""",
                    ids=partner_ids, key=SQL.identifier(planner._key)))})
            return plans

    def _preview_put(self, edits):
        """Put edited touchpoints into the database, for as long as the savepoint lasts: nothing of Odoo's own cache is to
        know them."""
        for step_id, values in edits.items():
            if values is None:
                self.env.cr.execute(SQL("UPDATE customer_cadence_step SET active = FALSE WHERE id = %s", step_id))
                continue
            values = dict(values)
            others = values.pop('alternative_channel_ids', None)
            if step_id < 0:
                values = {**values, 'cadence_id': self.id, 'sequence': 10, 'name': '{"en_US": "–"}'}
                [[step_id]] = self._preview_execute(SQL(
                    "INSERT INTO customer_cadence_step (%s) VALUES (%s) RETURNING id",
                    SQL(", ").join(map(SQL.identifier, values)), SQL(", ").join(SQL("%s", value) for value in values.values())))
            elif values:
                self._preview_execute(SQL(
                    "UPDATE customer_cadence_step SET %s WHERE id = %s RETURNING id", SQL(", ").join(
                        SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items()), step_id))
            if others is not None:
                self._preview_put_channels(step_id, others)

    def _preview_put_channels(self, step_id, channel_ids):
        field = self.env['customer.cadence.step']._fields['alternative_channel_ids']
        table, step, channel = map(SQL.identifier, (field.relation, field.column1, field.column2))
        self.env.cr.execute(SQL("DELETE FROM %s WHERE %s = %s", table, step, step_id))
        self.env.cr.execute(SQL(
            "INSERT INTO %s (%s, %s) SELECT %s, unnest(%s::int[])", table, step, channel, step_id, list(channel_ids)))

    def _preview_execute(self, query):
        self.env.cr.execute(query, log_exceptions=False)  # what is typed half way is no error for the log
        return self.env.cr.fetchall()

    def _preview_compare(self, before, after):
        """Return how two plans differ: counts, and the follow-ups that move furthest."""
        both = before.keys() & after.keys()
        moved = sorted(
            (key for key in both if before[key][0] != after[key][0]),
            key=lambda key: (-abs((after[key][0] - before[key][0]).days), key[:2]))
        opened, cancelled = len(after.keys() - before.keys()), len(before.keys() - after.keys())
        channels = sum(before[key][1] != after[key][1] for key in both)
        # who follows a cadence is shown to whoever keeps it
        partners = self.env['crm.lead' if self._origin.needs_grade_ids else 'res.partner'].sudo()
        return {
            'moves': self.env._(
                "As soon as this is saved, %(moved)s of %(open)s would move: %(earlier)s to an earlier day, %(later)s to a "
                "later one.", moved=len(moved), open=followups(self.env, len(before)),
                earlier=sum(after[key][0] < before[key][0] for key in moved),
                later=sum(after[key][0] > before[key][0] for key in moved)),
            'others': [text for count, text in (
                (opened, self.env._("%(count)s would be opened", count=opened)),
                (cancelled, self.env._("%(count)s would be cancelled", count=cancelled)),
                (channels, self.env._("%(count)s would get another channel", count=channels))) if count],
            'followups': [{
                'id': key[0], 'name': partners.browse(key[0]).name,
                'step': self.env['customer.cadence.step'].browse(key[1]).name,
                'before': format_date(self.env, before[key][0]), 'after': format_date(self.env, after[key][0]),
            } for key in moved[:NAMED]],
        }

    @api.model
    def _preview_row(self, step):
        """Return what the preview compares of a touchpoint, as the database takes it."""
        row = {}
        for name in self._preview_columns():
            value = step[name]
            if step._fields[name].type == 'many2one':
                value = value._origin.id
            # nothing is NULL, but for numbers and switches
            row[name] = value if value or step._fields[name].type in ('integer', 'boolean') else None
        return {**row, 'alternative_channel_ids': tuple(sorted(step.alternative_channel_ids._origin.ids))}
