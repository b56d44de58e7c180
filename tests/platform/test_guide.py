"""PLT-7: what the guide, the READMEs and the store page name is really there, in both languages."""
import re
from pathlib import Path

import polib
from lxml import etree

from odoo.tests import BaseCase, tagged

ROOT = Path(__file__).parents[2]
PICTURES = 'static/description/images'
#: The folder of a language of the guide, and the translations of its words.
LANGUAGES = {'en': None, 'zh': 'zh_CN'}
PAGES = ('account-manager.md', 'team-leader.md', 'manager.md')
#: What people read first, with the folder of its pictures.
FIRST = {'README.md': 'en', 'README.zh.md': 'zh', 'static/description/index.html': 'en'}


def guides():
    return {(language, page): (ROOT / 'docs' / 'guide' / language / page) for language in LANGUAGES for page in PAGES}


@tagged('post_install', '-at_install')
class TestGuide(BaseCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        menus = etree.parse(ROOT / 'views' / 'platform' / 'menus.xml').getroot()
        cls.paths = {path[1:] for root in menus.iterfind('menuitem') for path in cls.walk(root)} - {()}
        terms = {language: polib.pofile(str(ROOT / 'i18n' / f'{code}.po')) for language, code in LANGUAGES.items() if code}
        cls.words = {language: {entry.msgid: entry.msgstr for entry in entries} for language, entries in terms.items()}
        english = set(next(iter(cls.words.values())))
        cls.words['en'] = dict(zip(english, english, strict=True))

    @classmethod
    def walk(cls, item):
        """Yield the names from a menu entry down to each of those below it."""
        yield (item.get('name'),)
        for child in item.iterfind('menuitem'):
            for path in cls.walk(child):
                yield item.get('name'), *path

    def named(self, pattern):
        """Yield what the guide names: language, page and the words."""
        for (language, page), path in guides().items():
            for match in re.finditer(pattern, path.read_text()):
                yield language, page, match[1]

    def test_each_menu_of_the_guide_is_there(self):
        """PLT-7: whoever follows the guide finds each entry of the menu that it names."""
        looked_at = 0
        for language, page, said in self.named(r'(?<!\*)\*([^*\n]+ → [^*\n]+)\*(?!\*)'):
            translated = {tuple(self.words[language][name] for name in path) for path in self.paths}
            with self.subTest(language=language, page=page, menu=said):
                self.assertIn(tuple(said.split(' → ')), translated)
                looked_at += 1
        self.assertGreater(looked_at, 30)

    def test_each_word_on_a_button_is_a_word_of_the_addon(self):
        """PLT-7: what stands in bold type is what a button, a tab or a page really says."""
        looked_at = 0
        for language, page, said in self.named(r'\*\*([^*\n]+)\*\*'):
            with self.subTest(language=language, page=page, word=said):
                self.assertIn(said, self.words[language].values())
                looked_at += 1
        self.assertGreater(looked_at, 30)

    def test_both_languages_say_the_same(self):
        """PLT-7: the same headings, pictures, menus and buttons in both languages, in the same order."""
        for page in PAGES:
            shapes = {}
            for language in LANGUAGES:
                text = (ROOT / 'docs' / 'guide' / language / page).read_text()
                shapes[language] = {
                    'headings': [len(found) for found in re.findall(r'^(#+) ', text, re.MULTILINE)],
                    'pictures': re.findall(rf'{PICTURES}/\w+/(\w+)\.png', text),
                    'menus': text.count(' → '), 'rows': len(re.findall(r'^\|', text, re.MULTILINE))}
            with self.subTest(page=page):
                self.assertEqual(shapes['en'], shapes['zh'])
                self.assertTrue(shapes['en']['headings'])

    def test_each_picture_is_there_and_can_be_taken_anew(self):
        """PLT-7: pictures are those that `dev/screenshots` takes, each in both languages, and each is shown somewhere."""
        taken = set(re.findall(r"Picture\(\s*'(\w+)'", (ROOT / 'dev' / 'tooling' / 'pictures.py').read_text()))
        self.assertGreater(len(taken), 8)
        shown = {language: set() for language in LANGUAGES}
        pages = [(language, path) for (language, __), path in guides().items()]
        for language, path in [*pages, *((language, ROOT / name) for name, language in FIRST.items())]:
            for folder, name in re.findall(r'images/(\w+)/(\w+)\.png', path.read_text()):
                with self.subTest(page=path.name, picture=name):
                    self.assertEqual(folder, language)
                    self.assertIn(name, taken)
                shown[language].add(name)
        for language in LANGUAGES:
            with self.subTest(language=language):
                self.assertEqual(shown[language], taken)
                self.assertEqual({path.stem for path in (ROOT / PICTURES / language).glob('*')}, taken)
