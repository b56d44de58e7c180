"""S12: what is kept is written in the language of whoever reads it, and what is shipped can be translated."""
import inspect
import re
from pathlib import Path
from unittest.mock import patch

from freezegun import freeze_time
from lxml import etree
from markupsafe import Markup

from odoo import Command, fields
from odoo.tools import html2plaintext
from odoo.tools.translate import code_translations

from ...models.platform.local_text import listed
from ..common import CustomerCase

ADDON = Path(__file__).parents[2]
PLACEHOLDER = re.compile(r'%\(\w+\)s|%[sd]|%%')
ENGLISH = re.compile(r'[A-Za-z]{4,}')

#: Texts of shipped records that are no words for people.
NO_WORDS = {
    ('customer.channel', 'icon'), ('customer.occasion.kind', 'icon'), ('customer.metric', 'code'),
    ('customer.festival', 'holiday_name'),  # as the library calls the day
    ('customer.greeting.address', 'openings'), ('customer.greeting.address', 'titles'),  # the words of one language
    ('customer.legal.form', 'name'),  # as the law of its country calls it
    ('customer.mood.word', 'name'),  # as customers write it, in whatever language
    ('customer.import.word', 'words'), ('customer.import.word', 'value'),  # as people write them into their sheets
}

#: What a compute says in words, or in the signs of a language.
SAYS = re.compile(r'env\._\(|format_(?:date|datetime|amount|list)\(|listed\(|formatLang\(|_description_selection\(|\b_describe')


class Chinese(dict):
    """A translation of everything: the placeholders of a text, among Chinese signs."""

    def get(self, source, default=None):
        return "译：" + "、".join(PLACEHOLDER.findall(source))


