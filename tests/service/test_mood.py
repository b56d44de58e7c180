from odoo.exceptions import AccessError, ValidationError

from .feedback_common import FeedbackCase
from .test_case_mail import CaseMailCase


class TestMoodWords(FeedbackCase):
    """Words that tell a mood: found, marked, and judged by a person (SRV-5)."""

    def _found(self, feedback):
        return {(hit.text, hit.kind) for hit in feedback.mood_ids}

    def test_shipped_words(self):
        """By the list that comes with the addon, in English and both ways of writing Chinese; denied words are not found."""
        for text, expected in (
            ("Third bad batch. If this goes on we will look elsewhere.", {("bad", 'unhappy'), ("look elsewhere", 'leaving')}),
            ("质量太差，我们要换供应商", {("太差", 'unhappy'), ("换供应商", 'leaving')}),
            ("我們要投訴，並更換供應商", {("投訴", 'unhappy'), ("更換供應商", 'leaving')}),
            ("没有投诉，非常满意，谢谢", {("非常满意", 'thanks'), ("谢谢", 'thanks')}),
            ("Not bad, many thanks! We need a quotation for samples.",
             {("many thanks", 'thanks'), ("We need", 'need'), ("quotation", 'need'), ("samples", 'need')}),
            ("I am not satisfied", {("not satisfied", 'unhappy')}),
            ("沒有投訴，謝謝", {("謝謝", 'thanks')}),
        ):
            self.assertEqual(self._found(self._feedback(9, comment=text)), expected, text)

    def test_judged(self):
        """A person confirms or throws out; each word has its rate, of what was judged."""
        word = self.env['customer.mood.word'].create({'name': "wobbly", 'kind': 'unhappy'})
        hits = self.env['customer.mood.hit']
        for __ in range(4):
            hits += self._feedback(9, comment="A wobbly crane").mood_ids
        self.assertEqual((len(hits), word.found_count, word.rate), (4, 4, False))
        hits[:2].with_user(self.anna).action_right()
        hits[2].with_user(self.anna).action_wrong()
        self.assertEqual((hits[0].decided_by_id, hits[2].state, hits[3].state), (self.anna, 'wrong', 'open'))
        self.env.invalidate_all()
        self.assertEqual(word.rate, "67 % (n = 3)")
        rows = self.env['customer.mood.hit'].formatted_read_group(
            [('word_id', '=', word.id)], ['word_id'], ['right_percent:avg', '__count'])
        self.assertAlmostEqual(rows[0]['right_percent:avg'], 200 / 3, 4)
        self.assertNotIn('<mark', hits[2].feedback_id.marked_comment)
        self.assertIn('<mark', hits[0].feedback_id.marked_comment)
        self.assertIn("A <mark", hits[0].excerpt)

    def test_only_who_may(self):
        hit = self._feedback(9, comment="bad").mood_ids
        with self.assertRaises(AccessError):
            hit.with_user(self.otto).action_right()
        for act in (lambda: hit.with_user(self.mara).write({'state': 'right'}), hit.with_user(self.mara).unlink,
                    lambda: hit.with_user(self.mara).create({'word_id': hit.word_id.id})):
            with self.assertRaises(AccessError):
                act()

    def test_corrected_comment(self):
        """What was corrected is looked through anew."""
        feedback = self._feedback(9, comment="bad")
        feedback.with_user(self.anna).comment = "Good, thanks"
        self.assertEqual(self._found(feedback), {("thanks", 'thanks')})

    def test_list(self):
        words = self.env['customer.mood.word'].with_user(self.mara)
        words.create({'name': "Shambles", 'kind': 'unhappy'})
        self.assertTrue(self._feedback(9, comment="What a SHAMBLES").mood_ids)
        with self._refused("in the list already"):
            words.create({'name': "shambles", 'kind': 'unhappy'})
        for bad in ("  ", "!!", "123"):
            with self.assertRaises(ValidationError):
                words.create({'name': bad})
        words.search([('name', '=', "Shambles")]).active = False
        self.assertFalse(self._feedback(9, comment="What a shambles").mood_ids)


class TestMoodMail(FeedbackCase, CaseMailCase):
    """The words in the emails of cases (SRV-5)."""

    def test_email(self):
        """Words of an incoming email stand on its case; what is quoted below does not count, nor what a machine wrote."""
        with self._at('Mon 09:00'):
            self._receive(body="This is unacceptable, we will cancel the contract.")
            case = self._cases()
            self.assertEqual(set(case.mood_ids.mapped('text')), {"unacceptable", "cancel the contract"})
            case.with_user(self.anna).action_take()
            self._reply(case, "Thank you\n> This is terrible", 7)
            self._reply(case, "I am terrible at mails and out of office", 8, headers="Auto-Submitted: auto-replied")
        self.assertEqual(set(case.mood_ids.mapped('text')), {"unacceptable", "cancel the contract", "Thank you"})
        self.assertEqual(case.mood_ids.partner_id, self.harbour)

    def test_thanks_reopen_nothing(self):
        """A word of thanks is marked, and reopens nothing."""
        case = self._solved()
        with self._at('Mon 11:00'):
            self._reply(case, "谢谢，已收到", 3)
        self.assertEqual((case.state, case.mood_ids[0].kind, case.mood_ids[0].text), ('solved', 'thanks', "谢谢"))

    def test_customer_found_later(self):
        """The words go with the case to the customer whose it is."""
        with self._at('Mon 09:00'):
            self._receive(body="This is terrible", sender='Who <who@nowhere.example>')
        case = self._cases()
        self.assertFalse(case.mood_ids.partner_id)
        self.assertIn(case.mood_ids, self.env['customer.mood.hit'].with_user(self.otto).search([]))
        case.partner_id = self.harbour
        self.assertEqual(case.mood_ids.partner_id, self.harbour)
        self.assertNotIn(case.mood_ids, self.env['customer.mood.hit'].with_user(self.otto).search([]))
