"""PLT-4: emails and text messages as their reader sees them in Chinese, with the translations that are shipped."""
import importlib.util
import re
from itertools import product
from pathlib import Path

from odoo import fields
from odoo.tools import SQL, html2plaintext

from ...models.platform.local_text import bracketed, clauses, labelled, quoted
from ...models.reporting.customer_sheet import Made
from ..common import CustomerCase

LANGUAGES = ('zh_CN', 'zh_TW')

#: Three words of a language with Latin letters, one after the other.
WORDS = re.compile(r"[A-Za-z]{2,}(?:[ ,.'’-]+[A-Za-z]{2,}){2,}")

#: Signs of such a language beside Chinese ones.
SIGNS = re.compile(r'[\u3400-\u9fff][”」]?[,;:!?]|[,;:!?] ?[“「]?[\u3400-\u9fff]|[\u3400-\u9fff] ?\(|\) ?[\u3400-\u9fff]')

ADDRESS = re.compile(r'\S+://\S+|\S+@\S+|\[\d+\]')


class TestEmails(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for language in LANGUAGES:
            cls.env['res.lang']._activate_lang(language)
        # what was translated in this database before gives way to what is shipped
        cls.env.flush_all()
        for table, names in (('mail_template', ('subject', 'body_html')), ('sms_template', ('body',))):
            for name in names:
                cls.env.cr.execute(SQL(
                    "UPDATE %(table)s SET %(name)s = %(name)s - %(languages)s", table=SQL.identifier(table),
                    name=SQL.identifier(name), languages=list(LANGUAGES)))
        cls.env.invalidate_all()
        cls.env['ir.module.module'].search([('name', '=', 'customer_success')])._update_translations(LANGUAGES)
        cls.anna.name = "安娜"
        cls.anna.company_id.name = "甲方公司"
        cls.customer = cls._customer("乙方公司", user_id=cls.anna.id)
        cls.person = cls.env['res.partner'].create({'name': "王芳", 'parent_id': cls.customer.id})

    def _values_of(self, model):
        """Return whom and what a text of a model speaks of, by its fields."""
        meeting = self.env['calendar.event'].new({
            'name': "答谢会", 'start': '2026-09-12 07:00:00', 'stop': '2026-09-12 14:00:00', 'location': "湖畔",
            'user_id': self.anna.id})
        case = self.env['customer.case'].new({'name': "交货迟了", 'partner_id': self.customer.id})
        values = {
            'contact_id': self.person.id, 'partner_id': self.customer.id, 'customer_id': self.customer.id,
            'user_id': self.anna.id, 'company_id': self.anna.company_id.id,
            'festival_id': self.env['customer.festival'].search([], limit=1).id,
            'survey_id': self.env['customer.survey'].with_context(active_test=False).search([], limit=1).id,
            'event_id': meeting, 'case_id': case, 'common_name': "王芳", 'mail_tz': 'Asia/Shanghai', 'since': 1998}
        return {name: value for name, value in values.items() if name in self.env[model]._fields}

    def _assert_chinese(self, text, what):
        text = ADDRESS.sub('', html2plaintext(text) if '<' in text else text)
        self.assertTrue(re.search(r'[\u3400-\u9fff]{4}', text), (what, text))
        self.assertEqual((WORDS.findall(text), SIGNS.findall(text)), ([], []), (what, text))

    def test_templates(self):
        """PLT-4: all message templates of the addon, in both languages: nothing in English, and the signs of the language."""
        shipped = self.env['ir.model.data'].search([
            ('module', '=', 'customer_success'), ('model', 'in', ('mail.template', 'sms.template'))])
        self.assertGreater(len(shipped), 10)
        letter = self.env['customer.letter']
        for data, language in product(shipped, LANGUAGES):
            template = self.env[data.model].browse(data.res_id).with_context(lang=language)
            record = self.env[template.model].with_context(lang=language).new(self._values_of(template.model))
            for name in ('subject', 'body_html', 'body'):
                if name in template._fields:
                    self._assert_chinese(letter._render_one(template, name, record), (data.name, name, language))

    def test_put_together(self):
        """PLT-4: labels, notes, clauses and names stand in the signs of the language."""
        chinese, taiwan, english = (self.env(context={'lang': lang}) for lang in ('zh_CN', 'zh_TW', 'en_US'))
        self.assertEqual([labelled(env, "甲", "乙") for env in (chinese, taiwan, english)], ["甲：乙", "甲：乙", "甲: 乙"])
        self.assertEqual([bracketed(env, "甲", "乙") for env in (chinese, taiwan, english)], ["甲（乙）", "甲（乙）", "甲 (乙)"])
        self.assertEqual([clauses(env, ["甲", '', "乙", "丙"]) for env in (chinese, english)], ["甲；乙；丙", "甲; 乙; 丙"])
        self.assertEqual([quoted(env, "甲") for env in (chinese, taiwan, english)], ["“甲”", "「甲」", "“甲”"])
        self.assertEqual((bracketed(chinese, "甲", False), bracketed(chinese, '', "乙"), clauses(chinese, [])), ("甲", "乙", ''))

    def test_display_names(self):
        """PLT-4: a holiday, a pause and a customer to choose from are called what they are in the signs of the language."""
        self.env['customer.pause'].create({
            'partner_id': self.customer.id, 'date_from': fields.Date.today(),
            'date_to': fields.Date.add(fields.Date.today(), days=30),
            'reason_id': self.env['customer.followup.reason'].create({'name': "休假", 'for_pause': True}).id})
        calendar = self.env['customer.country.calendar'].create({
            'country_id': self.env['res.country'].create({'name': "某国", 'code': 'XQ'}).id})
        holiday = self.env['customer.holiday'].create({'name': "国庆节", 'date': '2026-10-01', 'calendar_id': calendar.id})
        self.customer.ref = "K-1"
        for language in LANGUAGES:
            own = self.env(context={'lang': language})
            said = [self.customer.customer_pause_ids.with_env(own).display_name, holiday.with_env(own).display_name,
                    own['customer.import.finder']._named(self.customer.ids)]
            self.assertEqual([name[-1] for name in said], ["）", "）", "）"], said)
            self.assertEqual([SIGNS.findall(name) for name in said], [[], [], []], said)

    def test_care_event(self):
        """PLT-4, CUL-5: a guest reads when the event is as the language writes it, by the clock of the place."""
        record = self.env['calendar.attendee'].new(self._values_of('calendar.attendee'))
        self.assertEqual(record.with_context(lang='zh_CN')._say_when(), "2026年9月12日周六 15:00 – 22:00（Asia/Shanghai）")
        self.assertEqual(record.with_context(lang='en_US')._say_when(), "Sat, Sep 12, 2026 15:00 – 22:00 (Asia/Shanghai)")

    def test_update(self):
        """PLT-4, CUL-5: where the addon is updated, letters say when the event is in that way too, and keep what people wrote."""
        spec = importlib.util.spec_from_file_location(
            'post_letters', Path(__file__).parents[2] / 'migrations' / '19.0.1.11.0' / 'post-letters.py')
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        template = self.env.ref('customer_success.mail_template_care_event_changed')
        template.body_html = (
            """<p>Our words, <t t-out="object.event_id.get_display_time_tz(tz=object.mail_tz) or ''">12 September</t></p>""")
        self.env.flush_all()
        module.migrate(self.env.cr, '19.0.1.10.0')
        self.env.invalidate_all()
        self.assertEqual(template.body_html, '<p>Our words, <t t-out="object._say_when()">12 September</t></p>')

    def test_warnings_by_email(self):
        """PLT-4, HEA-3: the email of a morning, with more warnings than it lists."""
        rule = self.env['customer.warning.rule'].search([], limit=1)
        warnings = self.env['customer.warning'].concat(*(self.env['customer.warning'].new({
            'partner_id': self.customer.id, 'rule_id': rule.id, 'level': '3', 'reason': "很久没有下单",
            'date': fields.Date.today()}) for __ in range(30)))
        for language in LANGUAGES:
            digest = self.env['customer.warning.digest'].with_user(self.anna).with_context(lang=language)
            subject, body = digest._render(warnings.with_env(digest.env), fields.Date.to_date('2026-11-30'))
            self._assert_chinese(subject, language)
            self._assert_chinese(body, language)
            self.assertIn("安娜", body)
            self.assertRegex(html2plaintext(body), r"[另].{0,4}5 [条則]")

    def test_sheets_by_email(self):
        """PLT-4, REP-4: an email with each kind of sheet, also where nothing could be printed."""
        for language in LANGUAGES:
            sheets = self.env['customer.sheet'].with_user(self.anna).with_context(lang=language)
            for kind in sheets._kinds():
                mail = sheets._mail(self.anna, kind, [Made("表.xlsx", b'', 'xlsx')], fields.Date.to_date('2026-11-01'),
                                    sheets._say_no_printer(), 3)
                self._assert_chinese(mail.subject, (kind, language))
                self._assert_chinese(mail.body_html, (kind, language))