class TestLanguages(CustomerCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-03-02 09:00:00'))
        cls.env['res.lang']._activate_lang('zh_CN')
        cls.env['ir.module.module'].search([('name', '=', 'customer_success')])._update_translations(['zh_CN'])
        original = type(code_translations).get_python_translations
        cls.startClassPatcher(patch.object(
            type(code_translations), 'get_python_translations', lambda self, module, lang: (
                Chinese() if (module, lang) == ('customer_success', 'zh_CN') else original(self, module, lang))))
        # nobody else has anything to be told
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        cls.env['customer.strategy'].search([]).filtered(lambda strategy: strategy.state == 'active').write({'state': 'done'})
        for user, name in ((cls.anna, "安娜"), (cls.ben, "本"), (cls.lena, "莱娜"), (cls.mara, "玛拉")):
            user.name = name
        cls.step.with_context(lang='zh_CN').name = "每月电话"
        cls.customer = cls._customer("甲公司", customer_cadence_id=cls.cadence.id)
        cls.person = cls.env['res.partner'].create({
            'name': "王芳", 'parent_id': cls.customer.id, 'email': 'fang@example.com', 'birthdate_date': '1980-04-20'})

    def _speak(self, house, people):
        """Let the house have one language and its people another."""
        self.env['res.company'].search([]).partner_id.lang = house
        (self.anna + self.ben + self.lena + self.mara).lang = people

    def _actions(self):
        """Return the names of all scheduled actions, in the order in which they run at night."""
        crons = self.env['ir.cron'].browse(self.env['ir.model.data'].search([
            ('module', '=', 'customer_success'), ('model', '=', 'ir.cron')]).mapped('res_id'))
        return [cron._get_customer_action() for cron in crons.sorted(lambda cron: (cron.customer_night_minutes, cron.id))]

    def _nights(self):
        """Let something of every kind happen in two months: planned, due, overdue, unhappy, adjusted, reviewed."""
        start = fields.Date.to_date('2026-03-02')
        with self._on(start):
            self.env['customer.planner']._plan(self.customer.ids)
            kpi = self.env['customer.kpi'].create({'name': "满意度甲", 'unit': 'count'})
            strategy = self.env['customer.strategy'].create({
                'partner_id': self.customer.id, 'user_id': self.anna.id, 'core_approach': "常联系", 'date_start': start,
                'date_end': '2026-08-31', 'kpi_ids': [Command.create({'kpi_id': kpi.id, 'target': 5})]})
            self.env['customer.strategy.cycle']._begin(strategy)
            self.env['customer.pulse'].create({'partner_id': self.customer.id, 'score': '1', 'user_id': self.anna.id})
        nights = {
            0: ('warn', 'suggest', 'plan', 'remind'), 1: ('warn', 'suggest', 'remind'), 31: ('plan', 'remind', 'review'),
            45: ('remind', 'calendar', 'greet', 'warn', 'suggest', 'strategy'), 60: self._actions()}
        self.assertGreater(len(nights[60]), 14)
        for days, actions in nights.items():
            with self._on(fields.Date.add(start, days=days), hour=9):
                for action in actions:
                    self._run_cron(action)

    def _told(self, people):
        """Return what people find, by where it stands."""
        found = []
        activities = self.env['mail.activity'].with_context(active_test=False).search([('user_id', 'in', people.ids)])
        for activity in activities:
            for name in ('summary', 'note'):
                found.append((f'{activity.res_model or "loose"}: {activity.activity_type_id.name}: {name}', activity[name]))
        for model, names in (
                ('customer.followup', ('name', 'move_note')), ('customer.strategy.adjustment', ('reason',)),
                ('customer.greeting', ('problem',)), ('customer.review.line', ('text',))):
            for record in self.env[model].with_context(lang='zh_CN').search([
                    ('partner_id', 'in', (self.customer + self.person).ids)]):
                found += [(f'{model}: {name}', record[name]) for name in names]
        return [(place, html2plaintext(Markup(text)) if '<' in text else text) for place, text in found if text]

    def test_people_read_their_language(self):
        """PLT-4, K1: all scheduled actions ran in an English house; whoever reads Chinese finds nothing in English."""
        self._speak('en_US', 'zh_CN')
        self._nights()
        told = self._told(self.anna + self.lena + self.mara)
        kinds = {place for place, __ in told}
        for kind in ('customer.followup: ', 'customer.warning: ', 'customer.strategy.adjustment: '):
            self.assertTrue([place for place in kinds if place.startswith(kind)], (kind, kinds))
        self.assertTrue([text for __, text in told if "每月电话" in text], "the reminder of a touchpoint")
        self.assertEqual([(place, text) for place, text in told if ENGLISH.search(text)], [])

    def test_what_is_done_by_english_speakers(self):
        """PLT-4, K1: who works in English leaves a leader and a colleague who read Chinese what they can read."""
        self._speak('en_US', 'zh_CN')
        self.anna.lang = 'en_US'
        told = self.lena + self.ben
        with self._on('2026-03-02'):
            self.env['customer.planner']._plan(self.customer.ids)
            self.env['ir.config_parameter'].set_param('customer_success.skip_limit', '1')
            self.env['ir.config_parameter'].set_param('customer_success.move_limit', '1')
            followup = self._open(self.customer)[:1].with_user(self.anna)
            self.reason.with_context(lang='zh_CN').name = "客户要求"
            followup._skip(self.reason, "忙")
            kind = self.env.ref('customer_success.customer_care_kind_gift')
            kind.with_context(lang='zh_CN').name = "礼品"
            self.env['customer.care.budget'].create({
                'partner_id': self.customer.id, 'kind_id': kind.id, 'year': 2026, 'amount': 10, 'reason': "小"})
            self.env['customer.care.expense'].with_user(self.anna).create({
                'name': "书", 'partner_id': self.customer.id, 'kind_id': kind.id, 'amount': 50, 'contact_id': self.person.id,
                'reason': "生日"})
            other = self._customer("乙公司", customer_cadence_id=self.cadence.id)
            self.env['customer.planner']._plan(other.ids)
            moved = self._open(other)[:1]
            moved.reminded = True
            self.env['customer.reminder']._remind(moved)
            moved.with_user(self.mara)._reassign(self.ben)
        texts = self._told(told)
        self.assertGreaterEqual(len([place for place, __ in texts if "summary" in place]), 3, texts)
        self.assertEqual([(place, text) for place, text in texts if ENGLISH.search(text)
                          and not place.startswith('customer.followup: name')], [])

    def test_house_reads_its_language(self):
        """PLT-4, K1: what scheduled actions leave for everybody, in runs and chatter, is in the language of the house."""
        self._speak('zh_CN', 'en_US')
        self.env['customer.run'].search([]).unlink()
        last = self.env['mail.message'].search([], order='id desc', limit=1).id
        self._nights()
        notes = self.env['customer.run'].search([('note', '!=', False)]).mapped('note')
        self.assertGreaterEqual(len(notes), 5)
        self.assertEqual([note for note in notes if ENGLISH.search(note)], [])
        bodies = self.env['mail.message'].search([
            ('id', '>', last), ('model', '=like', 'customer.%'), ('author_id', '=', self.env.ref('base.partner_root').id),
        ]).filtered('body').mapped('body')
        self.assertEqual([body for body in bodies if ENGLISH.search(html2plaintext(body))], [])

    def test_shipped_texts_can_be_translated(self):
        """PLT-4: words in records that are shipped stand in fields that have a value for each language."""
        shipped = {node.get('id') for path in (ADDON / 'data').rglob('*.xml') for node in etree.parse(path).iter('record')}
        data = self.env['ir.model.data'].search([
            ('module', '=', 'customer_success'), ('model', '=like', 'customer.%'), ('name', 'in', list(shipped))])
        looked, wrong = 0, set()
        for model, records in data.grouped('model').items():
            names = [name for name, field in self.env[model]._fields.items()
                     if field.type in ('char', 'text', 'html') and field.store and not field.related and not field.compute]
            for record in self.env[model].browse(records.mapped('res_id')).exists():
                for name in names:
                    looked += 1
                    words = re.findall(r"[A-Za-z]{3,}", html2plaintext(record[name] or ''))
                    if words and not record._fields[name].translate:
                        wrong.add((model, name))
        self.assertGreater(looked, 500)
        self.assertEqual(wrong, NO_WORDS)

    def test_computed_texts_know_the_language(self):
        """PLT-4, K1: a text that is computed is kept apart for each language: whoever reads it next in another language must not
        get the one of before."""
        looked, wrong = 0, []
        for name, model in self.registry.items():
            for field in model._fields.values():
                if field._module != 'customer_success' or field.store or field.type not in ('char', 'text', 'html') or not (
                        isinstance(field.compute, str)):
                    continue
                sources = [inspect.getsource(vars(base)[field.compute]) for base in model.mro() if field.compute in vars(base)]
                if any(map(SAYS.search, sources)):
                    looked += 1
                    if 'lang' not in self.registry.field_depends_context[field]:
                        wrong.append(f'{name}.{field.name}')
        self.assertGreater(looked, 40)
        self.assertEqual(sorted(wrong), [])

    def test_lists_are_separated_as_the_language_does(self):
        """S12: “行业、来源” and no commas between Chinese words; nothing that is told is joined by commas of its own."""
        self.env['res.lang']._activate_lang('zh_CN')
        chinese, english = (self.env(context={'lang': lang}) for lang in ('zh_CN', 'en_US'))
        self.assertEqual(listed(chinese, ["行业", "来源"]), "行业、来源")
        self.assertEqual(listed(english, ["Industry", "Source"]), "Industry, Source")
        wrong = {
            path.relative_to(ADDON).as_posix() for folder in ('models', 'wizard') for path in (ADDON / folder).rglob('*.py')
            if '", ".join(' in path.read_text()}
        self.assertEqual(wrong, {
            'models/platform/base.py',  # keys for other programs
        })
