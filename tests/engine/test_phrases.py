import doctest

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import phrases
from odoo.addons.customer_success.models.cadence.settings import NO_ANSWER_WORDS


@tagged('post_install', '-at_install')
class TestPhrases(BaseCase):
    """K6: what people write who reached nobody, in the languages of the shipped list."""

    def test_doctests(self):
        self.assertFalse(doctest.testmod(phrases).failed)

    def test_shipped_words(self):
        wanted = phrases.phrases(NO_ANSWER_WORDS)
        for text in (
            "no answer, voicemail (没人接)", "nobody picked up", "Called twice, didn’t answer", "VOICEMAIL", "打了三次，没人接",
            "電話沒人接", "手机关机", "未接通，明天再打", "No  answer", "ｎｏ ａｎｓｗｅｒ",
        ):
            self.assertTrue(phrases.says(text, wanted), text)
        for text in (
            "", "talked", "Wants a quote", "They have no answers yet and ask for a demo", "客户说价格太高",
            "没接到新订单，但是谈得很好", "Very engaged, wants more", "Answered all questions",
        ):
            self.assertFalse(phrases.says(text, wanted), text)
