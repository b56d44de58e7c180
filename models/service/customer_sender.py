import logging
from collections import Counter
from datetime import date, datetime, time, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_feedback_asker import PASSES

_logger = logging.getLogger(__name__)

#: What keeps all people of a customer from being asked, and is over one day.
PASSES_LATER = PASSES | {'rest', 'cap', 'waiting'}


class CustomerSender(models.AbstractModel):
    """Touchpoints that ask: the question is queued by the rules of all questions, and who is not asked is not (CAD-10, SRV-5)."""

    _inherit = 'customer.sender'

    @api.model
    def _waits(self):
        """Nothing leaves by itself while a complaint is open: it waits, and leaves afterwards. Who may not be asked yet is asked
        when the days of rest are over."""
        later = Domain('retry_at', '>', fields.Datetime.now()) & Domain('send_tries', '=', 0)
        return {
            'complaint': (self.env._("a complaint is open"), Domain('partner_id.customer_has_complaint', '=', True)),
            'rest': (self.env._("whom it would ask may not be asked yet"), later),
            **super()._waits()}

    @api.model
    def _template(self, step):
        return step.survey_id.mail_template_id if step.survey_id else super()._template(step)

    @api.model
    def _send_step(self, step, followups):
        if not step.survey_id:
            return super()._send_step(step, followups)
        if missing := step._missing_to_send():
            self._leave_to_people(followups, 'text', lambda own: own.env._(
                "“%(step)s” can't be sent by itself: %(reason)s", step=own.step_id.name, reason=missing))
            return followups.browse(), Counter(left=len(followups))
        may, why = self._whom_to_ask(followups)
        counts, asked = Counter(), followups.browse()
        for followup in followups.filtered(lambda followup: followup.id not in may):
            counts['left'] += self._leave_unasked(followup, *why.get(followup.partner_id.id, ('nobody', None)))

        def set_aside(followup, error):
            _logger.info("Follow-up %s could not ask", followup.id, exc_info=error)
            self._leave_to_people(followup, 'text', lambda own: str(error))
            return followup.browse()

        def ask(some):
            self._ask(step.survey_id, some, may)
            return some

        wanted = followups.filtered(lambda followup: followup.id in may)
        asked = asked.union(*self.env['customer.routine']._by_halves(wanted, ask, set_aside))
        counts['left'] += len(wanted - asked)
        if asked:
            self.env['customer.feedback.asker']._wake()
        return asked, counts

    @api.model
    def _whom_to_ask(self, followups):
        """Return whom to ask: who was chosen, else who was asked longest ago; and of customers at whom nobody may be asked now,
        why not: what passes first comes before what stays.

        :return: id of the person by id of the follow-up; key of the reason and day until when, by id of the customer
        :rtype: tuple[dict, dict]
        """
        asker = self.env['customer.feedback.asker']
        asker._flush()
        people = SQL(
            """SELECT x.id AS person_id, c.id AS customer_id
                 FROM res_partner c
                 JOIN res_partner x ON x.commercial_partner_id = c.id AND x.active
                WHERE c.id = ANY(%s) AND (x.id = c.id AND %s OR x.id <> c.id AND x.is_company IS NOT TRUE)""",
            followups.partner_id.ids, self.env['customer.addressee']._alone_sql(SQL("c.id")))
        rows = self.env.execute_query(SQL(
            "SELECT customer_id, person_id, why, day FROM (%s) AS q ORDER BY asked NULLS FIRST, person_id",
            asker._why_sql(people)))
        able, why = {}, {}
        for customer_id, person_id, reason, day in rows:
            if reason is None:
                able.setdefault(customer_id, []).append(person_id)
            elif reason in PASSES_LATER and (
                    why.get(customer_id, (None,))[0] not in PASSES_LATER
                    or (day or date.max) < (why[customer_id][1] or date.max)):
                why[customer_id] = (reason, day)
            else:
                why.setdefault(customer_id, (reason, day))
        may = {}
        for followup in followups:
            if found := able.get(followup.partner_id.id):
                may[followup.id] = followup.contact_id.id if followup.contact_id.id in found else found[0]
        return may, why

    @api.model
    def _leave_unasked(self, followup, key, day):
        """Let a follow-up wait for the day on which somebody may be asked, as long as it is in time then; else leave it to its
        person, with why not.

        :param str key: see ``customer.feedback.asker._why_texts``
        :param date day: until when it holds, if that is known
        :return: whether it is left to its person
        """
        until = day or fields.Date.add(followup.partner_id._customer_now().date(), days=1)
        if key in PASSES_LATER and (not followup.date_limit or until <= followup.date_limit):
            followup.retry_at = max(datetime.combine(until, time()), fields.Datetime.now() + timedelta(hours=1))
            return False
        self._leave_to_people(followup, 'nobody', lambda own: own.env._(
            "Not asked: %(reason)s", reason=own.env['customer.feedback.asker']._say_why(key, day)))
        return True

    @api.model
    def _ask(self, survey, followups, people):
        """Queue the questions of follow-ups, and close these.

        :param dict people: ids of persons by id of the follow-up
        """
        rows = [(people[followup.id], followup.partner_id.id) for followup in followups]
        requests = self.env['customer.feedback.asker']._create_requests(survey, rows)
        now = fields.Datetime.now()
        for followup, request in zip(followups.with_context(tracking_disable=True), requests, strict=True):
            own = followup.with_context(lang=followup.user_id.lang or self.env.lang)
            request.followup_id = followup
            followup.write({
                'state': 'done', 'contact_id': request.contact_id.id, 'contact_at': now, 'qualifies': True, 'outcome': False,
                'contact_day': followup.partner_id._customer_now(now).date(), 'closed_at': now, 'closed_by_id': self.env.uid,
                'retry_at': False,
                'feedback': own.env._("Asked by itself: %(question)s", question=survey.with_env(own.env).question)})
