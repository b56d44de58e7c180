"""One English word, one meaning: a source text has one translation, whatever places it stands in."""
import re
from collections import defaultdict
from pathlib import Path

from lxml import etree

from ..common import CustomerCase

ADDON = Path(__file__).parents[2]

#: What a field is, for whoever has to find a word for its label.
KINDS = {
    'date': 'date', 'datetime': 'date', 'integer': 'number', 'float': 'number', 'monetary': 'number', 'boolean': 'switch',
    'selection': 'choice', 'many2one': 'record', 'many2many': 'records', 'one2many': 'records'}

#: Texts that stand in places of two kinds and mean one thing, as somebody found who looked at them in Chinese; with the reason.
LOOKED_AT = {
    "the same thing, whether it is one, several, counted or a value": [
        "Adjustment", "Backup", "Calendar", "Change", "Channels", "Company", "Customers", "Cycle", "Executive",
        "Fallback Channel", "Follow-up", "Followup", "Health", "History", "KPIs", "Kind", "Line", "Measures", "Note", "Points",
        "Potential",
        "Proposed Next", "Reason", "Result", "Review", "Risk", "Rules", "Satisfaction", "Segments", "Source", "Support",
        "Tier", "Tiers", "Unit", "Warning", "Warnings", "What Came of It", "Year", "Cadences", "Ended By", "The customer",
        "Left Out", "Known", "Effect", "Pause", "At the Latest", "Phone", "Stages", "Touchpoint", "Email", "Meeting",
        "Hand-overs", "Product", "File", "Columns", "Questions", "Preview", "Rows"],
    "the same day of the week, switched on or chosen": [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "the button does what the value says was done, and Chinese has one word for both": [
        "Close", "Done", "Refuse", "Withdraw", "Withdrawn", "Did not come", "Is coming",
        "It worked", "Not the same", "Came to nothing", "Does not fit", "Did not take place", "Stop", "Not interested"],
    "how many are in the state of that name": [
        "Answered", "Attended", "Cancelled", "Invited", "Solved", "Late", "Skipped"],
    "the dialog is called what its button says": [
        "Hand over", "Don't take it", "Wait", "Reopen", "Can't be met now"],
    "问题 is what is wrong with a rule, and what a customer has": ["Problem"],
    "原因 is written down in words, and chosen from a list": ["Root Cause", "Why"],
    "开始 and 结束 are the day and the step alike": ["Start", "End"],
    "日 is the day of a month and of a calendar alike": ["Day"],
    "时间 is a moment and a day told in words alike": ["When"],
    "之前 is what stood there before, a cycle or a value": ["Before"],
}


class TestTerms(CustomerCase):
    """PLT-4, K1: a text that stands in two kinds of places (a button and a label, a date and a value, a noun and a verb) is
    looked at by somebody before it is translated once for both; else the source has to differ."""

    def _places(self):
        """Return for each source text the kinds of places it stands in, with an example of each."""
        places = defaultdict(dict)
        for name, model in self.registry.items():
            for field in model._fields.values():
                if not (name.startswith('customer.') or field.name.startswith('customer_')) or field.related or (
                        field._module != 'customer_success'):
                    continue
                place = f'{name}.{field.name}'
                places[field.string].setdefault(KINDS.get(field.type, 'text'), place)
                if field.type == 'selection' and isinstance(field.selection, list):
                    for value, label in field.selection:
                        places[label].setdefault('value', f'{place}={value}')
        for name, root in self._pages():
            for node in root.iter('button', 'a'):
                for text in filter(None, (node.get('string'), (node.text or '').strip())):
                    places[text].setdefault('button', name)
        return places

    def _pages(self):
        """Yield the name and the root of each view and of each template of the web client."""
        views = self.env['ir.ui.view'].with_context(lang='en_US', active_test=False).search([
            ('model_data_id.module', '=', 'customer_success')])
        for view in views:
            yield view.name, etree.fromstring(view.arch_db)
        for path in ADDON.glob('static/src/**/*.xml'):
            yield path.name, etree.parse(str(path)).getroot()

    def test_one_meaning_per_text(self):
        """Who adds a text that stands elsewhere with another meaning is told so here."""
        looked_at = {text for texts in LOOKED_AT.values() for text in texts}
        several = {text: kinds for text, kinds in self._places().items() if len(kinds) > 1}
        new = {text: kinds for text, kinds in several.items() if text not in looked_at}
        self.assertFalse(new, "These texts stand in two kinds of places, and get one translation. Look at them in Chinese: give "
                              "one of them another source text, or put them into LOOKED_AT with the reason.")
        self.assertEqual(sorted(looked_at - several.keys()), [], "not in two kinds of places any more: take them out")

    def test_two_meanings_have_two_sources(self):
        """What had one source for two meanings has two now."""
        fields = self.env.registry
        for model, field, text in (
                ('customer.absence', 'user_id', "Who Is Away"), ('customer.health.band', 'value_from', "From Value"),
                ('customer.strategy.milestone', 'date', "Due By"), ('customer.kpi', 'better', "Better Is"),
                ('customer.care.guest', 'event_id', "Care Event"), ('customer.greeting', 'problem', "Why Not Greeted"),
                ('customer.festival', 'date_ids', "Dates"), ('customer.pulse', 'followup_id', "Logged Contact"),
                ('customer.holiday', 'state_id', "State or Province"), ('customer.action.rule', 'kind', "Situation")):
            self.assertEqual(fields[model]._fields[field].string, text)

    def test_days_in_the_order_of_the_language(self):
        """No pattern puts the parts of a day into the order of one language: *周三 27 1月 2027*."""
        pattern = re.compile(r"(?:date_format|dt_format)=f?['\"](?!short|medium|long|full|HH:mm['\"])")
        for path in [*ADDON.glob('models/**/*.py'), *ADDON.glob('wizard/**/*.py')]:
            for number, line in enumerate(path.read_text().splitlines(), start=1):
                self.assertIsNone(pattern.search(line), f'{path.name}:{number}: use local_text.day_text')

    def test_days_of_absences_and_events(self):
        """An absence and a care event in Chinese, with days as Chinese writes them."""
        self.env['res.lang']._activate_lang('zh_CN')
        absence = self.env['customer.absence'].create({
            'user_id': self.anna.id, 'backup_id': self.ben.id, 'date_from': '2027-01-27', 'date_to': '2027-01-29',
        }).with_context(lang='zh_CN')
        self.assertNotIn('2027-01-27', absence.display_name)
        self.assertIn(self.env['ir.qweb.field.date'].with_context(lang='zh_CN').value_to_html(absence.date_from, {}),
                      absence.display_name)
        event = self.env['customer.care.event'].create({
            'name': "Dinner", 'date_begin': '2027-01-27 10:00:00', 'date_end': '2027-01-27 12:00:00', 'date_tz': 'UTC',
        }).with_context(lang='zh_CN')
        self.assertIn("2027年1月27日周三 10:00 – 12:00", event.when_there)
        self.assertIn("Wed, Jan 27, 2027 10:00 – 12:00", event.with_context(lang='en_US').when_there)
