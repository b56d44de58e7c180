import re

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from odoo.tests import BaseCase, tagged
from odoo.tools import file_path

from odoo.addons.customer_success.engine import greetings

from . import common  # noqa: F401


def shipped_address():
    """Return the forms of address that the addon ships."""
    tree = etree.parse(file_path('customer_success/data/culture/customer_greeting_address_data.xml'))
    return greetings.Address(*(
        tuple(word for text in tree.xpath(f'//field[@name="{name}"]/text()') for word in text.splitlines() if word.strip())
        for name in ('titles', 'openings')))


ADDRESS = shipped_address()
#: To whom, by the name on the contact, and how a colleague addresses them: in the salutation, and within the text.
CHINESE = [
    ("李强", "李总", "李总"), ("王芳", "王芳女士", "王女士"), ("欧阳锋", "尊敬的欧阳董事长", "欧阳董事长"),
    ("陳小姐", "陳小姐您好", "陳小姐"), ("Zhang Wei", "张经理", "Zhang Wei"),
    ("张建国", "亲爱的建国", "建国"), ("王总", "王总", "王总"), ("李文静", "文静老师", "文静老师"),
]
LATIN = [
    ("Ann Smith", "Dear Ms Smith", "Ms. Smith"), ("John Doe", "Hello John", "John"),
    ("Jörg Müller", "Sehr geehrter Herr Dr. Müller", "Herr Müller"), ("Li Wei", "Hi", "Mr Li Wei"),
    ("José García", "Estimado Sr. García", "Señor García"),
]
#: Other ways to write the same sign.
WIDTHS = str.maketrans({',': "，", ':': "：", '!': "！", ' ': "\u3000", ';': "；"})
SENTENCES = [
    "新厂投产顺利吗？", "上次您提到女儿考上了大学，恭喜！", "我们很高兴为您修好了三号机器。", "How is the new plant?",
    "I often think of our talk about Lisbon.", "Ich hoffe, dass der Umzug gelungen ist.", "工場の移転はいかがですか。",
]


def written(person, body, line, signs, years):
    """Return a greeting to a person."""
    name, salutation, within = person
    text = f"{salutation},{line}{body.format(name=within)} {years}!"
    return greetings.fingerprint(text.translate(WIDTHS) if signs else text, [name, "Acme GmbH", "陈伟"], ADDRESS)


