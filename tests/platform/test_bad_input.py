"""S7, S9: names of 120 characters, without blanks or from right to left, forty contacts, and nothing at all: readable, in
words, at a desk and on a phone."""
import json
import re
from pathlib import Path
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from ..everything import OF_A_CUSTOMER, EverythingCase
from ..screens import ScreensCase

DESK, PHONE = '1440x900', '390x844'

#: Of 120 characters each: one word, Arabic, Hebrew, Latin with blanks.
NAMES = tuple((text * 9)[:116] for text in (
    "Präzisionsmaschinenbaugesellschaft",
    "شركة الشرق الأوسط للصناعات الدقيقة والتوريدات ",
    "החברה הישראלית לציוד תעשייתי מדויק ",
    "International Association of Manufacturers ",
))

#: How they begin.
BEGIN = [name[:15] for name in NAMES]

#: How many persons a large customer has.
PERSONS = 40


@tagged('post_install', '-at_install')
class TestBadInput(ScreensCase, EverythingCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.persons = cls.env['res.partner'].create([
            {'name': f"Person {number}", 'parent_id': cls.customer.id, 'function': "Head of Purchasing", 'phone': "+1 555 0100",
             'email': f'person{number}@example.com'}
            for number in range(PERSONS - 1)])
        cls._open(cls.customer)[:1].contact_id = cls.persons[7]
        cls.env.flush_all()
        cls._lengthen()

    @classmethod
    def _lengthen(cls):
        """Give a name of 120 characters to whatever people name."""
        for name, model in sorted(cls.env.registry.items()):
            field = model._fields.get('name')
            if name.startswith('customer.') and model._auto and not model._transient and field and field.store \
                    and field.type == 'char' and not field.readonly:
                cls._rename(name)
        for name in ('res.partner', 'crm.team'):
            cls._rename(name)
        cls.env['res.partner'].search([])._compute_complete_name()

    @classmethod
    def _rename(cls, model):
        """Write names past what would be planned, placed or noted anew by that: nothing but the names is looked at."""
        name = SQL("(%s::text[])[1 + id %% %s] || ' ' || id", list(NAMES), len(NAMES))
        if cls.env[model]._fields['name'].translate:
            name = SQL("jsonb_build_object('en_US', %s)", name)
        cls.env.flush_all()
        cls.env.cr.execute(SQL("UPDATE %s SET name = %s", SQL.identifier(cls.env[model]._table), name))
        cls.env.registry.clear_cache()
        cls.env.invalidate_all()

    def _first_views(self, user):
        """Return the screen that each menu of a user opens with, and a form of what tells of a customer."""
        seen, first = set(), []
        for name, action, options in self._screens(user):
            key = (action['res_model'], action['res_id']) if isinstance(action, dict) else action
            if key not in seen and (not isinstance(action, dict) or {'res.partner', *OF_A_CUSTOMER} & {action['res_model']}):
                seen.add(key)
                first.append((name, action, options))
        return first

    def _dialogs(self, user):
        """Return what is opened to act for the customer, as a user: name, action and options."""
        customer = self.customer.with_user(user)
        followup = self._open(customer)[:1].with_user(user)
        strategy = self.env['customer.strategy'].with_user(user).search([('partner_id', '=', customer.id)], limit=1)
        greeting = self.env['customer.greeting'].with_user(user).search([], limit=1)
        warning = self.env['customer.warning'].with_user(user).search([], limit=1)
        adjustment = strategy.adjustment_ids[:1]

        def form(record, **context):
            return {'type': 'ir.actions.act_window', 'res_model': record._name, 'res_id': record.id, 'target': 'new',
                    'views': [[False, 'form']], 'context': context}

        colleague = self._customer("Colleague's", user_id=self.otto.id)
        return [(name, {'views': [[False, 'form']], **action}, {}) for name, action in (
            ('log', customer.action_customer_log()),
            ('log follow-up', followup.action_log()),
            ('change', followup.action_change()),
            ('pause', customer.action_customer_pause()),
            ('tell', colleague.with_user(user)._action_tell("Heard something")),
            ('write email', followup.action_write_email()),
            ('satisfaction', customer.action_customer_pulse()),
            ('health', customer.action_customer_health()),
            ('tier', customer.action_customer_tier_dialog()),
            ('segment', customer.action_customer_segment_dialog()),
            ('stage', customer.action_customer_stage_dialog()),
            ('mark as lost', self._customer("Staying").action_customer_mark_lost()),
            ('start strategy', customer.action_customer_strategy_start()),
            ('adjustment', form(adjustment)),
            ('greeting', form(greeting)),
            ('warning', form(warning)),
            ('meeting', {'type': 'ir.actions.act_window', 'res_model': 'calendar.event', 'target': 'new',
                         'context': {'default_partner_ids': (customer + self.persons).ids}}),
        )]

    def test_every_view_lets_names_break(self):
        """Forms, lists and cards of the addon have the class that lets long names break, and Arabic begin at the right."""
        classes = {'form': 'o_customer_form', 'list': 'o_customer_rows', 'kanban': 'o_customer_cards'}
        views = self.env['ir.ui.view'].search([
            ('type', 'in', list(classes)), ('mode', '=', 'primary'), ('inherit_id', '=', False), ('model', '!=', False)])
        ours = views.filtered(lambda view: view.xml_id.startswith('customer_success.') and 'settings' not in view.model)
        self.assertGreater(len(ours), 120)
        self.assertFalse([
            view.xml_id for view in ours
            if classes[view.type] not in etree.fromstring(view.arch_db).get('class', '').split()])
        dialogs = ours.filtered(lambda view: view.type == 'form' and self.env[view.model]._transient)
        self.assertGreater(len(dialogs), 14)
        for view in dialogs:
            # on a phone nothing covers what one has to read first
            self.assertEqual(etree.fromstring(view.arch_db).get('js_class'), 'customer_calm_form', view.xml_id)

    def test_what_is_not_known_is_no_number(self):
        """No screen takes null, which is what is not known, for a number: it read “0 points less” of who is new."""
        addon = Path(__file__).parents[2]
        self.assertFalse([
            (path.name, line.strip()) for path in (addon / 'static/src').rglob('*.*') if path.suffix in ('.js', '.xml')
            for line in path.read_text().splitlines() if re.search(r'[!=]== ?false', line)])

    def test_desk(self):
        """A manager at a desk."""
        self.assertEqual(self._sweep('mara', self._first_views(self.mara), DESK, BEGIN), [])

    def test_phone(self):
        """A salesperson with a phone."""
        self.assertEqual(self._sweep('anna', self._first_views(self.anna), PHONE, BEGIN), [])

    def test_dialogs(self):
        """What is opened to act for such a customer, at both widths."""
        dialogs = self._dialogs(self.anna)
        self.env.flush_all()
        self.assertEqual([*self._sweep('anna', dialogs, DESK, BEGIN), *self._sweep('anna', dialogs, PHONE, BEGIN)], [])

    def test_no_role(self):
        """Who has no role of the addon, or only the own documents of sales, reads a colleague's customer without errors."""
        self.own = mail_new_test_user(
            self.env, login='owner', name="Owner", tz='UTC', groups='base.group_user,sales_team.group_sale_salesman')
        self.begin = f'/odoo/res.partner/{self.persons[0].id}'
        customer = self._form(self.customer)
        for user in (self.nils, self.own):
            screens = [('customer', customer, {}), ('person', self._form(self.persons[0]), {})]
            self.env.flush_all()
            self.assertEqual(self._sweep(user.login, screens, PHONE, BEGIN), [], user.login)

    def test_language_without_translations(self):
        """In a language that nobody translated the addon to, its screens are English, and days are written as there."""
        self.env['res.lang']._activate_lang('fr_FR')
        self.anna.lang = 'fr_FR'
        screens = [(name, action, options) for name, action, options in self._first_views(self.anna.with_context(lang='fr_FR'))
                   if isinstance(action, int)][:3]
        screens += [('form', self._form(self.customer), {}), *self._dialogs(self.anna.with_context(lang='fr_FR'))[:2]]
        self.env.flush_all()
        self.assertEqual(self._sweep('anna', screens, DESK, BEGIN), [])

    def _form(self, record):
        return {'type': 'ir.actions.act_window', 'res_model': record._name, 'res_id': record.id, 'views': [[False, 'form']]}

    def test_refused(self):
        """Whatever a dialog is refused for, what was typed stays."""
        refusal = UserError("Not today.")

        def refuse(*args, **kwargs):
            raise refusal

        dialogs = {name: action for name, action, __ in self._dialogs(self.anna)}
        # what a person chooses before, so that nothing but the refusal holds it up
        for name, chosen in {'change': {'default_action': 'skip', 'default_reason_id': self.reason.id},
                             'pause': {'default_reason_id': self.reason.id, 'default_date_to': '2099-12-30'},
                             'satisfaction': {'default_score': '4'}}.items():
            dialogs[name] = {**dialogs[name], 'context': {**dialogs[name]['context'], **chosen}}
        self.env.flush_all()
        with self._opened('anna', DESK) as browser:
            for name, field, button, model, method in (
                ('log', 'feedback', 'action_done', 'res.partner', '_log_contact'),
                ('log follow-up', 'feedback', 'action_done_next', 'res.partner', '_log_contact'),
                ('change', 'note', 'action_apply', 'customer.followup.change', 'action_apply'),
                ('pause', 'note', 'action_apply', 'customer.pause.wizard', 'action_apply'),
                ('tell', 'note', 'action_tell', 'res.partner', 'customer_tell'),
                ('satisfaction', 'note', '', 'customer.pulse', 'create'),
            ):
                with self.subTest(name), patch.object(self.env.registry[model], method, refuse), mute_logger('odoo.http'):
                    browser.run(f'customerScreens.open({json.dumps(dialogs[name])}, {{}})')
                    answer = browser.run(f'customerScreens.refuse({json.dumps(field)}, {json.dumps(button)}, "Typed text")')
                    self.assertEqual(answer, ["Typed text", 2])
                    browser.run('customerScreens.close()')
