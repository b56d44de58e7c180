from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ...engine import nps
from ...engine.workdays import next_working_day
from ..platform.counted import plural
from ..platform.local_text import day_text, labelled
from .customer_survey import KINDS, SCALES

#: From this answer on a scale of five on somebody is counted as satisfied.
SATISFIED = 4

#: What a person may write on a piece of feedback directly; what is done about it goes through its dialog.
OPEN_TO_PEOPLE = {'user_id', 'activity_ids', 'message_follower_ids', 'message_ids', 'message_main_attachment_id'}

#: What a person may say of feedback that is entered by hand, and correct while nobody has worked with it.
BY_HAND = {'partner_id', 'contact_id', 'kind', 'score', 'comment', 'source', 'given_at', 'survey_id', 'case_id'}

#: What is done about feedback, in this order: the text, and who wrote it when.
STEPS = {'analysed': 'analysis', 'acted': 'measure', 'answered': 'reply'}


class CustomerFeedback(models.Model):
    """What a customer said when asked, and what was done about it until the customer was told (SRV-5, SRV-6).

    The class of an answer is kept as a number, so that the mean of any group is right: an NPS is the mean of 100, 0 and -100,
    and shares are means of 100 and 0.
    """

    _name = 'customer.feedback'
    _description = "Feedback"
    _inherit = ['mail.thread', 'mail.activity.mixin', 'customer.known', 'customer.guarded', 'customer.contacted', 'customer.task']
    _order = 'given_at desc, id desc'
    _rec_names_search = ['partner_id', 'contact_id', 'comment']
    _mail_post_access = 'read'
    _task_types = {'feedback': 'mail_activity_type_feedback'}
    _known_when = {
        **dict.fromkeys(('nps', 'nps_margin', 'promoter', 'passive', 'detractor'), [('kind', '=', 'nps')]),
        **dict.fromkeys(('csat', 'satisfied'), [('kind', '=', 'csat')])}

    # who
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='cascade',
        domain=['|', ('parent_id', '=', False), ('is_company', '=', True)])
    contact_id = fields.Many2one(
        comodel_name='res.partner', string="Contact Person", index='btree_not_null', ondelete='set null',
        domain="[('commercial_partner_id', '=', partner_id)]")
    company_id = fields.Many2one(comodel_name='res.company', required=True, readonly=True, index=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Responsible", index='btree_not_null', ondelete='set null', tracking=True,
        domain=lambda self: self.env['customer.responsibility']._role_domain('company_id'),
        help="Sees to it that the customer gets an answer.")
    # what was said
    kind = fields.Selection(selection=KINDS, string="Asked For", required=True, default='nps')
    score = fields.Integer(
        required=True, aggregator=None, help="0 to 10 for a recommendation, 1 to 5 for satisfaction.")
    score_text = fields.Char(string="Said", compute='_compute_score_text')
    comment = fields.Text(string="In Their Words")
    marked_comment = fields.Html(
        string="Comment", compute='_compute_marked_comment', sanitize=False,
        help="The words that tell a mood are marked.")
    given_at = fields.Datetime(string="Said On", required=True, default=fields.Datetime.now, index=True)
    given_on = fields.Date(
        string="Day", compute='_compute_given_on', store=True, precompute=True, help="By the customer's clock.")
    source = fields.Selection(
        selection=[('mail', "By email"), ('case', "After a case, by email"), ('phone', "On the phone"),
                   ('hand', "Entered by hand")],
        string="How It Came", required=True, default='phone')
    survey_id = fields.Many2one(
        comodel_name='customer.survey', index='btree_not_null', ondelete='restrict')
    request_id = fields.Many2one(
        comodel_name='customer.feedback.request', string="Asked By", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null')
    case_id = fields.Many2one(
        comodel_name='customer.case', string="About the Case", index='btree_not_null', ondelete='set null',
        domain="[('partner_id', '=', partner_id)]")
    first_score = fields.Integer(
        string="Answered First", readonly=True, copy=False, aggregator=None, help="Before it was corrected.")
    corrected_at = fields.Datetime(string="Corrected On", readonly=True, copy=False)
    # what it counts
    category = fields.Selection(
        selection=[('promoter', "Promoter"), ('passive', "Passive"), ('detractor', "Detractor"),
                   ('satisfied', "Satisfied"), ('neutral', "So-so"), ('unsatisfied', "Not satisfied")],
        string="Class", compute='_compute_category', store=True, precompute=True, index=True)
    unhappy = fields.Boolean(
        string="Is Unhappy", compute='_compute_category', store=True, precompute=True,
        help="The answer was so low, by the settings of that day, that somebody calls.")
    nps = fields.Float(
        string="NPS", compute='_compute_category', store=True, precompute=True, aggregator='avg', digits=(16, 1),
        help="100, 0 or -100, so that the average is the NPS. With too few answers there is none.")
    nps_margin = fields.Float(
        string="NPS ±", compute='_compute_category', store=True, precompute=True, aggregator='avg', digits=(16, 1),
        help="In 95 of 100 cases the NPS is not farther away than this.")
    nps_count = fields.Integer(
        string="NPS (n)", compute='_compute_category', store=True, precompute=True, help="How many answers the NPS is of.")
    promoter = fields.Float(
        string="Promoters (%)", compute='_compute_category', store=True, precompute=True, aggregator='avg', digits=(16, 1))
    passive = fields.Float(
        string="Passives (%)", compute='_compute_category', store=True, precompute=True, aggregator='avg', digits=(16, 1))
    detractor = fields.Float(
        string="Detractors (%)", compute='_compute_category', store=True, precompute=True, aggregator='avg', digits=(16, 1))
    csat = fields.Float(
        string="CSAT (1–5)", compute='_compute_category', store=True, precompute=True, aggregator='avg', digits=(16, 2))
    satisfied = fields.Float(
        string="Satisfied (%)", compute='_compute_category', store=True, precompute=True, aggregator='avg', digits=(16, 1),
        help="The share of the answers 4 and 5.")
    # what is done about it
    state = fields.Selection(
        selection=[('new', "New"), ('analysed', "Analysed"), ('acted', "Acted on"), ('answered', "Answered")],
        required=True, readonly=True, default='new', copy=False, tracking=True, group_expand=True)
    analysis = fields.Text(string="What Is Behind It", readonly=True, copy=False)
    analysed_at = fields.Datetime(readonly=True, copy=False)
    analysed_by_id = fields.Many2one(comodel_name='res.users', readonly=True, copy=False, ondelete='set null')
    measure = fields.Text(string="What Was Done", readonly=True, copy=False)
    acted_at = fields.Datetime(readonly=True, copy=False)
    acted_by_id = fields.Many2one(comodel_name='res.users', readonly=True, copy=False, ondelete='set null')
    reply = fields.Text(string="What the Customer Was Told", readonly=True, copy=False)
    answered_at = fields.Datetime(string="Customer Answered On", readonly=True, copy=False)
    answered_by_id = fields.Many2one(comodel_name='res.users', readonly=True, copy=False, ondelete='set null')
    reminded = fields.Boolean(readonly=True, required=True, default=False, copy=False)
    late = fields.Boolean(
        string="Not Answered Yet, Too Late", compute='_compute_late', search='_search_late',
        help="Nobody has answered to the customer within the days of the settings.")
    followup_ids = fields.One2many(comodel_name='customer.followup', inverse_name='feedback_id', string="Follow-ups")
    opened_case_id = fields.Many2one(
        comodel_name='customer.case', string="Case Opened", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', help="The case that was opened because of this answer.")
    mood_ids = fields.One2many(comodel_name='customer.mood.hit', inverse_name='feedback_id', string="Words Found")
    # what people look at
    tier_id = fields.Many2one(related='partner_id.customer_tier_id', string="Tier", store=False)
    segment_id = fields.Many2one(related='partner_id.customer_segment_id', string="Segment")
    manager_id = fields.Many2one(related='partner_id.user_id', string="Account Manager")
    color = fields.Integer(compute='_compute_color')

    # two clicks at once are one answer
    _request_uniq = models.UniqueIndex("(request_id) WHERE request_id IS NOT NULL", "This question was answered already.")
    _score_range = models.Constraint(
        "CHECK (kind = 'nps' AND score BETWEEN 0 AND 10 OR kind = 'csat' AND score BETWEEN 1 AND 5)",
        "A recommendation is a number from 0 to 10, a satisfaction one from 1 to 5.")
    _customer_idx = models.Index("(partner_id, given_on DESC)")
    _open_idx = models.Index("(given_at) WHERE state <> 'answered'")
    _remind_idx = models.Index("(given_at) WHERE state <> 'answered' AND NOT reminded")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('partner_id', 'kind', 'score')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for feedback in self:
            feedback.display_name = labelled(self.env, feedback.partner_id.display_name, feedback._say_score())

    @api.depends('kind', 'score')
    @api.depends_context('lang')
    def _compute_score_text(self):
        for feedback in self:
            feedback.score_text = feedback._say_score()

    def _say_score(self):
        """Return an answer with its scale: “9 of 10”."""
        self.ensure_one()
        return self.env._("%(score)s of %(best)s", score=self.score, best=SCALES[self.kind or 'nps'][1])

    @api.depends('given_at', 'partner_id')
    def _compute_given_on(self):
        clock = self.env['customer.clock']
        for feedback in self:
            feedback.given_on = feedback.given_at and clock._now(feedback.partner_id, feedback.given_at).date()

    @api.depends('kind', 'score')
    def _compute_category(self):
        setting = self.env['res.config.settings']._customer_success
        for feedback in self:
            score, of_five = feedback.score, feedback.kind == 'csat'
            first, last = SCALES[feedback.kind or 'nps']
            name = nps.category(score) if not of_five and first <= score <= last else False
            feedback.nps = feedback.nps_margin = nps.VALUES.get(name, 0)
            feedback.nps_count = not of_five
            for share in nps.VALUES:
                feedback[share] = 100.0 * (name == share)
            feedback.csat = score if of_five else 0
            feedback.satisfied = 100.0 * (of_five and score >= SATISFIED)
            feedback.category = name or of_five and (
                'satisfied' if score >= SATISFIED else 'neutral' if score == SATISFIED - 1 else 'unsatisfied')
            feedback.unhappy = score <= setting('feedback_unhappy_csat' if of_five else 'feedback_unhappy_nps')

    @api.depends('comment', 'mood_ids.start', 'mood_ids.end', 'mood_ids.state')
    def _compute_marked_comment(self):
        for feedback in self:
            feedback.marked_comment = feedback.mood_ids._marked(feedback.comment or '')

    @api.depends('state', 'given_at')
    def _compute_late(self):
        limit = self._late_limit()
        for feedback in self:
            feedback.late = feedback.state != 'answered' and bool(feedback.given_at) and feedback.given_at < limit

    @api.model
    def _late_limit(self):
        """Return the moment before which what is not answered yet is late."""
        return fields.Datetime.now() - timedelta(
            days=self.env['res.config.settings']._customer_success('feedback_answer_days'))

    def _search_late(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return Domain('state', '!=', 'answered') & Domain('given_at', '<', self._late_limit())

    @api.depends('category')
    def _compute_color(self):
        colors = {'promoter': 10, 'satisfied': 10, 'passive': 3, 'neutral': 3, 'detractor': 1, 'unsatisfied': 1}
        for feedback in self:
            feedback.color = colors.get(feedback.category, 0)

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    @api.model
    def _minimum(self):
        """Return from how many answers on an NPS is told."""
        return max(self.env['res.config.settings']._customer_success('feedback_minimum'), 1)

    @api.model
    def _summaries(self, domain, group):
        """Return what answers say, by the id and the kind that they are grouped by.

        :param domain: of the answers
        :param str group: name of a many2one
        :rtype: dict[tuple[int, str], engine.nps.Nps | engine.nps.Csat]
        """
        rows = self._read_group(domain, [group, 'kind'], [
            '__count', 'promoter:sum', 'passive:sum', 'detractor:sum', 'csat:avg', 'satisfied:avg'])
        return {
            (record.id, kind): nps.Csat(count, csat, satisfied) if kind == 'csat' else nps.summary(
                *(round(part / 100) for part in classes), self._minimum())
            for record, kind, count, *classes, csat, satisfied in rows}

    @api.model
    def _say_summary(self, found, target=0.0):
        """Return what answers say in a sentence: “NPS 41 ± 12 (n = 63): 55 % promoters, 31 % passives, 14 % detractors”.

        :param found: see :meth:`_summaries`
        :param float target: what is aimed at; 0: nothing
        """
        of_five = isinstance(found, nps.Csat)

        def number(value, digits=0):
            return formatLang(self.env, value, digits=digits)

        if of_five:
            text = self.env._(
                "CSAT %(average)s of 5 (n = %(count)s): %(satisfied)s %% satisfied", average=number(found.average, 1),
                count=found.n, satisfied=number(found.satisfied))
        elif found.score is None:
            return self.env._(
                "Too few answers for an NPS: %(count)s of %(minimum)s", count=found.n, minimum=self._minimum())
        else:
            text = self.env._(
                "NPS %(score)s ± %(margin)s (n = %(count)s): %(promoters)s %% promoters, %(passives)s %% passives, "
                "%(detractors)s %% detractors", score=number(found.score), margin=number(found.margin), count=found.n,
                promoters=number(found.promoters), passives=number(found.passives), detractors=number(found.detractors))
        return self.env._(
            "%(result)s. Target: %(target)s", result=text, target=number(target, 1 if of_five else 0)) if target else text

    def _read_group_select(self, aggregate_spec, query):
        """Of too few answers there is no NPS, in no grouping; its range is that of the whole group, see ``engine.nps``."""
        name, __, function = aggregate_spec.partition(':')
        if name not in ('nps', 'nps_margin') or function != 'avg':
            return super()._read_group_select(aggregate_spec, query)
        kind, value = (self._field_to_sql(self._table, field, query) for field in ('kind', 'nps'))
        count = SQL("count(*) FILTER (WHERE %s = 'nps')", kind)
        if name == 'nps':
            figure = SQL("avg(%s) FILTER (WHERE %s = 'nps')", value, kind)
        else:
            total = SQL("(%s + %s)", count, nps.ADDED)
            up, down = (SQL(
                "((count(*) FILTER (WHERE %s = 'nps' AND %s = %s) + %s) / %s)", kind, value, of_class, nps.SHARE * nps.ADDED,
                total) for of_class in (100, -100))
            figure = SQL("100 * %s * sqrt((%s + %s - (%s - %s) ^ 2) / %s)", nps.Z, up, down, up, down, total)
        return SQL("CASE WHEN %s >= %s THEN %s END", count, self._minimum(), figure)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def _open_to_people(self):
        return OPEN_TO_PEOPLE | BY_HAND

    def _say_kept(self, names):
        return self.env._("These fields of feedback can't be written: %(names)s. Use “Note what was done”.", names=names)

    @api.model_create_multi
    def create(self, vals_list):
        """What came in is somebody's to answer to: who is unhappy is called."""
        vals_list = [dict(vals) for vals in vals_list]  # those of the caller stay: an import tries them again row by row
        for vals in vals_list:
            self._guard(vals)
            self._complete_values(vals)
        feedbacks = super().create(vals_list)
        feedbacks._check_people()
        own = feedbacks.sudo()  # words and calls are kept by the rules
        self.env['customer.mood.hit'].sudo()._scan(own, 'comment')  # as above
        own.filtered('unhappy')._care()
        return feedbacks

    @api.model
    def _complete_values(self, vals):
        """Fill in whose feedback it is, its company, and who answers to it.

        :param dict vals: is filled
        """
        partners = self.env['res.partner']
        contact = partners.browse(vals.get('contact_id') or vals.get('partner_id'))
        partner = (partners.browse(vals.get('partner_id')) or contact).commercial_partner_id
        if not partner:
            raise ValidationError(self.env._("Please choose the customer who said it."))
        if self._is_guarded():
            partner._check_works_with()
            for name in set(self._fields) & {'state', 'reminded', 'company_id', 'request_id', 'opened_case_id'}:
                vals.pop(name, None)
            vals.update({'state': 'new', 'request_id': False, 'opened_case_id': False})  # neither do defaults of a context
            if vals.get('source', 'phone') not in ('phone', 'hand'):
                raise ValidationError(self.env._("What a person enters came on the phone or by hand."))
        vals['partner_id'] = partner.id
        if contact and contact != partner:
            vals['contact_id'] = contact.id
        company = partner._planning_company()
        vals['company_id'] = company.id
        if not vals.get('user_id'):
            user = partner.sudo().user_id  # may be a colleague of another company
            vals['user_id'] = self.env['customer.responsibility']._owner('manager', user, company).id

    def _check_people(self):
        """Refuse a responsible person who could not open it."""
        for feedback in self:
            self.env['customer.responsibility']._check_able(feedback.user_id.id, feedback.company_id.id)

    @api.constrains('given_at')
    def _check_given_at(self):
        limit = fields.Datetime.now() + timedelta(minutes=5)
        if coming := self.filtered(lambda feedback: feedback.given_at > limit)[:1]:
            raise ValidationError(self.env._(
                "Nobody knows yet what %(customer)s will say. Choose a moment that has passed.",
                customer=coming.partner_id.display_name))

    def write(self, vals):
        """What the customer answered stays; what a person entered can be corrected while nobody has worked with it."""
        self._guard(vals)
        if self._is_guarded():
            if vals.keys() & BY_HAND and (kept := self.filtered(
                    lambda feedback: feedback.source not in ('phone', 'hand') or feedback.state != 'new')[:1]):
                raise UserError(self.env._(
                    "%(feedback)s stays as it was said. Only what was entered by hand can be corrected, until somebody has "
                    "worked with it.", feedback=kept.display_name))
            if vals.get('source', 'phone') not in ('phone', 'hand'):
                raise ValidationError(self.env._("What a person enters came on the phone or by hand."))
        if vals.get('partner_id'):
            vals = {**vals, 'partner_id': self.env['res.partner'].browse(vals['partner_id']).commercial_partner_id.id}
        happy = self.sudo().filtered(lambda feedback: not feedback.unhappy)  # as in create
        result = super().write(vals)
        if 'user_id' in vals:
            self._check_people()
            self._follow_user()
        if 'comment' in vals:
            self.env['customer.mood.hit'].sudo()._scan(self.sudo(), 'comment')  # as above
        if {'score', 'kind'} & vals.keys():
            happy.filtered('unhappy')._care()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_said(self):
        if not self.env.su and (kept := self.filtered(lambda feedback: feedback.source not in ('phone', 'hand'))):
            raise UserError(self.env._("%(feedback)s stays: the customer has said it.", feedback=kept[0].display_name))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_note(self):
        """Open the dialog that notes what is behind it, what was done, and what the customer was told."""
        self.check_access('write')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Note what was done"), 'target': 'new',
            'res_model': 'customer.feedback.note', 'views': [(False, 'form')],
            'context': {'default_feedback_ids': self.ids},
        }

    def action_log(self):
        """Open the dialog that logs a contact with the customer: for the call that was planned, if it is open."""
        self._customer_one()
        self.check_access('read')
        followup = self.sudo().followup_ids.filtered(  # may be a colleague's
            lambda followup: followup.state == 'planned').sorted('date_planned')[:1].with_env(self.env)
        return self.partner_id._action_log(followup=followup, contact=self.contact_id)

    def action_open_case(self):
        """Open the case that was opened because of this, else the one that it is about; where there is none, begin one."""
        self._customer_one()
        case = self.opened_case_id or self.case_id
        action = {'type': 'ir.actions.act_window', 'res_model': 'customer.case', 'views': [(False, 'form')]}
        if case:
            return {**action, 'res_id': case.id}
        return {**action, 'name': self.env._("New case"), 'context': {
            'default_partner_id': self.partner_id.id, 'default_contact_id': self.contact_id.id,
            'default_name': self._case_name(), 'default_description': self.comment}}

    def action_open_customer(self):
        """Open the customer's form."""
        self._customer_one()
        return self.partner_id._customer_open()

    # ------------------------------------------------------------
    # CLOSED LOOP
    # ------------------------------------------------------------

    def _note(self, **texts):
        """Note what was found out, done or told about these, and go as far as that leads.

        Of an unhappy answer nobody can say only that the customer was told something: what is behind it and what was done
        comes before.

        :param str texts: ``analysis``, ``measure``, ``reply``; those that say nothing change nothing
        """
        self.check_access('write')
        texts = {name: text.strip() for name, text in texts.items() if (text or '').strip()}
        now = fields.Datetime.now()
        for feedback in self:
            own, values = feedback.sudo(), {}  # people don't write what the dialog keeps
            for state, name in STEPS.items():
                if texts.get(name, own[name]) != own[name]:
                    values.update({name: texts[name], f'{state}_at': now, f'{state}_by_id': self.env.uid})
            own.write(values)
            state = own._reached()
            if state != own.state:
                own.state = state
        self.filtered(lambda feedback: feedback.state == 'answered')._tasks().unlink()

    def _reached(self):
        """Return how far this has come, by what is noted."""
        self.ensure_one()
        state = 'new'
        for step, name in STEPS.items():
            if (self[name] or '').strip():
                state = step
            elif self.unhappy:
                break
        return state

    def _care(self):
        """See to it that somebody calls who is unhappy within a day, and that a complaint is worked on, as the settings say."""
        setting = self.env['res.config.settings']._customer_success('feedback_unhappy_step')
        for feedback in self:
            partner = feedback.partner_id
            if not partner.active or partner.customer_do_not_contact or setting == 'none':
                continue
            if setting == 'case' and not feedback.opened_case_id:
                feedback._open_case()
            if not feedback.followup_ids.filtered(lambda followup: followup.state == 'planned'):
                feedback._open_call()

    def _open_call(self):
        """Open the follow-up by which the customer is called: today, or on the next day on which that colleague works."""
        self.ensure_one()
        user = self.user_id
        call = self.env.ref('customer_success.customer_channel_call', raise_if_not_found=False)
        says = self.with_context(lang=user.lang or self.env.lang).env
        # the working week of a colleague; that of the company is no secret either
        calendar = user.sudo().resource_ids[:1].calendar_id or self.company_id.sudo().resource_calendar_id
        day = next_working_day(
            self.env['customer.clock']._today(user or self.company_id),
            self.env['resource.calendar']._customer_is_working(calendar.id, self.company_id.id))
        self.env['customer.followup'].with_context(mail_auto_subscribe_no_notify=True).create({
            'partner_id': self.partner_id.id, 'company_id': self.company_id.id, 'contact_id': self.contact_id.id,
            'feedback_id': self.id, 'user_id': user.id, 'date_planned': day,
            'given_by_id': False, 'channel_id': (call or self.env['customer.channel'].search([], limit=1)).id,
            'name': says._("Unhappy: %(score)s, call within 24 hours", score=self.with_env(says)._say_score())})

    def _case_name(self):
        """Return the subject of a case about this."""
        self.ensure_one()
        return self.env._("Unhappy: %(score)s", score=self._say_score())

    def _open_case(self):
        """Open a complaint because of this; where it is about a case that is over, that is opened again."""
        self.ensure_one()
        case = self.case_id
        if case and case.state in ('solved', 'closed'):
            self.env['customer.case.course']._reopen(
                case, self.env._("The customer is not satisfied: %(said)s", said=self.comment or self._say_score()),
                         escalate=True)
        elif not case or case.state == 'withdrawn':
            case = case.create({
                'name': self._case_name(), 'partner_id': self.partner_id.id, 'contact_id': self.contact_id.id,
                'company_id': self.company_id.id, 'case_type': 'complaint', 'description': self.comment,
                'user_id': self.user_id.id})
        self.opened_case_id = case

    def _take_call(self, followup):
        """Note what was said when the customer was called because of this."""
        self.ensure_one()
        if self.state != 'answered' and followup.qualifies:
            self._note(reply=followup.feedback or self.env._("Spoken to on %(day)s", day=day_text(
                self.env, followup.contact_day)))

    # ------------------------------------------------------------
    # WHO ANSWERS
    # ------------------------------------------------------------

    def _follow_user(self):
        """Let the activities about these go to whoever is responsible now."""
        self._hand_over_tasks('feedback', lambda feedback: feedback.sudo().user_id)  # of a colleague's customer

    @api.model
    def _remind(self, limit):
        """Give whoever is responsible an activity about what is late.

        :param int limit: so many at most
        :return: how many
        """
        feedbacks = self.search(
            Domain('state', '!=', 'answered') & Domain('reminded', '=', False) & Domain('given_at', '<', self._late_limit()),
            order='given_at, id', limit=limit).try_lock_for_update()
        doers = [
            (feedback, self.env['customer.responsibility']._doer('manager', feedback.user_id, feedback.company_id))
            for feedback in feedbacks]
        self._give_tasks('feedback', [(feedback, user) for feedback, user in doers if user], lambda own: own.env._(
            "Not answered yet: %(score)s", score=own._say_score()))
        feedbacks.write({'reminded': True})
        return len(feedbacks)

    @api.model
    def _say_last(self, feedback):
        """Return what was said last in a sentence: “9 of 10 on Mar 3, 2026”."""
        return self.env._("%(score)s on %(day)s", score=feedback._say_score(), day=day_text(
            self.env, fields.Datetime.context_timestamp(feedback, feedback.given_at), 'yMMMd'))

    @api.model
    def _say_unanswered(self, count):
        """Return that so many are not answered yet."""
        return plural(count, self.env._("1 answer waits for a reply"), self.env._(
            "%(count)s answers wait for a reply", count=count))
