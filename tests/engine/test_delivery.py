from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine.delivery import is_permanent, without_quotes


@tagged('post_install', '-at_install')
class TestDelivery(BaseCase):
    """CAD-10: what mail servers say, from RFC 3463, RFC 5321 and servers in use."""

    def test_for_good_or_not(self):
        for text, for_good in {
            "{'x@example.com': (550, b'No such mailbox')}": True,
            "5.1.1 smtp; 550 5.1.1 <x@example.com>: Recipient address rejected: User unknown": True,
            "552 5.2.2 The email account that you tried to reach is over quota": True,
            "452 4.2.2 The email account that you tried to reach is over quota": False,
            "4.4.1 connect to mx.example.com[203.0.113.5]:25: Connection timed out": False,
            "451 4.7.1 Greylisting in action, please come back later": False,
            "421 Service not available": False, "[Errno 111] Connection refused": False, "Mailbox unknown": False,
            "Sent from 10.5.1.20, port 2550": False, "": False,
        }.items():
            self.assertEqual(is_permanent(text), for_good, text)

    def test_without_what_is_quoted(self):
        for text, said in {
            "Yes, please!\n\nOn Mon, 1 Mar 2027 at 12:00, Anna <anna@example.com> wrote:\n> Dear Ann": "Yes, please!",
            "好的，谢谢\n\n在 2027年3月1日，Anna 写道：\n> 您好": "好的，谢谢",
            "Ja gern\n\nAm 01.03.2027 um 12:00 schrieb Anna:\n> Hallo": "Ja gern",
            "Fine\n-----Original Message-----\nFrom: Anna": "Fine",
            "First\n\n\n\nSecond": "First\n\nSecond",
            "> quoted first\nMy answer": "My answer",
            "": "",
        }.items():
            self.assertEqual(without_quotes(text, 100), said, text)
        self.assertEqual(without_quotes("x" * 200, 50), "x" * 49 + "…")
