import phonenumbers
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import phones

from . import common  # noqa: F401

#: What people write, by the country of the customer, and the numbers that it stands for, as they are dialled from abroad.
WRITTEN = {
    'CN': {
        '021-62345678转8001': ['+862162345678'],
        '021-62345678 轉 8001': ['+862162345678'],
        '021-62345678分机8001': ['+862162345678'],
        '021-62345678-8001': ['+862162345678'],
        '021-62345678转8001/8002、13800138000': ['+862162345678', '+8613800138000'],
        '021-62345678~80': ['+862162345678'],
        '（021）62345678': ['+862162345678'],
        '021－62345678': ['+862162345678'],
        '０２１－６２３４５６７８': ['+862162345678'],
        '+86（21）6234 5678': ['+862162345678'],
        '+86 (0)21-6234 5678': ['+862162345678'],
        '86-13800138000': ['+8613800138000'],
        '13800138000/13900139000': ['+8613800138000', '+8613900139000'],
        '13800138000、13900139000': ['+8613800138000', '+8613900139000'],
        '13800138000；13900139000': ['+8613800138000', '+8613900139000'],
        '13800138000 13900139000': ['+8613800138000', '+8613900139000'],
        '138 0013 8000 139 0013 9000': ['+8613800138000', '+8613900139000'],
        '13800138000或021-62345678': ['+8613800138000', '+862162345678'],
        '13800138000（微信同号）': ['+8613800138000'],
        '13800138000（王总） 13900139000【李经理】': ['+8613800138000', '+8613900139000'],
        '13800138000 张经理': ['+8613800138000'],
        '手机：13800138000 座机：021-62345678': ['+8613800138000', '+862162345678'],
        'Tel021-62345678': ['+862162345678'],
        '400-820-8820转2': ['+864008208820'],
        '\u202d13800138000\u202c': ['+8613800138000'],
        '0049 89 1234567': ['+49891234567'],
    },
    'TW': {
        '(02)2345-6789#123': ['+886223456789'],
        '02-2345-6789 分機 123': ['+886223456789'],
        '0912-345-678': ['+886912345678'],
        '+886-2-2345-6789': ['+886223456789'],
        '02-2345-6789；0912345678（陳小姐）': ['+886223456789', '+886912345678'],
    },
    'HK': {
        '2345 6789': ['+85223456789'],
        '(852) 2345-6789': ['+85223456789'],
        '2345 6789-801': ['+85223456789'],
        '23456789/91234567': ['+85223456789', '+85291234567'],
    },
    'DE': {
        '089/1234567': ['+49891234567'],
        '+49 (0)89 1234567-0': ['+498912345670'],
        '030 123456 Durchwahl 23': ['+4930123456'],
        '030 123456, DW -23': ['+4930123456'],
        '0171 2345678 (mobil)': ['+491712345678'],
        '0171 2345678 oder 089 1234567': ['+491712345678', '+49891234567'],
        'Tel. 089 1234567': ['+49891234567'],
        '0171 2345678 (bis 18 Uhr)': ['+491712345678'],
    },
    'US': {
        '(603) 996-3829 x12': ['+16039963829'],
        '603.996.3829 ext. 12': ['+16039963829'],
        '603-996-3829,12': ['+16039963829'],
        '603-996-3829 or 603-996-3830': ['+16039963829', '+16039963830'],
        '1-800-FLOWERS': ['+18003569377'],
    },
    'SA': {
        '٠٥٠١٢٣٤٥٦٧': ['+966501234567'],
        '\u200e+966 50 123 4567\u200f': ['+966501234567'],
        '011 234 5678 تحويلة 12': ['+966112345678'],
        '9200 12345': ['+966920012345'],
        'جوال: ٠٥٠١٢٣٤٥٦٧': ['+966501234567'],
    },
}
#: What nobody can dial.
WRONG = {
    'CN': ('call me', '12', '+86 1', '+999 12345678', 'N/A', '138OO138000', '021-6234567890123456789', '1.38001E+10',
           'name@company.com', '转8001', '（王总）', '', ' ', '+'),
    'DE': ('keine', '++49 89 1234567 1234567890123'),
    None: ('1234', 'unknown', '12345678901234567890'),
}


