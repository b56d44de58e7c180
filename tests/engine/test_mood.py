import doctest

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import mood
from odoo.addons.customer_success.engine.mood import Word, find

from . import common  # noqa: F401  how hypothesis works here

WORDS = [Word(number, text) for number, text in enumerate((
    "complaint", "complaints", "bad", "very bad", "broken", "leave", "problem", "problems", "not working", "satisfied",
    "not satisfied", "投诉", "投訴", "退货", "满意", "不满意", "滿意", "不滿意", "换供应商", "換供應商", "感谢"))]


def found(text):
    return [text[hit.start:hit.end].lower() for hit in find(text, WORDS)]


@tagged('-at_install', 'post_install')
class TestMood(BaseCase):
    """Words that tell a mood, in English and both ways of writing Chinese (SRV-5)."""

    def test_doctests(self):
        failed, tried = doctest.testmod(mood)
        self.assertFalse(failed)
        self.assertTrue(tried)

    def test_found(self):
        for text, expected in (
            ("A COMPLAINT about the seal", ["complaint"]),
            ("very bad, and bad", ["very bad", "bad"]),
            ("very\nbad", ["very\nbad"]),
            ("It is not working", ["not working"]),
            ("I am not satisfied", ["not satisfied"]),
            ("我要投诉", ["投诉"]), ("我要投訴", ["投訴"]), ("不满意，要退货", ["不满意", "退货"]), ("很不滿意", ["不滿意"]),
            ("想換供應商", ["換供應商"]), ("Lieferung 投诉 now", ["投诉"]),
            ("not only broken", ["broken"]), ("没修好要投诉", ["投诉"]), ("未收到货，要投诉", ["投诉"]),
            ("never without problems", ["problems"]), ("no, it is broken", ["broken"]),
            ("I do not know why it is broken", ["broken"]),
        ):
            self.assertEqual(found(text), expected, text)

    def test_denied(self):
        for text in (
            "no complaint", "No complaints so far", "not bad", "it isn't bad", "it isn\u2019t bad", "not at all bad",
            "We never had any problems", "did not have a single problem", "do not want to leave", "without problems",
            "nothing bad", "没有投诉", "我们没有任何投诉", "沒有投訴", "不想退货", "没有不满意", "從未投訴", "不是退货",
            "没遇到过投诉",
        ):
            self.assertEqual(found(text), [], text)

    def test_whole_words(self):
        self.assertEqual(found("badly, embroken, complaintss, rebad bad_ 1bad"), ["bad"])

    @given(st.text(alphabet=st.sampled_from("abdnotev erypl投诉没有满意不，.!?'\u2019\n<>&İß"), max_size=60))
    def test_any_text(self, text):
        """Whatever is written: each word found stands there, none overlaps another, and the longest is taken."""
        place = 0
        for hit in find(text, WORDS):
            self.assertLessEqual(place, hit.start)
            self.assertLess(hit.start, hit.end)
            self.assertLessEqual(hit.end, len(text))
            plain = ' '.join(text[hit.start:hit.end].split()).lower()
            self.assertEqual(plain, WORDS[hit.key].text)
            place = hit.end

    @given(st.sampled_from([word.text for word in WORDS if word.text.isascii() and not word.text.startswith('not')]))
    def test_denial_turns(self, word):
        """A word is found, denied it is not, denied twice it is."""
        self.assertEqual(found(f"this: {word}"), [word])
        self.assertEqual(found(f"this: without {word}"), [])
        self.assertEqual(found(f"this: never without {word}"), [word])
