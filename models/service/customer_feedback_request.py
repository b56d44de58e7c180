from datetime import timedelta
from urllib.parse import urlencode

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import consteq, hmac

from ..platform.local_text import clauses, day_text, labelled
from ..platform.locks import wait_for_update
from .customer_survey import SCALES

#: What the link in the email is signed for.
SCOPE = 'customer_success.feedback'

#: So long an answer may be corrected on the page on which it was given.
CORRECT_WITHIN = timedelta(minutes=10)

#: So many characters of a comment are kept.
COMMENT_LENGTH = 4000


class CustomerFeedbackRequest(models.Model):
    """One person who is asked one question once: when, why not, and what came of it (SRV-5).

    Nothing of the link is stored: it is signed with the secret of the database, so that nobody who may read this can answer for
    the customer.
    """

    _name = 'customer.feedback.request'
    _description = "Question to a Customer"
    _order = 'date_planned desc, id desc'
    _rec_names_search = ['partner_id', 'contact_id']

    survey_id = fields.Many2one(comodel_name='customer.survey', required=True, readonly=True, index=True, ondelete='restrict')
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    contact_id = fields.Many2one(
        comodel_name='res.partner', string="Person Asked", required=True, readonly=True, index=True, ondelete='cascade')
    case_id = fields.Many2one(
        comodel_name='customer.case', string="About the Case", readonly=True, index='btree_not_null', ondelete='set null')
    followup_id = fields.Many2one(
        comodel_name='customer.followup', string="For the Touchpoint", readonly=True, index='btree_not_null', ondelete='set null',
        help="The follow-up that was done by asking.")
    company_id = fields.Many2one(comodel_name='res.company', required=True, readonly=True, index=True)
    date_planned = fields.Date(string="Asked From", required=True, readonly=True)
    asked_on = fields.Date(
        readonly=True, help="The day at the customer's on which the email left. Rest is counted from it.")
    asked_at = fields.Datetime(string="Email Left", readonly=True)
    expires_at = fields.Datetime(string="Open Until", readonly=True)
    opened_at = fields.Datetime(string="Page Opened", readonly=True, help="By a person or by a program that looks at mails.")
    state = fields.Selection(
        selection=[('waiting', "About to be sent"), ('sent', "Asked"), ('answered', "Answered"),
                   ('failed', "Not delivered"), ('dropped', "Not asked")],
        required=True, readonly=True, default='waiting')
    reason = fields.Char(string="Why Not Asked", readonly=True)
    mail_id = fields.Many2one(
        comodel_name='mail.mail', readonly=True, copy=False, index='btree_not_null', ondelete='set null')
    feedback_ids = fields.One2many(comodel_name='customer.feedback', inverse_name='request_id', string="What Was Answered")
    hit_ids = fields.One2many(comodel_name='customer.feedback.hit', inverse_name='request_id', string="Looked At")
    session = fields.Char(readonly=True, groups='base.group_system', help="Which browser the answer came from.")
    lang = fields.Char(compute='_compute_lang')
    user_id = fields.Many2one(comodel_name='res.users', string="Responsible", compute='_compute_user_id')
    channel_id = fields.Many2one(comodel_name='customer.channel', compute='_compute_channel_id')
    kind = fields.Selection(related='survey_id.kind')

    # whoever waits is not asked by another survey as well
    _waiting_uniq = models.UniqueIndex("(contact_id) WHERE state = 'waiting'", "This person is about to be asked already.")
    _waiting_idx = models.Index("(date_planned) WHERE state = 'waiting'")
    _asked_idx = models.Index("(contact_id, asked_on DESC) WHERE asked_on IS NOT NULL")
    _cap_idx = models.Index("(partner_id, asked_on DESC) WHERE asked_on IS NOT NULL")

    @api.depends('contact_id', 'survey_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for request in self:
            request.display_name = labelled(self.env, request.contact_id.display_name, request.survey_id.name)

    @api.depends('contact_id.lang', 'partner_id.lang', 'company_id')
    def _compute_lang(self):
        installed = {code for code, __ in self.env['res.lang'].get_installed()}
        for request in self:
            wanted = (request.contact_id.lang, request.partner_id.lang, request.company_id.partner_id.lang)
            request.lang = next((lang for lang in wanted if lang in installed), 'en_US')

    @api.depends('partner_id.user_id', 'case_id.user_id')
    def _compute_user_id(self):
        for request in self:
            request.user_id = request.case_id.user_id or request.partner_id.user_id

    def _compute_channel_id(self):
        """The customer's days allow an email or not: what automatic touches ask of a follow-up is asked of this as well."""
        # channels are no secret
        self.channel_id = self.env['customer.channel'].sudo().search([('medium', '=', 'email')], limit=1)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Customers are asked by surveys, one person by “Ask for feedback” on its form."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise AccessError(self.env._("What became of a question follows from the answer, and is not written."))
        result = super().write(vals)
        if vals.get('state') in ('dropped', 'failed') and not self.env.context.get('customer_followup_knows'):
            for request in self.filtered('followup_id'):
                self.env['customer.delivery']._take_unasked(request)
        return result

    def _drop(self, key, day=None):
        """Ask these no more, and say why.

        :param str key: see ``customer.feedback.asker._why_texts``
        :param date day: until when it holds
        """
        asker = self.env['customer.feedback.asker']
        for request in self:
            says = asker.with_context(lang=request.user_id.lang or self.env.lang)
            request.write({'state': 'dropped', 'reason': says._say_why(key, day)})

    # ------------------------------------------------------------
    # LINK
    # ------------------------------------------------------------

    def _signature(self):
        """Return what makes the link of this question known to us only."""
        self.ensure_one()
        return hmac(self.env(su=True), SCOPE, (self.id, self.contact_id.id))[:40]  # the secret of the database

    def _link(self, score=None):
        """Return the address of the page on which this question is answered.

        :param int score: is chosen already on that page; nothing is answered by opening it
        """
        chosen = '' if score is None else f'?{urlencode({"s": score})}'
        return f'{self.get_base_url()}/feedback/{self.id}/{self._signature()}{chosen}'

    @api.model
    def _of_link(self, request_id, signature):
        """Return the question of a link, or none where nobody has sent such a link."""
        request = self.sudo().browse(request_id).exists()  # who has the link may answer
        if request and request.asked_at and consteq(request._signature(), signature):
            return request
        return self.browse()

    def _mail_scale(self):
        """Return the answers as they stand in the email: number and link, for the template."""
        self.ensure_one()
        return [(score, self._link(score)) for score in self.survey_id._scale()]

    def _scale_ends(self):
        """Return what the smallest and the greatest answer mean, for the template of the email."""
        self.ensure_one()
        return clauses(self.env, (self.survey_id.low_label, self.survey_id.high_label))

    # ------------------------------------------------------------
    # ANSWER
    # ------------------------------------------------------------

    def _standing(self, session):
        """Return how a question stands for who opens its page: ``open``, ``mine`` (answered from here, and can be corrected),
        ``answered`` or ``expired``.

        :param str session: of the browser
        """
        self.ensure_one()
        own = self.sudo()  # whoever has the link
        feedback, now = own.feedback_ids[:1], fields.Datetime.now()
        if feedback:
            return 'mine' if own.session == session and now <= feedback.given_at + CORRECT_WITHIN else 'answered'
        return 'expired' if now > (own.expires_at or now) else 'open'

    def _take_answer(self, score, comment, session):
        """Keep what a person answered: the first answer stays; from the same browser it can be corrected for ten minutes, and
        what stood there before is shown.

        :param int score: on the scale of the survey
        :param str comment: in the customer's words
        :param str session: of the browser
        :return: how it stood, see :meth:`_standing`; where that is ``answered`` or ``expired``, nothing was kept
        """
        self.ensure_one()
        wait_for_update(self)  # of two clicks at once one comes first
        self.invalidate_recordset(['session', 'feedback_ids'])
        standing = self._standing(session)
        comment = (comment or '').strip()[:COMMENT_LENGTH]
        if standing == 'open':
            self.env['customer.feedback'].create({
                'partner_id': self.partner_id.id,
                'contact_id': self.contact_id.id if self.contact_id != self.partner_id else False,
                'kind': self.survey_id.kind, 'score': score, 'comment': comment, 'given_at': fields.Datetime.now(),
                'source': 'case' if self.case_id else 'mail', 'survey_id': self.survey_id.id, 'request_id': self.id,
                'case_id': self.case_id.id, 'user_id': self.user_id.id})
            self.write({'state': 'answered', 'session': session})
            self.sudo()._tell_followup()  # whoever has the link
        elif standing == 'mine':
            self._correct(score, comment)
        return standing

    def _tell_followup(self):
        """Note on the follow-up that asked what the customer answered."""
        followup, feedback = self.followup_id, self.feedback_ids[:1]
        if followup:
            says = followup.with_context(lang=followup.user_id.lang or self.env.lang)
            outcome = {'promoter': 'satisfied', 'satisfied': 'satisfied', 'detractor': 'problem', 'unsatisfied': 'problem'}.get(
                feedback.category, 'neutral')
            followup.write({
                'answered_at': fields.Datetime.now(), 'outcome': outcome, 'feedback': '\n'.join(filter(None, (
                    followup.feedback, says.env._("Answered: %(text)s", text=feedback.with_env(says.env)._say_score()))))})

    def _correct(self, score, comment):
        """Let an answer that was just given be another one; a second click on the same is none."""
        feedback = self.feedback_ids[:1]
        if (feedback.score, feedback.comment or '') == (score, comment):
            return
        before = feedback._say_score()
        values = {'comment': comment}
        if feedback.score != score:
            values['score'] = score
            if not feedback.corrected_at:
                values['first_score'] = feedback.score
        feedback.write({**values, 'corrected_at': fields.Datetime.now()})
        feedback.message_post(body=feedback.env._(
            "Corrected by the customer: %(before)s before, %(after)s now.", before=before, after=feedback._say_score()))

    def _is_answer(self, score):
        """Return whether this is a number on the scale."""
        first, last = SCALES[self.survey_id.kind]
        return isinstance(score, int) and first <= score <= last

    def _say_state(self):
        """Return what became of a question in a sentence, for the case that it is about."""
        self.ensure_one()
        if self.state == 'dropped':
            return self.env._("Not asked: %(reason)s", reason=self.reason or '')
        if self.state == 'waiting':
            return self.env._("%(person)s is asked from %(day)s", person=self.contact_id.name, day=day_text(
                self.env, self.date_planned, 'yMMMd'))
        if self.state == 'failed':
            return self.env._("%(person)s was asked, but the email did not arrive: %(reason)s", person=self.contact_id.name,
                              reason=self.reason or '')
        values = {'person': self.contact_id.name, 'day': day_text(self.env, self.asked_on, 'yMMMd')}
        feedback = self.feedback_ids[:1]
        if feedback:
            return self.env._("%(person)s answered: %(score)s", person=self.contact_id.name, score=feedback._say_score())
        return self.env._("%(person)s was asked on %(day)s", **values)

    @api.autovacuum
    def _gc_sessions(self):
        """Forget which browser an answer came from once it can't be corrected any more."""
        old = self.search(Domain('session', '!=', False) & Domain(
            'write_date', '<', fields.Datetime.now() - timedelta(days=1)), limit=1000)
        old.write({'session': False})
        return len(old), len(old) == 1000
