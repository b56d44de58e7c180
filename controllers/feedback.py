"""The page on which a customer answers a survey (SRV-5).

Programs that look at emails for their readers follow every link, ask for the page by HEAD, run its scripts, and send its forms.
None of that is an answer. An answer counts when

* it comes with a token that was made for the page opened in this browser, within the last hours, and
* a person did something on that page: the script of the page adds to the token that a pointer or a key was used, which the
  browser vouches for (``isTrusted``); without scripts, a second page asks to type the chosen number, and takes it only some
  seconds after it was shown.

Everything else is kept apart (``customer.feedback.hit``) and never counted.
"""
import secrets
import time
from pathlib import Path

from odoo import fields, http
from odoo.http import request
from odoo.tools import consteq, hmac
from odoo.tools.misc import format_datetime

from ..engine.contrast import luminance, readable_on
from ..models.service.customer_feedback_request import COMMENT_LENGTH, CORRECT_WITHIN

COOKIE = 'customer_feedback'

#: A page is good for so long, and the one that asks to type a number from so many seconds on.
PAGE_SECONDS, TYPED_AFTER = 12 * 3600, 2

#: What is used of a page by a person.
EVENTS = ('pointer', 'key')

#: Where a company has chosen none.
COLOR = '#714b67'

#: Browsers keep the style and the script of a page for long; they get them anew when they change.
STAMP = int(max(file.stat().st_mtime for file in (Path(__file__).parents[1] / 'static' / 'feedback').iterdir()))


