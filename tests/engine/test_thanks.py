import doctest

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import thanks
from odoo.addons.customer_success.engine.thanks import is_thanks
from odoo.addons.customer_success.models.service.settings import THANKS_WORDS


@tagged('-at_install', 'post_install')
class TestThanks(BaseCase):
    """Thanks reopen nothing; anything else does (SRV-1)."""

    def test_doctests(self):
        failed, tried = doctest.testmod(thanks)
        self.assertFalse(failed)
        self.assertTrue(tried)

    def test_shipped_words(self):
        """By the words that come with the addon, in English and in both ways of writing Chinese."""
        words = THANKS_WORDS
        for text in (
            "Thank you!", "ok thanks", "Hi Anna,\nmany thanks.\nBest regards", "Great, thank you very much",
            "谢谢，已收到", "好的，谢谢您！", "收到", "謝謝您，已收到",
            "Thanks!\n\nOn Mon, 7 Dec 2026 Anna wrote:\n> Does it leak?",
            "谢谢\n在 2026年12月7日 Anna 写道：\n> 还漏水吗？",
        ):
            self.assertTrue(is_thanks(text, words), text)
        for text in (
            "", "Call me", "Thanks, but it still leaks", "Thank you, not solved", "OK?", "谢谢，但是还没有解决", "还没收到",
            "好的，什么时候发货？", "OK\uff1f", "It is great that nobody calls back", "> thanks",
        ):
            self.assertFalse(is_thanks(text, words), text)
