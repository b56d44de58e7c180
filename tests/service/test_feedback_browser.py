import os
from contextlib import ExitStack, contextmanager
from pathlib import Path

from odoo.tests import HttpCase, tagged

from ..screens import PICTURES, Browser
from .feedback_common import FeedbackCase

#: Whether something is cut off, too small to be met with a finger, or in the way at this width; answers what is wrong.
LOOK = """(() => {
    const problems = [];
    if (document.documentElement.scrollWidth > innerWidth + 1) {
        problems.push(`the page is ${document.documentElement.scrollWidth - innerWidth} pixels too wide`);
    }
    for (const node of document.querySelectorAll("label span, button.send, textarea")) {
        const box = node.getBoundingClientRect();
        if (box.width && (box.height < 44 || box.width < 44)) {
            problems.push(`${node.className || node.localName} is ${Math.round(box.width)} × ${Math.round(box.height)}`);
        }
    }
    if (getComputedStyle(document.querySelector(".band")).height !== "6px") {
        problems.push("there is no style");
    }
    return problems;
})()"""

#: The script of axe-core, which is no part of the addon.
AXE = os.environ.get('CUSTOMER_SUCCESS_AXE')

#: What stands in the way of somebody who reads the page by other means; answers a line for each finding.
ACCESS = """
(async () => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.filter(({ impact }) => ["serious", "critical"].includes(impact)).flatMap(({ id, help, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${help} – ${html.slice(0, 160)} (${failureSummary.slice(0, 200)})`));
})()
"""


@tagged('post_install', '-at_install')
class TestFeedbackBrowser(FeedbackCase, HttpCase):
    """An anonymous visitor answers in a real browser, at 390 pixels (SRV-5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._request()
        cls.path = f'/feedback/{cls.request.id}/{cls.request._signature()}'

    @contextmanager
    def _browser(self, size='390x844'):
        self.browser_size = size
        browser = Browser(self)
        with self.allow_requests(browser=browser), ExitStack() as after:
            after.callback(self._wait_remaining_requests)
            after.callback(browser.stop)
            self.cr.flush()
            self.cr.clear()
            yield browser

    def _go(self, browser, chosen=''):
        browser.navigate_to(f'{self.base_url()}{self.path}{chosen}')
        self._wait(browser, "document.querySelector('.card')")

    def _wait(self, browser, condition):
        """Wait for a page with its style and script, and until it asks for nothing more."""
        self.assertTrue(browser._wait_ready(f"document.readyState === 'complete' && !!({condition})"), condition)
        self._wait_remaining_requests()

    def _picture(self, browser, name):
        if PICTURES:
            browser.picture(Path(PICTURES) / f'feedback {name}.png')

    @staticmethod
    def _touch(browser, selector):
        """Click on something as a person does: the browser vouches for it."""
        browser.run(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")
        box = browser.run(f"""(() => {{ const box = document.querySelector({selector!r}).getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2]; }})()""")
        for kind in ('mousePressed', 'mouseReleased'):
            browser._websocket_request('Input.dispatchMouseEvent', params={
                'type': kind, 'x': box[0], 'y': box[1], 'button': 'left', 'clickCount': 1})

    @staticmethod
    def _key(browser, key, code, text=''):
        for kind in ('keyDown', 'keyUp'):
            browser._websocket_request('Input.dispatchKeyEvent', params={
                'type': kind, 'key': key, 'code': key if len(key) > 1 else f'Key{key.upper()}', 'windowsVirtualKeyCode': code,
                'text': text if kind == 'keyDown' else ''})

    def _feedbacks(self):
        self.env.invalidate_all()
        return self.env['customer.feedback'].search([('request_id', '=', self.request.id)])

    def test_person(self):
        """A person chooses a number with a finger, writes a word, sends it, and corrects it."""
        with self._browser() as browser:
            self._go(browser)
            self.assertEqual(browser.run(LOOK), [])
            self._picture(browser, 'open 390')
            self._touch(browser, 'input[value="8"]')
            self._picture(browser, 'chosen 390')
            self._touch(browser, 'textarea')
            browser._websocket_request('Input.insertText', params={'text': "Good work"})
            self._touch(browser, 'button.send')
            self._wait(browser, "document.querySelector('details')")
            self.assertEqual((self._feedbacks().score, self._feedbacks().comment), (8, "Good work"))
            self._picture(browser, 'thanks 390')
            self._touch(browser, 'summary')
            self.assertEqual(browser.run(LOOK), [])
            self._touch(browser, 'input[value="0"]')
            self._touch(browser, 'button.send')
            self._wait(browser, "document.body.innerText.includes('0 of 10')")
            self.assertEqual((self._feedbacks().score, self._feedbacks().first_score), (0, 8))
            self.assertEqual(browser.complaints, [])

    def test_keyboard(self):
        """By keyboard alone: the number of the email is chosen already, Enter sends it."""
        with self._browser('1440x900') as browser:
            self._go(browser, '?s=9')
            self._picture(browser, 'open 1440')
            self._key(browser, 'Tab', 9)
            self.assertEqual(browser.run("document.activeElement.value"), '9')
            self._key(browser, 'ArrowRight', 39)
            self.assertEqual(browser.run("document.activeElement.value"), '10')
            self._picture(browser, 'keyboard 1440')
            self._key(browser, 'Enter', 13, '\r')
            self._wait(browser, "document.querySelector('details')")
            self.assertEqual(self._feedbacks().score, 10)

    def test_program(self):
        """A program that runs the scripts of the page, chooses, clicks and sends in its code is not taken for a person."""
        with self._browser() as browser:
            for act in ("form.submit()", "form.requestSubmit()", "form.querySelector('.send').click()"):
                self._go(browser)
                browser.run(f"""(() => {{
                    const form = document.querySelector("form");
                    for (const type of ["pointerdown", "mousedown", "keydown", "click"]) {{
                        document.body.dispatchEvent(new Event(type, {{ bubbles: true }}));
                    }}
                    form.querySelector("input[value='0']").click();
                    {act};
                }})()""")
                self._wait(browser, "document.querySelector('#typed')")
                self.assertFalse(self._feedbacks())
            self._picture(browser, 'typed 390')

    def test_right_to_left(self):
        """From right to left, in Arabic."""
        self.env['res.lang']._activate_lang('ar_001')
        self.nps.with_context(lang='ar_001').write({
            'question': "ما مدى احتمال أن توصي بنا لزميل أو شريك؟", 'low_label': "٠ = غير محتمل إطلاقًا",
            'high_label': "١٠ = محتمل جدًا"})
        self.captain.lang = 'ar_001'
        with self._browser() as browser:
            self._go(browser)
            self.assertEqual(browser.run(LOOK), [])
            self.assertTrue(browser.run("""document.querySelector("input[value='0']").getBoundingClientRect().x
                > document.querySelector("input[value='1']").getBoundingClientRect().x"""))
            self._picture(browser, 'rtl 390')

    def test_access(self):
        """PLT-5: axe finds nothing serious on the question, on a chosen answer, and where a link leads nowhere."""
        if not AXE:
            self.skipTest("The check of accessibility is not installed.")
        for size in ('1440x900', '390x844'):
            with self._browser(size) as browser:
                for path in (self.path, f'{self.path}?s=9', f'/feedback/{self.request.id}/nobody'):
                    browser.navigate_to(f'{self.base_url()}{path}')
                    self._wait(browser, "document.querySelector('.card')")
                    browser.run(Path(AXE).read_text())
                    self.assertEqual(browser.run(ACCESS, timeout=120), [], f'{size} {path}')
