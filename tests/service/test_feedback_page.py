import re
from html import unescape
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from odoo.addons.customer_success.controllers import feedback as page

from .feedback_common import FeedbackCase


@tagged('post_install', '-at_install')
class TestFeedbackPage(FeedbackCase, HttpCase):
    """What a customer, and what a program that checks emails, makes of the link (SRV-5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._request()
        cls.path = f'/feedback/{cls.request.id}/{cls.request._signature()}'

    def setUp(self):
        super().setUp()
        self.opener.cookies.clear()  # nobody is signed in

    def _feedbacks(self):
        self.env.invalidate_all()
        return self.env['customer.feedback'].search([('request_id', '=', self.request.id)])

    def _hits(self):
        self.env.invalidate_all()
        return self.env['customer.feedback.hit'].search([('request_id', '=', self.request.id)], order='id').mapped('what')

    def _open(self, path=None, **headers):
        """Return the page as it is opened, and the token on it."""
        response = self.url_open(path or self.path, headers=headers)
        found = re.search(r'name="token" value="([^"]+)"', response.text)
        return response, unescape(found[1]) if found else ''

    def _send(self, token, score=9, human='pointer', **values):
        """Send the form of the page, as its script completes it after a person used a pointer."""
        return self.url_open(self.path, data={
            'token': token, 'human': f'{human}:{token[::-1]}' if human else '', 'comment': '', 'score': score, **values})

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    def test_answer(self):
        """A person opens the page and answers; what is answered stands there and in the feedback."""
        response, token = self._open()
        self.assertEqual(response.status_code, 200)
        self.assertIn("How likely is it that you would recommend us", response.text)
        self.assertIn('lang="en-US" dir="ltr"', response.text)
        response = self._send(token, 9, comment="Good <b>work</b>")
        self.assertEqual(response.status_code, 200)
        self.assertIn("9 of 10", response.text)
        self.assertIn("Good &lt;b&gt;work&lt;/b&gt;", response.text)
        feedback = self._feedbacks()
        self.assertEqual((feedback.score, feedback.comment, feedback.source, feedback.partner_id, feedback.contact_id),
                         (9, "Good <b>work</b>", 'mail', self.harbour, self.captain))
        self.assertEqual(self.request.state, 'answered')
        self.assertEqual(self._hits(), ['page', 'counted', 'page'])

    def test_zero(self):
        """Posthog, formbricks 5895: 0 is an answer."""
        __, token = self._open()
        self.assertIn("0 of 10", self._send(token, 0).text)
        self.assertEqual((self._feedbacks().score, self._feedbacks().nps), (0, -100))

    def test_choice_of_the_email(self):
        """The number that was clicked in the email is chosen on the page, and is no answer yet; 0 is one as well."""
        for score in (9, 0):
            response, __ = self._open(f'{self.path}?s={score}')
            self.assertRegex(response.text, f'<input[^>]* value="{score}" checked="checked"')
        for strange in ('11', '-1', 'x', '9 9', '٣'):
            self.assertNotIn('checked="checked"', self._open(f'{self.path}?s={strange}')[0].text)
        self.assertFalse(self._feedbacks())

    def test_correction(self):
        """Within ten minutes the same browser may correct the answer, and what was answered first is shown."""
        with self._on('2026-12-07', 10):
            self._request_now()
            __, token = self._open()
            self._send(token, 2, comment="Late")
            followup = self._feedbacks().followup_ids
            response, token = self._open()
            self.assertIn("Change my answer (until 11:10)", response.text, "by the clock of Belgium")
            self._send(token, 9, comment="Late")
            feedback = self._feedbacks()
            self.assertEqual((len(feedback), feedback.score, feedback.first_score, feedback.nps), (1, 9, 2, 100))
            self.assertTrue(feedback.corrected_at)
            self.assertIn("2 of 10 before, 9 of 10 now", "".join(feedback.message_ids.mapped('body')))
            self.assertEqual(feedback.followup_ids, followup)
            self.assertEqual(self._hits(), ['page', 'counted', 'page', 'page', 'corrected', 'page'])

    def _request_now(self):
        self.request.write({'expires_at': '2027-01-01 00:00:00', 'asked_at': '2026-12-07 09:00:00'})
        self.env.flush_all()

    def test_frozen(self):
        """After ten minutes, or in another browser, the first answer stays; what comes later is kept apart."""
        with self._on('2026-12-07', 10) as clock:
            self._request_now()
            __, token = self._open()
            self._send(token, 2)
            cookies = self.opener.cookies.copy()
            self.opener.cookies.clear()
            response, other = self._open()
            self.assertIn("was answered already", response.text)
            self.assertFalse(other)
            self.opener.cookies.update(cookies)
            clock.tick(601)
            with patch.object(page, 'PAGE_SECONDS', 10 ** 6):
                self.assertIn("was answered already", self._send(token, 10).text)
            self.assertEqual((self._feedbacks().score, self._feedbacks().corrected_at), (2, False))
        self.assertEqual(self._hits()[-1], 'again')

    def test_two_clicks_at_once(self):
        """The same answer twice counts once, and is no correction."""
        __, token = self._open()
        for __ in range(2):
            self.assertIn("9 of 10", self._send(token, 9).text)
        feedback = self._feedbacks()
        self.assertEqual((len(feedback), feedback.score, feedback.corrected_at), (1, 9, False))

    def test_without_scripts_zero(self):
        """0 is typed like any other number."""
        __, token = self._open()
        response = self._send(token, 0, human='')
        self.assertIn('name="score" value="0"', response.text)
        typed = unescape(re.search(r'name="token" value="([^"]+)"', response.text)[1])
        with patch.object(page, 'TYPED_AFTER', 0):
            self._send(typed, 0, human='', typed='0')
        self.assertEqual(self._feedbacks().score, 0)

    def test_without_scripts(self):
        """A browser without scripts asks for the number once more, some seconds later."""
        __, token = self._open()
        response = self._send(token, 9, human='', comment="Good & cheap")
        self.assertIn("type the number that you chose, 9, once more", response.text)
        self.assertFalse(self._feedbacks())
        typed = unescape(re.search(r'name="token" value="([^"]+)"', response.text)[1])
        self.assertIn("type the number", self._send(typed, 9, human='', typed='9').text, "a program is quicker")
        self.assertFalse(self._feedbacks())
        with patch.object(page, 'TYPED_AFTER', 0):
            for wrong in ('8', '', '99', 'x'):
                self.assertIn("type the number", self._send(typed, 9, human='', typed=wrong).text)
            self.assertFalse(self._feedbacks())
            self.assertIn("9 of 10", self._send(typed, 9, human='', typed=' 9 ', comment="Good & cheap").text)
        self.assertEqual((self._feedbacks().score, self._feedbacks().comment), (9, "Good & cheap"))

    def test_no_number(self):
        """Who chose none, or what is on no scale, is asked kindly to choose."""
        __, token = self._open()
        for strange in ('', '11', '-1', 'x', '1e3'):
            self.assertIn("Please choose a number", self._send(token, strange, comment="Words stay").text)
            self.assertIn("Words stay", self._send(token, strange, comment="Words stay").text)
        self.assertFalse(self._feedbacks())
        self.request.survey_id = self.csat
        self.assertIn("Please choose a number", self._send(token, 0).text)

    def test_never_again(self):
        """Who does not want to be asked any more says so on the page; a program can't."""
        __, token = self._open()
        self._send(token, '', human='', never='1')
        self.assertFalse(self.captain.customer_no_surveys)
        response = self._send(token, '', never='1')
        self.assertIn("We won't ask you again", response.text)
        self.env.invalidate_all()
        self.assertTrue(self.captain.customer_no_surveys)
        self.assertFalse(self._feedbacks())

    # ------------------------------------------------------------
    # PROGRAMS
    # ------------------------------------------------------------

    def test_scanner(self):
        """odoo 262262, PostHog 43690: what follows links, asks by HEAD and sends forms records nothing."""
        self.assertEqual(self.url_open(self.path, method='HEAD').status_code, 200)
        for score in range(11):
            self.url_open(f'{self.path}?s={score}')
        # a form sent without opening the page, with the fields of the page, and with every field filled in
        self.url_open(self.path, data={'score': '0'})
        __, token = self._open()
        self._send(token, 0, human='')
        self.url_open(self.path, data={'token': token, 'score': '0', 'human': 'x', 'typed': '0', 'comment': "x"})
        self.url_open(self.path, data={'token': token, 'score': '0', 'human': token, 'typed': '0', 'comment': "x"})
        self.url_open(self.path, data={'token': token[::-1], 'score': '0', 'human': 'pointer:' + token, 'comment': "x"})
        self.assertFalse(self._feedbacks())
        self.assertEqual(self.request.state, 'sent')
        self.assertEqual(self._hits().count('blind'), 5)
        # and the person after it is not kept from answering
        __, token = self._open()
        self._send(token, 8)
        self.assertEqual(self._feedbacks().score, 8)

    def test_token_of_another_browser(self):
        """A token holds in the browser in which the page was opened, and for this question only."""
        __, token = self._open()
        self.opener.cookies.clear()
        self._send(token, 9)
        self.assertFalse(self._feedbacks())
        other = self._request(self.env['res.partner'].create({'name': "Mate", 'parent_id': self.harbour.id}))
        __, token = self._open(f'/feedback/{other.id}/{other._signature()}')
        self._send(token, 9)
        self.assertFalse(self._feedbacks())

    def test_old_page(self):
        """A page that was left open over night is shown anew, with what was typed."""
        __, token = self._open()
        with patch.object(page, 'PAGE_SECONDS', -1):
            response = self._send(token, 9, comment="Long words")
        self.assertIn("Long words", response.text)
        self.assertFalse(self._feedbacks())

    def test_forged(self):
        """A link that nobody sent leads to a kind page, and tells nothing."""
        self.assertEqual(self.url_open(self.path + '0').status_code, 404)
        for path in (f'/feedback/{self.request.id}/x', f'/feedback/999999999/{self.request._signature()}',
                     f'/feedback/{self.request.id + 1}/{self.request._signature()}'):
            for data in (None, {'score': '9', 'token': 'x'}):
                response = self.url_open(path, data=data)
                self.assertEqual(response.status_code, 404)
                self.assertIn("does not lead to a question", response.text)
                self.assertNotIn("Captain", response.text)
        self.assertFalse(self._feedbacks())
        waiting = self._request(self._customer("Mill"), state='waiting', asked_at=False, asked_on=False)
        self.assertEqual(self.url_open(f'/feedback/{waiting.id}/{waiting._signature()}').status_code, 404, "was not sent")

    def test_expired(self):
        __, token = self._open()
        self.request.expires_at = '2026-01-01 00:00:00'
        self.env.flush_all()
        for response in (self._send(token, 9), self.url_open(self.path)):
            self.assertIn("This question is closed by now", response.text)
        self.assertFalse(self._feedbacks())
        self.assertIn('late', self._hits())

    def test_hits_are_bounded(self):
        """A program that looks without end fills no table; what was kept is forgotten after the days of the settings."""
        for __ in range(60):
            self.env['customer.feedback.hit']._note(self.request, 'page', 'x' * 1000)
        self.assertEqual(len(self._hits()), 50)
        self.assertEqual(len(self.env['customer.feedback.hit'].search([])[0].agent), 120)
        with self._on('2031-01-01'):
            self.env['customer.feedback.hit']._gc_hits()
        self.assertFalse(self._hits())

    # ------------------------------------------------------------
    # HOW IT LOOKS
    # ------------------------------------------------------------

    def test_headers(self):
        """The address of the page is a secret: it goes nowhere else, and the page stands in no frame."""
        headers = self._open()[0].headers
        found = [headers[name] for name in ('Referrer-Policy', 'X-Frame-Options', 'Cache-Control', 'X-Robots-Tag')]
        self.assertEqual(found, ['same-origin', 'DENY', 'no-store', 'noindex'])
        self.assertIn("frame-ancestors 'none'", headers['Content-Security-Policy'])
        self.assertIn('HttpOnly', headers['Set-Cookie'])
        self.assertNotIn('session_id', headers['Set-Cookie'])

    def test_language_and_direction(self):
        """The page is in the language of the person, from right to left where that is written so."""
        self.env['res.lang']._activate_lang('ar_001')
        self.nps.with_context(lang='ar_001').question = "هل توصي بنا؟"
        self.captain.lang = 'ar_001'
        response, __ = self._open()
        self.assertIn('dir="rtl"', response.text)
        self.assertIn('lang="ar-001"', response.text)
        self.assertIn("هل توصي بنا؟", response.text)

    def test_color(self):
        """Colour and logo are the company's; what is no colour does no harm."""
        company = self.env.company
        company.write({'email_secondary_color': '#ffd54f', 'logo': False})
        self.assertIn('--brand: #ffd54f; --on-brand: #1f2937;', self._open()[0].text)
        company.email_secondary_color = 'red;} body{display:none'
        self.assertIn('--brand: #714b67;', self._open()[0].text)
