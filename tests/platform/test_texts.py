"""PLT-2, K9: what people type stays text: HTML, scripts and formulas in names and comments do nothing, wherever shown."""
import csv
import io
import re
from pathlib import Path
from unittest.mock import patch

from odoo.tools import SQL, mute_logger

from odoo.addons.web.controllers.export import CSVExport

from ..everything import EverythingCase, public_methods

ROOT = Path(__file__).parents[2]

#: A tag that no cleaning of HTML takes out: whoever finds it raw was not told text.
BOLD = '<b>zebra</b>'
SCRIPT = '<script>zebra()</script>'

#: Where a text of Odoo's own becomes HTML.
TOLD = {'mail.message': 'body', 'mail.activity': 'note', 'mail.mail': 'body_html'}

ONE_BY_ONE = 'odoo.addons.customer_success.models.cadence.customer_reminder.ONE_BY_ONE'

#: The only two pieces of HTML that the addon's own components show as such: what a manager formatted in an editor, and what the
#: server made of a template.
MARKUP = {'relationship_panel.js': ['this.state.data.service', 'this.state.data.advice']}


class TestTexts(EverythingCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.with_context(tracking_disable=True).name = f'=1+{BOLD}{SCRIPT}'
        cls.poisoned = 0
        for model in sorted(cls.env):
            if model.startswith('customer.') and cls.env[model]._auto and not cls.env[model]._abstract:
                cls._poison(model)
        cls.env.invalidate_all()

    @classmethod
    def _poison(cls, model):
        """Write HTML into every text that people type in a model."""
        records = cls.env[model]
        writable = records.with_user(cls.mara).fields_get(attributes=['readonly'])
        for name, field in records._fields.items():
            if field.type not in ('char', 'text') or not field.column_type or not field.store or field.size \
                    or name not in writable or writable[name]['readonly']:
                continue
            value = SQL("%s || id", BOLD)
            if field.translate:
                value = SQL("jsonb_build_object('en_US', %s || id)", BOLD)
            cls.env.flush_all()
            try:
                with mute_logger('odoo.sql_db'), cls.env.cr.savepoint():
                    cls.env.cr.execute(SQL("UPDATE %s SET %s = %s", SQL.identifier(records._table), SQL.identifier(name), value))
                    cls.poisoned += bool(cls.env.cr.rowcount)
            except Exception:
                continue  # a rule of the database says which texts stand there: nobody types one

    def _raw(self, html):
        """Return the text around a tag that somebody typed and that would be shown as one."""
        found = re.search(r'.{0,80}(<b>zebra|<script>zebra)', str(html or ''), re.DOTALL)
        return found and found.group()

    def _listen(self):
        """Collect what becomes HTML in Odoo's messages, activities and mails from now on."""
        told = []
        for model, name in TOLD.items():
            cls = self.env.registry[model]
            original = cls.create

            def create(records, vals_list, original=original, name=name):
                made = original(records, vals_list)
                told.extend((record._name, record.sudo()[name]) for record in made)
                return made

            patcher = patch.object(cls, 'create', create)
            patcher.start()
            self.addCleanup(patcher.stop)
        return told

    def test_texts_are_poisoned(self):
        """K9: there is something to find, in names and in comments of most models."""
        self.assertGreater(self.poisoned, 60)
        self.assertIn(BOLD, self.customer.name)
        self.assertTrue(self._raw(self.customer.name))
        self.assertFalse(self._raw('&lt;b&gt;zebra'))

    def test_fields(self):
        """K9: a field that is shown as HTML and made by the addon shows tags as text, on forms, cards and in dialogs."""
        wrong, shown = [], 0
        for model in [*sorted(name for name in self.env if name.startswith('customer.')), 'res.partner', 'calendar.event']:
            fields = [name for name, field in self.env[model]._fields.items() if field.type == 'html' and field.compute]
            if not fields or self.env[model]._abstract:
                continue
            for record in self._shown(model):
                for name in fields:
                    shown += 'zebra' in str(record[name] or '')
                    if raw := self._raw(record[name]):
                        wrong.append((model, name, raw))
        self.assertGreater(shown, 7)
        self.assertFalse(wrong)

    def _shown(self, model):
        """Return records of a model as a manager sees them; a dialog about the customer."""
        records = self.env[model].with_user(self.mara)
        if not self.env[model]._transient:
            return self.customer.with_user(self.mara) if model == 'res.partner' else records.search([], limit=20)
        values = {}
        for name, field in self.env[model]._fields.items():
            if field.comodel_name and field.store and field.type in ('many2one', 'many2many') \
                    and field.comodel_name.startswith(('customer.', 'res.partner')) and not field.compute:
                one = self.customer if field.comodel_name == 'res.partner' else self.env[field.comodel_name].search([], limit=1)
                values[name] = one.id if field.type == 'many2one' else [(6, 0, one.ids)]
        return records.new(values)

    def test_chatter_activities_and_mails(self):
        """K9: what the addon's buttons and dialogs write into messages, activities and mails has tags as text."""
        told, pressed = self._listen(), 0
        for model, name in public_methods(self.env):
            if getattr(getattr(type(self.env[model]), name), '_api_model', False) or model.startswith('customer.settings') \
                    or not model.startswith(('customer.', 'res.partner')) or self.env[model]._abstract:
                continue
            records = self._pressed(model)
            if records:
                errors, pressed = [], pressed + 1
                with self._tried([], (), errors):
                    self._rpc(self.mara, model, name, records.ids, **({'note': BOLD} if name == 'customer_tell' else {}))
        self.assertGreater(pressed, 80)
        self._check_told(told, 10)

    def _check_told(self, told, count):
        self.assertFalse([(model, self._raw(text)) for model, text in told if self._raw(text)])
        self.assertGreaterEqual(sum('zebra' in str(text) for __, text in told), count)

    def _pressed(self, model):
        """Return records to press a button on: for a dialog a new one about the customer, filled in with texts."""
        if not self.env[model]._transient:
            return self.customer if model == 'res.partner' else self.env[model].search([], limit=3)
        dialog = self._shown(model)
        values = dialog._convert_to_write({name: dialog[name] for name in dialog._cache})
        known = {'note': BOLD, 'reason': BOLD, 'feedback': BOLD, 'next_step': BOLD, 'conclusion': BOLD,
                 'reason_id': self.reason.id, 'user_id': self.ben.id, 'date': '2030-01-07', 'date_to': '2030-01-07',
                 'next_date': '2030-01-07', 'share_user_ids': [(6, 0, self.ben.ids)]}
        values |= {name: value for name, value in known.items() if name in dialog._fields}
        try:
            with mute_logger('odoo.sql_db'), self.env.cr.savepoint():
                return self.env[model].with_user(self.mara).create(values)
        except Exception:
            return self.env[model]

    def test_scheduled_actions(self):
        """K9: reminders, warnings, digests, greetings and escalations have tags as text."""
        told = self._listen()
        followup = self._open(self.customer)[:1]
        country = self.env['customer.country.calendar'].search([], limit=1)
        self.env.flush_all()
        self.env.cr.execute("UPDATE customer_country_calendar SET problem = %s WHERE id = %s", [BOLD, country.id])
        self.env.invalidate_all()
        self.env['customer.calendar.keeper']._announce_missing()
        with patch(ONE_BY_ONE, 0):  # a leader hears of several in one list, with names
            self.env['customer.reminder']._tell_leaders([(followup, lambda says: BOLD)], lambda says, count: "Overdue")
        for name in ('remind', 'warn', 'digest', 'review', 'greet', 'effect'):
            self._run_cron(name)
        self._check_told(told, 2)

    def _ours(self, model):
        """Return the records of a model that the addon brings."""
        return self.env[model].browse(self.env['ir.model.data'].search([
            ('module', '=', 'customer_success'), ('model', '=', model)]).mapped('res_id'))

    def test_printed(self):
        """K9: reports and the mails to customers have tags as text."""
        shown = 0
        for report in self._ours('ir.actions.report'):
            ids = self.env[report.model].search([], limit=3).ids
            html, __ = self.env['ir.actions.report'].with_user(self.mara)._render_qweb_html(report.report_name, ids)
            shown += 'zebra' in html.decode()
            self.assertFalse(self._raw(html.decode()), report.report_name)
        self.assertEqual(shown, 6)
        for template in self._ours('mail.template'):
            ids = self.env[template.model].search([], limit=3).ids
            for html in template._render_field('body_html', ids).values() if ids else ():
                shown += 'zebra' in html
                self.assertFalse(self._raw(html), template.name)
        self.assertGreater(shown, 7)

    def test_own_components(self):
        """K9: the addon's components show what the server sends as text; the two pieces that are HTML are made by the server."""
        found, checked = {}, 0
        for file in [*ROOT.glob('static/src/**/*.js'), *ROOT.glob('static/src/**/*.xml'), *ROOT.glob('views/**/*.xml')]:
            text, checked = file.read_text(), checked + 1
            self.assertNotRegex(text, r't-raw|innerHTML|insertAdjacentHTML|outerHTML|document\.write', file.name)
            if shown := re.findall(r'\bmarkup\(([^)]*)\)', text):
                found[file.name] = shown
        self.assertGreater(checked, 40)
        self.assertEqual(found, MARKUP)
        customer = self.customer.with_user(self.mara)
        customer.customer_demand_type_id = self.env['customer.demand.type'].search([], limit=1)
        customer.customer_demand_type_id.sudo().service = f'<p>{SCRIPT}Talk</p>'
        panel = customer.get_customer_relationship()
        self.assertIn("Talk", panel['service'])
        self.assertNotIn('script', panel['service'])
        self.assertFalse(self._raw(panel.get('advice')))

    def test_no_text_becomes_markup(self):
        """K9: the server makes HTML by filling values into a piece of its own, and never of a text that it was given."""
        wrong = []
        for file in [*ROOT.glob('models/**/*.py'), *ROOT.glob('wizard/**/*.py')]:
            wrong += [
                (file.name, call) for call in re.findall(r'Markup\(([^)]*)\)', file.read_text())
                if call and not re.fullmatch(r'''(["'])[^"'{]*\\1|'[^'{]*'|"[^"{]*"''', call)]
        self.assertFalse(wrong)

    def test_exports(self):
        """K9: an export of the addon's models gives names as they are, so that Odoo takes the formula out of them."""
        override = self.env['customer.health.override'].search([('partner_id', '=', self.customer.id)])
        for records, names in (
            (self.customer, ['name', 'customer_gap', 'customer_active_percent']), (override, ['partner_id/name', 'score']),
            (self.env['customer.rhythm'].search([('partner_id', '=', self.customer.id)]), ['partner_id/name', 'purchases']),
        ):
            self.env.user.group_ids += self.env.ref('base.group_allow_export')
            rows = records.export_data(names)['datas']
            self.assertEqual(rows[0][0], self.customer.name)
            [__, row] = csv.reader(io.StringIO(CSVExport().from_data([], names, rows)))
            self.assertTrue(row[0].startswith("'=1+"), row)
