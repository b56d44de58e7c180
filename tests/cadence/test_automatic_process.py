"""CAD-10, LIF-1 on real processes: an order is confirmed, an hour later the email arrives, once whatever is killed, and its
answer lands."""
import signal
import socket
from contextlib import closing
from email import policy

from aiosmtpd.controller import Controller

from odoo.tests import tagged

from ..postbox import Postbox
from ..process import PATIENCE, ProcessCase

#: Customers who get a letter by two workers at once.
CROWD = 40

#: The clock of the test: a Monday at noon.
CLOCK = """
from freezegun import freeze_time
clock = freeze_time('2027-03-01 12:00:00', tick=True)
clock.start()
import time
from pathlib import Path
"""

#: An hour later, and some.
LATER = CLOCK.replace("12:00", "13:30")

#: A salesperson, a letter an hour after each signing, and two customers whose orders are confirmed.
BUILD = CLOCK + """
env = env(context={{**env.context, 'tracking_disable': True}})
env['ir.mail_server'].search([]).active = False
env['mail.mail'].search([]).unlink()
env['ir.mail_server'].create({{
    'name': "Loopback", 'smtp_host': '127.0.0.1', 'smtp_port': {port}, 'smtp_encryption': 'none',
    'smtp_authentication': 'login', 'from_filter': 'our.example'}})
env.company.alias_domain_id = env['mail.alias.domain'].create({{'name': 'our.example'}})
env['res.lang']._activate_lang('fr_FR')
seller = env['res.users'].with_context(no_reset_password=True).create({{
    'name': "Anna", 'login': 'anna.sells', 'email': 'anna@our.example', 'tz': 'UTC',
    'group_ids': [(4, env.ref('customer_success.group_customer_success_user').id)]}})
template = env['mail.template'].create({{
    'name': "Thanks", 'model_id': env['ir.model']._get_id('customer.followup'), 'auto_delete': True,
    'subject': "Thank you, {{{{ object.contact_id.name }}}}", 'body_html': '<p>Thank you. <t t-out="object.user_id.name"/></p>'}})
template.with_context(lang='fr_FR').write({{
    'subject': "Merci, {{{{ object.contact_id.name }}}}", 'body_html': '<p>Merci. <t t-out="object.user_id.name"/></p>'}})
thanks = env['customer.cadence'].create({{'name': "Thanks", 'step_ids': [(0, 0, {{
    'name': "Thank you", 'kind': 'event', 'event': 'signing', 'delay_count': 1, 'delay_unit': 'hour', 'automatic': True,
    'date_start': '2020-01-01',
    'channel_id': env.ref('customer_success.customer_channel_email').id, 'mail_template_id': template.id}})]}})
letters = env['customer.cadence'].create({{'name': "Letters", 'step_ids': [(0, 0, {{
    'name': "Letter", 'interval_unit': 'day', 'automatic': True, 'date_start': '2020-01-01',
    'channel_id': env.ref('customer_success.customer_channel_email').id, 'mail_template_id': template.id}})]}})
product = env['product.product'].create({{'name': "Thing", 'type': 'service', 'taxes_id': False}})
for name in ('first', 'second'):
    customer = env['res.partner'].create({{
        'name': name, 'is_company': True, 'user_id': seller.id, 'tz': 'UTC', 'customer_cadence_id': thanks.id,
        'child_ids': [(0, 0, {{'name': f'Person of {{name}}', 'email': f'{{name}}@customer.example', 'lang': 'fr_FR'}})]}})
    env['sale.order'].create({{'partner_id': customer.id, 'user_id': seller.id, 'order_line': [(0, 0, {{
        'product_id': product.id, 'price_unit': 100}})]}}).action_confirm()
with freeze_time('2027-02-22 12:00:00'):
    env['res.partner'].create([{{
        'name': f'Crowd {{number}}', 'is_company': True, 'user_id': seller.id, 'tz': 'UTC', 'customer_enrolment': 'enrolled',
        'customer_cadence_id': letters.id, 'email': f'crowd{{number}}@customer.example'}} for number in range({crowd})])
env['customer.planner']._work_queue()
env['customer.followup'].search([('cadence_id', '=', letters.id)]).date_planned = '2027-03-02'
env.cr.commit()
"""

#: The scheduled action queues, and the process is killed before anything is sent.
QUEUE = LATER + """
env['customer.sender']._cron_send()
env.cr.commit()
Path({mark!r}).touch()
time.sleep(600)
"""

#: Odoo's queue sends, and the process is killed after the server took the first email and before that was noted.
SEND = LATER + """
servers = type(env['ir.mail_server'])
original = servers.send_email
def send_email(self, *args, **options):
    result = original(self, *args, **options)
    Path({mark!r}).touch()
    time.sleep(600)
    return result
servers.send_email = send_email
env['mail.mail'].process_email_queue()
"""