@tagged('post_install', '-at_install')
class TestGreetingsText(BaseCase):
    """CUL-4, K7: when two greetings are the same text."""

    def test_cul_4_the_same_but_for_names(self):
        """CUL-4: salutation, names, punctuation, spaces and case make no difference; a sentence of one's own does."""
        first = greetings.fingerprint(
            "Dear Ms Wang,\n\nhappy birthday! Acme is proud of you, Wang Fang.\n\nAnna", ["Wang Fang", "Acme", "Anna"], ADDRESS)
        second = greetings.fingerprint(
            "Hello John!\nHappy  Birthday. Müller & Sons is proud of you, John Doe –\nBEN",
            ["John Doe", "Müller & Sons", "Ben"], ADDRESS)
        self.assertEqual(first, second)
        self.assertNotEqual(first, greetings.fingerprint(
            "Dear Ms Wang,\nhappy birthday! Acme is proud of you. How is the new plant?\nAnna", ["Wang Fang", "Acme", "Anna"],
            ADDRESS))

    def test_cul_4_chinese(self):
        """CUL-4: the same in Chinese, where no spaces part the words."""
        self.assertEqual(
            greetings.fingerprint("尊敬的王芳：\n祝王芳女士生日快乐！\n陈伟", ["王芳", "陈伟"], ADDRESS),
            greetings.fingerprint("尊敬的李文静：\n祝李文静女士生日快乐！\n陈伟", ["李文静", "陈伟"], ADDRESS))

    def test_cul_4_surname_and_title(self):
        """CUL-4, K7: a surname with a title is a name, in the salutation and within the text."""
        said = {
            greetings.normalised(text, [name], ADDRESS) for text, name in (
                ("李总，祝您新年快乐！", "李强"), ("王总，祝您新年快乐！", "王芳"), ("王總:祝您新年快乐", "Wang Qiang"),
                ("张经理 您好！祝您新年快乐。", "张"), ("尊敬的欧阳董事长，您好：\n祝您新年快乐", "欧阳锋"),
                ("祝您新年快乐", "李强"),
                ("祝王女士您新年快乐", "王芳"), ("祝李文静老师您新年快乐", "李文静"))}
        self.assertEqual(said, {"祝您新年快乐"})

    def test_cul_4_japanese_and_others(self):
        """CUL-4, K7: さん, 様, 님 and the titles of other languages."""
        for texts, expected in (
            ((("田中さん、お誕生日おめでとう", "田中太郎"), ("スズキ様：お誕生日おめでとう！", "鈴木一郎")),
             "お誕生日おめでとう"),
            ((("김민수 부장님, 생일 축하합니다", "김민수"), ("박 사장님, 생일 축하합니다", "Park")), "생일축하합니다"),
            ((("Sehr geehrte Frau Dr. Meyer, alles Gute!", "Eva Meyer"), ("Lieber Jan, alles Gute", "Jan Ott")), "allesgute"),
            ((("عزيزي الأستاذ محمد، عيد مبارك", "محمد"), ("السيدة ليلى، عيد مبارك", "ليلى")), "عيدمبارك"),
        ):
            self.assertEqual({greetings.normalised(text, [name], ADDRESS) for text, name in texts}, {expected})

    def test_cul_4_years_and_days(self):
        """CUL-4, K7: since when somebody is a customer, or how old they are, is no sentence for them."""
        self.assertEqual(
            greetings.fingerprint("合作三周年快乐！自2021年3月5日以来，感谢您。", [], ADDRESS),
            greetings.fingerprint("合作１２周年快乐！自2014年11月25日以来，感谢您。", [], ADDRESS))

    def test_cul_4_company(self):
        """CUL-4, K7: people leave the legal form of a customer out."""
        self.assertEqual(
            greetings.fingerprint("祝华新生意兴隆", ["上海华新", "华新股份有限公司"], ADDRESS),
            greetings.fingerprint("祝宏远生意兴隆", ["宏远有限公司"], ADDRESS))

    def test_cul_4_first_sentence_is_no_salutation(self):
        """CUL-4, K7: a first line is a salutation only if it addresses somebody."""
        for first, second in (
            ("祝贺新厂投产！\n新年快乐", "恭喜乔迁之喜！\n新年快乐"), ("总之，新年快乐", "新年快乐"),
            ("恭喜贵公司荣获金奖，新年快乐", "新年快乐"), ("Congratulations on the prize! Happy new year", "Happy new year"),
        ):
            self.assertNotEqual(
                greetings.fingerprint(first, ["王芳"], ADDRESS), greetings.fingerprint(second, ["王芳"], ADDRESS), first)

    def test_cul_4_nothing_said(self):
        """CUL-4: a text without words is the same as none."""
        for text in ("", " \n ", "!!! …", "Anna", "2026"):
            self.assertEqual(greetings.fingerprint(text, ["Anna"], ADDRESS), '')

    def test_cul_4_a_name_within_a_word(self):
        """CUL-4: a short name is not cut out of longer words, in any alphabet with blanks; next to Chinese it is."""
        self.assertIn('believe', greetings.normalised("We believe in you", ["Li", "Eve"], ADDRESS))
        self.assertIn('größe'.casefold(), greetings.normalised("die Größe", ["Öß", "Größ"], ADDRESS))
        self.assertEqual(greetings.normalised("祝Tom生日快乐", ["Tom"], ADDRESS), "祝生日快乐")

    @given(st.text(), st.lists(st.text(max_size=8), max_size=3))
    def test_cul_4_any_text(self, text, names):
        """CUL-4: whatever the text and the names are, spaces at its ends make no other text of it."""
        self.assertEqual(
            greetings.fingerprint(text, names, ADDRESS), greetings.fingerprint(f'\n {text} \n', names, ADDRESS))

    @given(
        st.sampled_from([
            (CHINESE, "祝您和家人新年快乐，万事如意"), (CHINESE, "{name}生日快乐!感谢您的信任"), (LATIN, "happy new year to you"),
            (LATIN, "happy birthday, {name}; thank you for your trust"),
        ]), st.data())
    def test_cul_4_same_but_for_who_and_how(self, kind, data):
        """CUL-4, K7: who it is, how they are addressed, lines, width of signs and numbers make no other text."""
        people, body = kind
        keys = {written(
            data.draw(st.sampled_from(people)), body, data.draw(st.sampled_from([" ", "\n", "\n\n"])), data.draw(st.booleans()),
            data.draw(st.sampled_from(["", "2026", "12"]))) for __ in range(3)}
        self.assertEqual(len(keys), 1)

    @given(st.sampled_from(CHINESE + LATIN), st.sampled_from(SENTENCES), st.booleans(), st.data())
    def test_cul_4_a_sentence_of_its_own(self, person, sentence, first, data):
        """CUL-4, K7: a real sentence makes another text, at the beginning as well as at the end."""
        body = "祝您新年快乐。"
        own = f"{sentence} {body}" if first else f"{body} {sentence}"
        line = data.draw(st.sampled_from([" ", "\n"]))
        self.assertNotEqual(written(person, own, line, False, ""), written(person, body, line, False, ""))
        other = data.draw(st.sampled_from([other for other in SENTENCES if other != sentence]))
        self.assertNotEqual(
            written(person, own, line, False, ""),
            written(person, f"{other} {body}" if first else f"{body} {other}", line, False, ""))

    @given(st.text(alphabet="aäB李总- .'ー3한", max_size=40),
           st.lists(st.text(alphabet="aäB李总-ー3한", min_size=1, max_size=4), max_size=6))
    def test_names_are_found_as_by_a_pattern(self, text, words):
        """Looking for the words one by one finds what one pattern of all of them finds, which is dear to make."""
        pattern = [(found.start(), found[0]) for found in re.finditer(greetings._any_of(words), text)]
        self.assertEqual(list(greetings._found(text, words)), pattern)