@tagged('post_install', '-at_install')
class TestPhones(BaseCase):
    """PRO-2, K7: phone numbers as people have them."""

    def test_pro_2_what_people_write(self):
        """PRO-2, K7: extensions, full-width signs, several numbers, remarks, in the ways of six countries."""
        for region, table in WRITTEN.items():
            for text, expected in table.items():
                with self.subTest(text, region=region):
                    self.assertEqual(
                        [phones.international(number, region) for number in phones.numbers(text, region)], expected)
                    self.assertEqual(phones.international(text, region), expected[0])

    def test_pro_2_what_nobody_can_dial(self):
        """PRO-2, K7: no number at all, or one with letters, too few or too many digits."""
        wrong = [(text, region) for region, texts in WRONG.items() for text in texts]
        for text, region in wrong:
            with self.subTest(text, region=region):
                self.assertEqual(phones.numbers(text, region), [])

    def test_pro_2_examples_of_all_regions(self):
        """PRO-2, K7: every example number of `phonenumbers`, for all its regions and kinds, is read as that number: alone,
        with an extension, with a remark, and twice in a field."""
        formats = phonenumbers.PhoneNumberFormat
        count = 0
        for region in sorted(phonenumbers.SUPPORTED_REGIONS):
            for kind in phonenumbers.PhoneNumberType.values():
                example = phonenumbers.example_number_for_type(region, kind)
                if not example:
                    continue
                right = phonenumbers.format_number(example, formats.E164)
                for style in (formats.E164, formats.INTERNATIONAL, formats.NATIONAL):
                    text = phonenumbers.format_number(example, style)
                    for written in (text, f"{text} ext. 12", f"{text}转8001", f"{text}（王总）", f"{text}、{text}",
                                    f"{text} / {text}"):
                        if style == formats.NATIONAL:
                            self.assertTrue(phones.numbers(written, region), (region, written))
                        else:
                            self.assertEqual(phones.international(written, region), right, (region, written))
                        count += 1
        self.assertGreater(count, 20000)

    def test_pro_2_hotlines(self):
        """PRO-2: a short number of the country can be dialled there, and nowhere else."""
        self.assertEqual(phones.numbers('95588', 'CN'), ['95588'])
        self.assertEqual(phones.numbers('+95588', 'CN'), [])

    def test_pro_2_unknown_country(self):
        """PRO-2: where the country is not known, or has no numbering plan, five to fifteen digits are a number."""
        for region in (None, 'AQ', 'nowhere'):
            self.assertEqual(phones.numbers('021-62345678转8001', region), ['02162345678'])
            self.assertEqual(phones.numbers('13800138000 13900139000', region), ['13800138000', '13900139000'])
            self.assertEqual(phones.international('+49 89 1234567', region), '+49891234567')
            self.assertEqual(phones.international('089 1234567', region), '')

    def test_pro_2_spreadsheets(self):
        """PRO-2, K7: what a spreadsheet adds goes; what it took can't come back."""
        for text, right in {
            '13800138000.0': '13800138000', '+8613800138000.00': '+8613800138000', ' 13800138000.0 ': '13800138000',
            '021.6234.5678': '021.6234.5678', '13800138000.5': '13800138000.5', '1.0': '1.0',
        }.items():
            self.assertEqual(phones.mended(text), right)
        for text in ('1.38001E+10', '1.38e10', '1,38001E+10', '1E+10'):
            self.assertTrue(phones.lost_digits(text), text)
        for text in ('13800138000', '1.380', 'E10'):
            self.assertFalse(phones.lost_digits(text), text)

    def test_pro_2_one_number_alone(self):
        """PRO-2: only one number without anything else may be written in another form."""
        for text in ('021-62345678', '（021）62345678', '+86 138 0013 8000', '089/1234567'):
            self.assertTrue(phones.is_plain(text), text)
        for text in ('021-62345678转8001', '13800138000 13900139000', '13800138000（王总）', '138,139', 'x'):
            self.assertFalse(phones.is_plain(text), text)

    @given(st.text(), st.sampled_from(['CN', 'DE', 'US', None]))
    def test_pro_2_any_text(self, text, region):
        """PRO-2: whatever the text is, what is found consists of its digits, in their order."""
        for number in phones.numbers(text, region):
            self.assertRegex(number, r'\d')
        phones.international(text, region)

    @given(st.text(alphabet='0123456789+-/() 转x#、', max_size=40), st.sampled_from(['CN', 'DE', None]))
    def test_pro_2_any_digits(self, text, region):
        """PRO-2: a number is never made of digits that are not there."""
        # one after the other, but not side by side: a remark in brackets is left out
        digits = (char for char in text if char.isdigit())
        for number in phones.numbers(text, region):
            self.assertTrue(all(digit in digits for digit in number.lstrip('+')), number)