class CustomerFeedbackController(http.Controller):
    """Shows a question to whoever has its link, and takes the answer of a person."""

    @http.route('/feedback/<int:question_id>/<string:signature>', type='http', auth='public', methods=['GET', 'POST'],
                csrf=False, save_session=False, readonly=False)
    def feedback(self, question_id, signature, **sent):
        """Show the page of a question, or take what is sent from it.

        :param int question_id: of the customer.feedback.request
        :param str signature: what makes the link known to us only
        :param sent: ``s`` of the link in the email; ``score``, ``comment``, ``token``, ``human``, ``typed`` of the page
        """
        question = request.env['customer.feedback.request']._of_link(question_id, signature)
        if not question:
            return self._page('unknown', request.env.company.sudo(), status=404)  # its name and logo
        request.update_context(lang=question.lang)
        question = question.with_context(lang=question.lang)
        session = request.httprequest.cookies.get(COOKIE) or secrets.token_hex(16)
        if request.httprequest.method == 'POST':
            return self._take(question, session, sent)
        self._hit(question, 'head' if request.httprequest.method == 'HEAD' else 'page')
        if not question.opened_at:
            question.opened_at = fields.Datetime.now()
        return self._show(question, session, chosen=self._number(sent.get('s')))

    # ------------------------------------------------------------
    # TAKING
    # ------------------------------------------------------------

    def _take(self, question, session, sent):
        """Keep an answer where a person gave it, and show what became of it."""
        score, comment, never = self._number(sent.get('score')), (sent.get('comment') or '')[:COMMENT_LENGTH], 'never' in sent
        values = {'chosen': score, 'comment': comment}
        person = self._is_person(question, session, sent)
        if not person:
            self._hit(question, 'blind', sent.get('score'))
            standing = question._standing(session)
            if standing in ('open', 'mine') and (question._is_answer(score) or never):
                return self._show(question, session, page='never' if never else 'typed', **values)
            return self._show(question, session, **values)
        if never:
            question.contact_id.customer_no_surveys = True
            return self._show(question, session, page='stopped')
        if not question._is_answer(score):
            self._hit(question, 'strange', sent.get('score'))
            return self._show(question, session, error=True, **values)
        standing = question._take_answer(score, comment, session)
        self._hit(question, {'open': 'counted', 'mine': 'corrected', 'expired': 'late'}.get(standing, 'again'), sent['score'])
        if standing not in ('open', 'mine'):
            return self._show(question, session)
        # whoever loads the page again sends nothing again
        return self._with_cookie(request.redirect(request.httprequest.path, code=303), session)

    def _is_person(self, question, session, sent):
        """Return whether what is sent comes from a page that a person opened in this browser and did something on."""
        if request.httprequest.cookies.get(COOKIE) != session:
            return False
        token = sent.get('token') or ''
        if self._age(question, session, 'page', token) is not None:
            return (sent.get('human') or '') in {f'{event}:{token[::-1]}' for event in EVENTS}
        age = self._age(question, session, 'typed', token)
        if age is None or age < TYPED_AFTER:
            return False
        return 'never' in sent or (sent.get('typed') or '').strip() == str(self._number(sent.get('score')))

    @staticmethod
    def _number(text):
        """Return a number that was sent, or None for anything else; 0 is one."""
        text = (text or '').strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else None

    # ------------------------------------------------------------
    # TOKENS
    # ------------------------------------------------------------

    @staticmethod
    def _token(question, session, page, moment=None):
        """Return a token for a page that is opened now.

        :param str page: ``page`` or ``typed``
        """
        moment = int(time.time()) if moment is None else moment
        signed = hmac(question.env(su=True), 'customer_success.feedback.page', (question.id, session, page, moment))
        return f'{moment}-{signed[:40]}'

    def _age(self, question, session, page, token):
        """Return how many seconds ago a token was made, or None where it was not made for this page here, or too long ago."""
        moment = token.partition('-')[0]
        if not (moment.isascii() and moment.isdigit() and len(moment) < 12):
            return None
        age = time.time() - int(moment)
        good = consteq(self._token(question, session, page, int(moment)), token)
        return age if good and 0 <= age + 1 and age <= PAGE_SECONDS else None

    # ------------------------------------------------------------
    # SHOWING
    # ------------------------------------------------------------

    @staticmethod
    def _hit(question, what, score=''):
        """Keep that the page was looked at; nothing of it is counted."""
        request.env['customer.feedback.hit']._note(question, what, request.httprequest.user_agent.string, score)

    def _show(self, question, session, page=None, **values):
        """Return the page of a question as it stands.

        :param str page: another one than it asks for
        """
        standing = question._standing(session)
        page = page or standing
        feedback, survey = question.feedback_ids[:1], question.survey_id
        if standing == 'mine':
            values = {'comment': feedback.comment or '', 'chosen': feedback.score,
                      **{name: value for name, value in values.items() if value not in (None, '')}}
        return self._with_cookie(self._page(
            page, question.company_id, question=survey.question, survey=survey, scale=survey._scale(),
            token=self._token(question, session, 'typed' if page in ('typed', 'never') else 'page'),
            said=feedback._say_score() if feedback else '', change=feedback and self._say_change(question, feedback),
            why_typed=question.env._(
                "Programs open links in emails too. So that only people answer: please type the number that you chose, "
                "%(number)s, once more.", number=values.get('chosen')),
            thanks=survey.thanks, limit=COMMENT_LENGTH, **values), session)

    @staticmethod
    def _say_change(question, feedback):
        """Return until when an answer can be changed, by the clock there."""
        return question.env._("Change my answer (until %(time)s)", time=format_datetime(
            question.env, feedback.given_at + CORRECT_WITHIN, question.partner_id._customer_zone(), 'HH:mm'))

    @staticmethod
    def _page(page, company, status=200, **values):
        """Return a page in the language of the context.

        :param str page: ``open``, ``mine``, ``answered``, ``expired``, ``unknown``, ``typed``, ``never`` or ``stopped``
        :param company: res.company whose page it is
        """
        lang = request.env['res.lang']._get_data(code=request.env.context.get('lang') or 'en_US')
        color = company.email_secondary_color or COLOR
        try:
            luminance(color)
        except ValueError:
            color = COLOR
        nonce = secrets.token_urlsafe(12)
        html = request.env['ir.qweb']._render('customer_success.feedback_page', {
            'page': page, 'company': company, 'color': color, 'on_color': readable_on(color), 'nonce': nonce, 'stamp': STAMP,
            'html_lang': (lang.code or 'en_US').replace('_', '-'), 'direction': lang.direction or 'ltr', 'error': False,
            'chosen': None, 'comment': '', 'question': '', **values})
        return request.make_response(f'<!DOCTYPE html>\n{html}', headers=[
            ('Content-Type', 'text/html; charset=utf-8'), ('Cache-Control', 'no-store'), ('Referrer-Policy', 'same-origin'),
            ('X-Robots-Tag', 'noindex'), ('X-Frame-Options', 'DENY'), ('X-Content-Type-Options', 'nosniff'),
            ('Content-Security-Policy',
             f"default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; form-action 'self'; "
             "base-uri 'none'; frame-ancestors 'none'"),
        ], status=status)

    @staticmethod
    def _with_cookie(response, session):
        """Let the browser be known again: by whom an answer was given is who may correct it."""
        response.set_cookie(
            COOKIE, session, max_age=86400, path='/feedback', httponly=True, samesite='Lax',
            secure=request.httprequest.scheme == 'https')
        return response
