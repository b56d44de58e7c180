from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import greetings

from . import common  # noqa: F401


@tagged('post_install', '-at_install')
class TestGreetingsText(BaseCase):
    """CUL-4: when two greetings are the same text."""

    def test_cul_4_the_same_but_for_names(self):
        """CUL-4: salutation, names, punctuation, spaces and case make no difference; a sentence of one's own does."""
        first = greetings.fingerprint(
            "Dear Ms Wang,\n\nhappy birthday! Acme is proud of you, Wang Fang.\n\nAnna", ["Wang Fang", "Acme", "Anna"])
        second = greetings.fingerprint(
            "Hello John!\nHappy  Birthday. Müller & Sons is proud of you, John Doe –\nBEN", ["John Doe", "Müller & Sons", "Ben"])
        self.assertEqual(first, second)
        self.assertNotEqual(first, greetings.fingerprint(
            "Dear Ms Wang,\nhappy birthday! Acme is proud of you. How is the new plant?\nAnna", ["Wang Fang", "Acme", "Anna"]))

    def test_cul_4_chinese(self):
        """CUL-4: the same in Chinese, where no spaces part the words."""
        self.assertEqual(
            greetings.fingerprint("尊敬的王芳：\n祝王芳女士生日快乐！\n陈伟", ["王芳", "陈伟"]),
            greetings.fingerprint("尊敬的李文静：\n祝李文静女士生日快乐！\n陈伟", ["李文静", "陈伟"]))

    def test_cul_4_nothing_said(self):
        """CUL-4: a text without words is the same as none."""
        for text in ("", " \n ", "!!! …", "Anna"):
            self.assertEqual(greetings.fingerprint(text, ["Anna"]), '')

    def test_cul_4_a_name_within_a_word(self):
        """CUL-4: a short name is not cut out of longer words."""
        self.assertIn('believe', greetings.normalised("We believe in you", ["Li", "Eve"]))

    @given(st.text(), st.lists(st.text(max_size=8), max_size=3))
    def test_cul_4_any_text(self, text, names):
        """CUL-4: whatever the text and the names are, spaces at its ends make no other text of it."""
        self.assertEqual(greetings.fingerprint(text, names), greetings.fingerprint(f'\n {text} \n', names))