#: What a worker does in an hour, all of it twice.
HOUR = CLOCK.replace("03-01 12", "{moment}") + """
Path({ready!r}).touch()
while not Path({go!r}).exists():
    time.sleep(0.005)
for turn in range(2):
    env['customer.sender']._cron_send()
    env.cr.commit()
    env['mail.mail'].process_email_queue()
    env.cr.commit()
"""

ANSWER = CLOCK.replace("12:00", "15:00") + """
env['mail.thread'].message_process(None, '''To: {to}
From: Person of second <second@customer.example>
Subject: Re: Merci
Message-ID: <answer@customer.example>
In-Reply-To: {answered}
Content-Type: text/plain

Avec plaisir!

> Merci.
''')
env.cr.commit()
"""


@tagged('post_install', '-at_install')
class TestAutomaticProcess(ProcessCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postbox = Postbox(policy=policy.default)
        with closing(socket.create_server(('127.0.0.1', 0))) as free:
            cls.port = free.getsockname()[1]
        controller = Controller(cls.postbox, hostname='127.0.0.1', port=cls.port)
        controller.start()
        cls.addClassCleanup(controller.stop)
        cls.database = cls._database('send')
        cls._finish(cls._start(cls.database, BUILD.format(port=cls.port, crowd=CROWD)))

    def _kill_at(self, script):
        """Run a script up to its mark, and kill the process there."""
        mark = self.folder / f'mark-{len(self.processes)}'
        process = self._start(self.database, script.format(mark=str(mark)))
        self._wait(mark.exists, [process])
        process.send_signal(signal.SIGKILL)
        self.assertEqual(process.wait(PATIENCE), -signal.SIGKILL)

    def _hour(self, moment, workers=1):
        """Let workers do what they do in an hour, at the same time."""
        processes = []
        for __ in range(workers):
            number = len(self.processes)
            ready, go = self.folder / f'ready-{number}', self.folder / f'go-{number}'
            process = self._start(self.database, HOUR.format(ready=str(ready), go=str(go), moment=moment))
            process.ready, process.go = ready, go
            processes.append(process)
        self._wait(lambda: all(process.ready.exists() for process in processes), processes)
        for process in processes:
            process.go.touch()
        for process in processes:
            (self._finish if workers == 1 else self._finish_quietly)(process)

    def _finish_quietly(self, process):
        """Two workers may stand in each other's way; what one of them leaves, the next hour does."""
        self.assertEqual(process.wait(PATIENCE), 0, process.log.read_text()[-3000:])

    def _letters(self, name):
        return [message for recipients, message in self.postbox.received if recipients == [f'{name}@customer.example']]

    def _followups(self, name):
        return self._sql(self.database, """
            SELECT f.state, f.qualifies, f.send_problem, f.answered_at IS NOT NULL, f.feedback
              FROM customer_followup f JOIN res_partner p ON p.id = f.partner_id WHERE p.name = %s ORDER BY f.id""", [name])

    def test_cad_10_once_whatever_is_killed(self):
        """CAD-10: killed between queueing and sending, and between sending and noting it: each gets one email at the most, and
        of whom nobody knows a person hears; two workers at once send nothing twice and lose nothing; the answer is a contact."""
        self._hour('03-01 12')
        self.assertFalse(self.postbox.received)
        self.assertEqual([row[0] for row in self._followups('first')], ['planned'], "its hour is not over")
        self._kill_at(QUEUE)
        self.assertFalse(self.postbox.received)
        self._kill_at(SEND)
        self.assertEqual(len(self.postbox.received), 1)
        [[reached]] = [recipients for recipients, __ in self.postbox.received]
        unsure, sure = ('first', 'second') if reached.startswith('first') else ('second', 'first')

        self._hour('03-01 14')
        self.assertEqual((len(self._letters('first')), len(self._letters('second'))), (1, 1))
        self.assertEqual([row[:3] for row in self._followups(unsure)], [('planned', False, 'failed')])
        self.assertEqual([row[:3] for row in self._followups(sure)], [('done', True, None)])
        [letter] = self._letters(sure)
        self.assertEqual(letter['Subject'], f"Merci, Person of {sure}")
        self.assertIn('anna@our.example', letter['From'])
        self.assertIn('catchall@our.example', letter['Reply-To'])
        self.assertIn("Merci. Anna", letter.get_body().get_content())

        self._finish(self._start(self.database, ANSWER.replace('second', sure).format(
            to=letter['Reply-To'], answered=letter['Message-ID'])))
        [[state, qualifies, problem, answered, feedback]] = self._followups(sure)
        self.assertEqual((state, qualifies, problem, answered), ('done', True, None, True))
        self.assertIn("Avec plaisir!", feedback)

        self._hour('03-02 12', workers=2)
        self._hour('03-02 13')
        received = sorted(recipients[0] for recipients, __ in self.postbox.received if recipients[0].startswith('crowd'))
        self.assertEqual(received, sorted(f'crowd{number}@customer.example' for number in range(CROWD)))
