"""CAD-9, PLT-2: activities that the addon gives people."""
from datetime import date

from freezegun import freeze_time

from ..common import CustomerCase


@freeze_time('2026-11-30 12:00:00')
class TestTask(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.lang']._activate_lang('zh_CN')
        rule = cls.env['customer.warning.rule'].search([], limit=1)
        cls.warnings = cls.env['customer.warning'].create([{
            'partner_id': cls._customer(name).id, 'rule_id': rule.id, 'signal': rule.signal, 'level': '3',
            'date': '2026-11-28', 'user_id': cls.anna.id} for name in ("One", "Two")])
        cls.first, cls.second = cls.warnings

    def _say(self, own):
        return f'{own.partner_id.name} in {own.env.lang}'

    def test_given_in_the_language_and_zone_of_the_person(self):
        """Due today, where the person is, in the person's language, without an email."""
        self.anna.write({'lang': 'zh_CN', 'tz': 'Pacific/Kiritimati'})
        mails = self.env['mail.mail'].search_count([])
        self.first._give_task('warning', self.anna + self.ben, self._say)
        tasks = self.first._tasks().sorted('id')
        self.assertEqual(tasks.mapped('summary'), ["One in zh_CN", f"One in {self.ben.lang}"])
        self.assertEqual(tasks.mapped('date_deadline'), [date(2026, 12, 1), date(2026, 11, 30)])
        self.assertEqual(self.env['mail.mail'].search_count([]), mails)

    def test_who_left_gets_none(self):
        self.ben.action_archive()
        self.warnings._give_tasks('warning', [(self.first, self.ben), (self.second, self.anna)], self._say)
        self.assertEqual(self.warnings._tasks().user_id, self.anna)

    def test_handed_over_and_those_of_people_stay(self):
        """What people gave each other is theirs; where nobody is responsible, a task stays where it is."""
        self.warnings._give_tasks('warning', [(warning, self.anna) for warning in self.warnings], self._say)
        own = self.env['mail.activity'].create({
            'res_model_id': self.env['ir.model']._get_id('customer.warning'), 'res_id': self.first.id, 'summary': "Mine",
            'activity_type_id': self.first._task_type('warning').id, 'user_id': self.anna.id})
        self.warnings._hand_over_tasks(
            'warning', lambda warning: self.ben if warning == self.first else self.env['res.users'], self._say)
        self.assertEqual(self.first._tasks().user_id, self.ben)
        self.assertEqual(self.second._tasks().user_id, self.anna)
        self.assertEqual(own.user_id, self.anna)
        self.warnings._tasks().unlink()
        self.assertTrue(own.exists())

    def test_one_about_many(self):
        """The first are named, in the language of whoever reads; markup in names stays text."""
        rows = [(f"<b>{number}</b>", lambda says: says.lang) for number in range(13)]
        self.env['customer.task']._give_list(
            'customer_success.mail_activity_type_escalation', self.lena, rows, lambda says, count: f'{count} in {says.lang}')
        task = self.env['mail.activity'].search([('user_id', '=', self.lena.id)], order='id desc', limit=1)
        self.assertEqual(task.summary, f'13 in {self.lena.lang}')
        self.assertEqual(task.note.count("<li>"), 11)
        self.assertIn("&lt;b&gt;9&lt;/b&gt;", task.note)
        self.assertIn("3 more", task.note)

    def test_every_kind_has_its_type(self):
        """No kind without its type of activity; the type is about the model, or about any."""
        models = [self.env[name] for name, model in self.registry.items()
                  if not model._abstract and issubclass(model, self.registry['customer.task'])]
        self.assertGreater(len(models), 5)
        for model in models:
            self.assertTrue(model._task_types, model._name)
            for kind in model._task_types:
                self.assertIn(model._task_type(kind).res_model, (False, model._name))

    def test_nothing_is_left_of_a_deleted_customer(self):
        """PLT-2: with a contact the database deletes what the addon has of it, and neither activities nor messages about
        nothing are left."""
        customer = self._customer("Entered twice")
        warning = self.env['customer.warning'].create({
            'partner_id': customer.id, 'rule_id': self.first.rule_id.id, 'signal': self.first.signal, 'level': '3',
            'date': '2026-11-28', 'user_id': self.anna.id})
        (warning + self.first)._give_task('warning', self.anna, self._say)
        warning.message_post(body=customer.name)
        kept, gone = [('res_model', '=', warning._name), ('res_id', '=', self.first.id)], [
            ('res_model', '=', warning._name), ('res_id', '=', warning.id)]
        customer.unlink()
        self.assertFalse(warning.exists())
        for model in ('mail.activity', 'mail.followers'):
            self.assertFalse(self.env[model].search(gone))
        self.assertFalse(self.env['mail.message'].search([('model', '=', warning._name), ('res_id', '=', warning.id)]))
        self.assertTrue(self.env['mail.activity'].search(kept))
