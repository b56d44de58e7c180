"""A real mail server on the loopback, for what is to arrive."""
import socket
from contextlib import closing
from email import message_from_bytes
from unittest.mock import patch

from aiosmtpd.controller import Controller


class Postbox:
    """An SMTP server's handler: keeps what it gets, and knows nobody at ``gone.example.com``.

    :param policy: how messages are read, see :mod:`email.policy`; Python's default if not given
    """

    def __init__(self, **policy):
        self.policy = policy
        self.received = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address.endswith('@gone.example.com'):
            return '550 No such mailbox'
        envelope.rcpt_tos.append(address)
        return '250 OK'

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.received.append((envelope.rcpt_tos, message_from_bytes(envelope.content, **self.policy)))
        return '250 OK'


def open_postbox(test_class, **policy):
    """Let Odoo send to a mail server of its own while the tests of a class run.

    :return: the :class:`Postbox` that gets everything
    """
    postbox = Postbox(**policy)
    with closing(socket.create_server(('127.0.0.1', 0))) as free:
        port = free.getsockname()[1]
    controller = Controller(postbox, hostname='127.0.0.1', port=port)
    controller.start()
    test_class.addClassCleanup(controller.stop)
    test_class.env['ir.mail_server'].search([]).active = False
    test_class.env['ir.mail_server'].create({
        'name': "Loopback", 'smtp_host': '127.0.0.1', 'smtp_port': port, 'smtp_encryption': 'none',
        'smtp_authentication': 'login'})
    # Odoo sends nothing while tests run; the server on the loopback may get everything
    test_class.startClassPatcher(patch.object(
        type(test_class.env['ir.mail_server']), '_disable_send', lambda self: False))
    return postbox
