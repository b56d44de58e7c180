from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..platform.counted import plural
from ..profile.res_partner import GROUP_USER
from .customer_case import AT_WORK, NOT_OVER

#: What there was of service is told of so many days.
SERVICE_DAYS = 365

#: What policies may ask of a customer, by the field of a contact that people write.
WATCHED = {
    'category_id': ('category_id',), 'customer_demand_type_id': ('demand_type_id',),
    'country_id': ('of_customer', 'of_company'), 'state_id': ('of_customer', 'of_company'),
}


class ResPartner(models.Model):
    _inherit = 'res.partner'

    customer_case_ids = fields.One2many(
        comodel_name='customer.case', inverse_name='partner_id', string="Cases", groups=GROUP_USER)
    customer_open_case_count = fields.Integer(
        string="Open Cases", compute='_compute_customer_service', groups=GROUP_USER,
        help="Complaints, problems and needs that are not closed.")
    customer_last_complaint = fields.Date(
        string="Last Complaint", compute='_compute_customer_service', groups=GROUP_USER,
        help="When the last complaint came in, of those that you may see.")
    customer_sla_percent = fields.Float(
        string="Deadlines Met (%)", compute='_compute_customer_service', groups=GROUP_USER, digits=(16, 0),
        help="Of the deadlines of cases that were decided within a year, how many were met.")
    customer_sla_count = fields.Integer(
        string="Deadlines Decided", compute='_compute_customer_service', groups=GROUP_USER,
        help="How many deadlines of cases were met or missed within a year.")
    customer_has_complaint = fields.Boolean(
        string="Open Complaint", compute='_compute_customer_has_complaint', search='_search_customer_has_complaint',
        compute_sudo=True, help="A complaint is being worked on: nothing is sent by itself meanwhile, and nobody is greeted.")

    customer_no_surveys = fields.Boolean(
        string="Never Ask for Feedback", groups=GROUP_USER,
        help="This person does not want to be asked. On a company: nobody of it is.")
    customer_feedback_ids = fields.One2many(
        comodel_name='customer.feedback', inverse_name='partner_id', string="Feedback", groups=GROUP_USER)
    customer_survey_note = fields.Char(
        string="May Be Asked", compute='_compute_customer_survey_note', groups=GROUP_USER,
        help="When this person may be asked for feedback again, and why not now.")
    customer_feedback_note = fields.Char(
        string="Said When Asked", compute='_compute_customer_feedback_note', groups=GROUP_USER,
        help="What this customer answered last, and over the last year.")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('customer_no_surveys', 'email', 'active', 'customer_case_ids.state')
    @api.depends_context('lang')
    def _compute_customer_survey_note(self):
        """One statement for all that are shown."""
        asker = self.env['customer.feedback.asker'].sudo()  # that somebody was asked is for everybody to know
        managed = self._origin.filtered(lambda partner: partner.commercial_partner_id.customer_managed)
        why = asker._why((partner.id, partner.commercial_partner_id.id) for partner in managed)
        for partner in self:
            key, day, asked = why.get(partner._origin.id, ('', None, None))
            partner.customer_survey_note = False if key == '' else asker._say_may(key, day, asked)

    @api.depends('customer_feedback_ids.score')
    @api.depends_context('uid', 'lang')
    def _compute_customer_feedback_note(self):
        """Of the feedback that the user may see."""
        feedbacks = self.env['customer.feedback']
        if not feedbacks.has_access('read'):
            self.customer_feedback_note = False
            return
        domain = Domain('partner_id', 'in', self._origin.ids)
        since = fields.Date.subtract(fields.Date.context_today(self), years=1)
        found = feedbacks._summaries(domain & Domain('given_on', '>=', since), 'partner_id')
        last = {feedback.partner_id.id: feedback for feedback in reversed(feedbacks.search(domain))}
        for partner in self:
            own = [found[key] for kind in ('csat', 'nps') if (key := (partner._origin.id, kind)) in found]
            texts = [feedbacks._say_last(last[partner._origin.id])] if partner._origin.id in last else []
            # a customer seldom has enough answers for an NPS: the last one says more then
            texts += [feedbacks._say_summary(one) for one in own if getattr(one, 'average', None) or one.score is not None]
            partner.customer_feedback_note = " · ".join(texts) or False

    @api.depends('customer_case_ids.state', 'customer_case_ids.case_type')
    @api.depends_context('uid', 'tz')
    def _compute_customer_service(self):
        """Look up what cards, lists and the strip show of cases, in one statement for all customers."""
        found = self._read_customer_service()
        for partner in self:
            count, last, met, decided = found.get(partner._origin.id) or (0, None, 0, 0)
            partner.customer_open_case_count = count
            partner.customer_last_complaint = last and fields.Datetime.context_timestamp(self, last).date()
            partner.customer_sla_percent = 100 * met / decided if decided else 0
            partner.customer_sla_count = decided

    def _read_customer_service(self):
        """Return what there is of cases of these customers, of those that the user may see.

        :return: by partner id: how many are open, when the last complaint came in, and how many deadlines were met, and
            decided, within a year
        :rtype: dict[int, tuple]
        """
        cases, ids = self.env['customer.case'], self._origin.ids
        if not ids or not cases.has_access('read'):
            return {}
        cases.flush_model(['partner_id', 'state', 'case_type', 'opened_at'])
        self.env['customer.case.clock'].flush_model(['case_id', 'state', 'ended_at'])
        visible = cases._search([('partner_id', 'in', ids), ('state', '!=', 'withdrawn')])
        return {partner_id: tuple(row) for partner_id, *row in self.env.execute_query(SQL(
            """SELECT c.partner_id, count(*) FILTER (WHERE c.state IN %(not_over)s),
                      max(c.opened_at) FILTER (WHERE c.case_type = 'complaint'), sum(k.met)::int, sum(k.decided)::int
                 FROM customer_case c
           CROSS JOIN LATERAL (
                      SELECT count(*) FILTER (WHERE clock.state = 'met') AS met, count(*) AS decided
                        FROM customer_case_clock clock
                       WHERE clock.case_id = c.id AND clock.state IN ('met', 'failed') AND clock.ended_at > %(since)s) AS k
                WHERE c.id IN %(visible)s
             GROUP BY c.partner_id""",
            not_over=NOT_OVER, since=fields.Datetime.subtract(fields.Datetime.now(), days=SERVICE_DAYS),
            visible=visible.subselect()))}

    @api.depends('customer_case_ids.state', 'customer_case_ids.case_type')
    def _compute_customer_has_complaint(self):
        found = {partner for [partner] in self.env['customer.case']._read_group(
            [('partner_id', 'in', self._origin.ids), ('case_type', '=', 'complaint'), ('state', 'in', AT_WORK)], ['partner_id'])}
        for partner in self:
            partner.customer_has_complaint = partner._origin in found

    def _search_customer_has_complaint(self, operator, value):
        if operator != 'in':
            return NotImplemented
        self.env['customer.case'].flush_model(['partner_id', 'case_type', 'state'])
        return Domain.custom(to_sql=lambda model, alias, query: self._customer_complaint_sql(SQL.identifier(alias, 'id')))

    @api.model
    def _customer_complaint_sql(self, customer_id):
        """Return SQL for: a complaint of a customer is being worked on.

        :param SQL customer_id: its id
        """
        return SQL(
            """EXISTS (SELECT 1 FROM customer_case open_case
                        WHERE open_case.partner_id = %s AND open_case.case_type = 'complaint'
                          AND open_case.state IN ('new', 'working', 'waiting'))""", customer_id)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        """Deadlines of cases follow what a policy may ask of the customer."""
        result = super().write(vals)
        self._customer_replan_cases(vals)
        return result

    def _update_address(self, vals):
        """An address that follows that of a group, past `write`, may ask for another policy like one that somebody typed."""
        result = super()._update_address(vals)
        self._customer_replan_cases(vals)
        return result

    def _customer_replan_cases(self, vals):
        """Let the deadlines of cases follow what changed of their customers.

        :param vals: what was written
        """
        if names := {name for field, watched in WATCHED.items() if field in vals for name in watched}:
            self.env['customer.case.replanner'].sudo()._replan_of_partners(self, names)  # cases of everybody

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_customer_cases(self):
        """Open the cases of this customer, those that are open first; where there is none, begin one."""
        self._customer_one()
        partner = self.commercial_partner_id
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_case_action')
        action['context'] = {
            'default_partner_id': partner.id, 'default_contact_id': self.id if self != partner else False}
        action['domain'] = [('partner_id', '=', partner.id)]
        cases = self.env['customer.case'].search(action['domain'])
        if not cases:
            action['views'] = [(False, 'form')]
        return action

    def action_customer_feedback(self):
        """Open what this customer said when asked."""
        self._customer_one()
        partner = self.commercial_partner_id
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_feedback_action')
        return {**action, 'domain': [('partner_id', '=', partner.id)], 'context': {
            'default_partner_id': partner.id, 'default_contact_id': self.id if self != partner else False}}

    def action_customer_ask(self):
        """Ask this person for feedback, now or as soon as it is office time there.

        :raises UserError: which says why not
        """
        self._customer_one()
        partner = self.commercial_partner_id
        partner._check_works_with()
        survey = self.env['customer.survey'].search(
            Domain('asks_on', '=', 'round') & Domain('company_id', 'in', (False, partner._planning_company().id)), limit=1)
        if not survey:
            raise UserError(self.env._("There is no survey that asks regularly. Ask a manager to set one up."))
        person = self if self != partner else partner._customer_recipients('email')[:1] or partner
        asker = self.env['customer.feedback.asker'].sudo()  # questions are kept by the rules
        key, day, __ = asker._why([(person.id, partner.id)]).get(person.id, ('nobody', None, None))
        if key:
            raise UserError(self.env._(
                "%(person)s can't be asked now: %(reason)s.", person=person.name, reason=asker._say_why(key, day)))
        asker._create_requests(survey, [(person.id, partner.id)])
        asker._wake()
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification', 'params': {
                'type': 'success', 'message': self.env._(
                    "%(person)s is asked by email, in office hours there.", person=person.name),
                'next': {'type': 'ir.actions.act_window_close'}},
        }

    def action_customer_new_case(self):
        """Begin a case of this customer."""
        self._customer_one()
        partner = self.commercial_partner_id
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("New case"), 'res_model': 'customer.case',
            'views': [(False, 'form')],
            'context': {'default_partner_id': partner.id, 'default_contact_id': self.id if self != partner else False},
        }

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _customer_strip(self):
        """Add what there was of ``service`` within a year: when the ``last`` complaint came in, and how many deadlines were
        ``met``; and the ``cases`` that are open: how many (``name``), the ``subject`` and ``deadline`` of the most urgent, how
        much time is ``left`` where it is less than a day, and whether one was ``missed``."""
        strip, last = super()._customer_strip(), self.customer_last_complaint
        recent = last and last > fields.Date.subtract(fields.Date.context_today(self), days=SERVICE_DAYS)
        strip['service'] = {
            'last': format_date(self.env, last) if recent else '',
            'met': self.env._(
                "%(percent)s %% of %(count)s", percent=round(self.customer_sla_percent), count=self.customer_sla_count)
            if self.customer_sla_count else '',
        }
        strip['cases'] = self._customer_strip_cases() if self.customer_open_case_count else False
        strip['feedback'] = self._customer_feedback_strip()
        return strip

    def _customer_strip_cases(self):
        """Return what the strip says of the cases that are open."""
        cases = self.env['customer.case'].search(
            Domain('partner_id', '=', self.id) & Domain('state', 'in', NOT_OVER))
        first = cases.sorted(lambda case: (case.state not in AT_WORK, case.case_type != 'complaint'))[:1]
        left = first.next_due and (first.next_due - fields.Datetime.now()).total_seconds() / 60
        complaints = cases.filtered(lambda case: case.case_type == 'complaint' and case.state in AT_WORK)
        return {
            'name': plural(len(complaints), self.env._("Open complaint"), self.env._(
                "%(count)s open complaints", count=len(complaints))) if complaints else plural(
                len(cases), self.env._("Open case"), self.env._("%(count)s open cases", count=len(cases))),
            'complaint': bool(complaints),
            'subject': first.name,
            'deadline': first.deadline or '',
            'left': self.env._("%(time)s left", time=self.env['customer.case.clock']._say_minutes(left))
            if left and 0 < left < 24 * 60 else '',
            'missed': any(cases.mapped('breached')),
        }

    @api.readonly
    def get_customer_feedback(self):
        """Return what the tab *Feedback* says when it is opened.

        :return: pairs of a label and a sentence: what was answered last, and when this person may be asked again; none on
            another one's customer
        :rtype: list[list[str]]
        """
        self._customer_one()
        if not self.commercial_partner_id._filtered_worked_with():
            return []
        names = ('customer_survey_note',) if self.parent_id else ('customer_feedback_note', 'customer_survey_note')
        return [[self._fields[name]._description_string(self.env), self[name]] for name in names if self[name]]

    def _customer_feedback_strip(self):
        """Return the ``feedback`` of the strip: what was ``said`` last, whether it was ``unhappy``, and what ``waits`` for a
        reply; False where nothing waits and nobody is unhappy."""
        feedbacks = self.env['customer.feedback']
        waiting = feedbacks.search(Domain('partner_id', '=', self.id) & Domain('state', '!=', 'answered'))
        if not waiting:
            return False
        first = waiting.sorted('unhappy', reverse=True)[:1]
        return {
            'waits': feedbacks._say_unanswered(len(waiting)), 'said': feedbacks._say_last(first),
            'comment': (first.comment or '').replace('\n', ' ')[:120], 'unhappy': first.unhappy}

    @api.model
    def _given_domain(self):
        """Add the customers with an open case that the user was given by somebody, or by an absence."""
        given = Domain('state', 'in', NOT_OVER) & Domain('user_id', '=', self.env.uid) & (
            Domain('absence_id', '!=', False) | Domain('given_by_id', 'not in', [self.env.uid, False]))
        return super()._given_domain() | Domain('customer_case_ids', 'any', given)
