"""S5: *Archive* and *Unarchive* of rules that act on everybody say first how many customers are concerned."""
from lxml import etree

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase

from ..common import CustomerCase

#: What is archived without a question, and why.
UNASKED = {
    'customer.action.rule': "the next best action is a proposal: nothing is done by it",
    'customer.adjustment.kind': "no longer offered; what has it keeps it",
    'customer.assignment.rule': "who was assigned stays; it is tried for nobody any more",
    'customer.adjustment.reason': "no longer offered; what has it keeps it",
    'customer.approach': "no longer proposed; what was changed stays so",
    'customer.cadence.step': "on the form of its cadence, which shows a preview before it is saved",
    'customer.care.budget.rule': "what was spent stays; the next is not checked by it",
    'customer.care.event.kind': "no longer offered; what has it keeps it",
    'customer.care.kind': "no longer offered; what has it keeps it",
    'customer.case.cause': "no longer offered; what has it keeps it",
    'customer.channel': "no longer offered; what still uses it is told afterwards",
    'customer.competitor': "no longer offered; what has it keeps it",
    'customer.contact.role': "no longer offered; what has it keeps it",
    'customer.contact.rule': "what was counted stays; what comes is counted by it no more",
    'customer.legal.form': "names are compared anew by night; nothing is done to customers",
    'customer.day.kind': "it stands in nobody's day any more; nothing is done to customers",
    'customer.demand.type': "no longer offered; what has it keeps it",
    'customer.followup.reason': "no longer offered; what has it keeps it",
    'customer.greeting.address': "drafts to come are worded by the next that fits",
    'customer.holiday': "one day of one country",
    'customer.loss.reason': "no longer offered; what has it keeps it",
    'customer.kpi': "no longer offered; what still uses it is told afterwards",
    'customer.metric': "no more readings come in; what still uses it is told afterwards",
    'customer.mood.word': "what was found stays; nothing is done by a word",
    'customer.occasion': "of one person",
    'customer.path.rule': "nobody changes a tier by it; who was proposed goes off the list",
    'customer.target': "no longer measured; what was kept stays",
    'customer.offer.pair': "what the night found; nobody writes it",
    'customer.occasion.kind': "what still uses it is told afterwards",
    'customer.onboarding.plan': "of the onboardings to come; those that run go on",
    'customer.onboarding.plan.item': "of the onboardings to come",
    'customer.potential.factor': "the potential follows by night, and what was judged by hand stays",
    'customer.preset': "no longer offered; what it wrote stays",
    'customer.referral.program': "no longer offered; referrals of it go on",
    'customer.report.subscription': "nothing is sent to its reader any more",
    'customer.review.plan': "of the reviews to come",
    'customer.value.component': "a figure is made anew by night; nothing is done by it",
    'customer.value.dimension': "a figure is made anew by night; nothing is done by it",
    'customer.strategy.template': "no longer offered; what has it keeps it",
    'customer.supply': "of one customer",
    'customer.supply.category': "no longer offered; what has it keeps it",
    'customer.warning.plan': "what still uses it is told afterwards",
}


class TestAsking(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        cls.customers = cls.env['res.partner'].concat(*(
            cls._customer(f"Customer {number}", customer_cadence_id=cls.cadence.id, country_id=cls.env.ref('base.in').id)
            for number in range(3)))
        cls.env['customer.planner']._work_queue()
        cls.env['customer.segmenter']._refresh()
        cls.env.ref('customer_success.customer_survey_nps').active = True  # is off until somebody switches it on
        cls.env.invalidate_all()

    def _asking(self):
        return [name for name, model in self.env.registry.items()
                if 'active' in model._fields and issubclass(model, self.env.registry['customer.asking'])]

    def test_every_rule_that_acts_on_many(self):
        """A new model that can be archived asks, or says here why not."""
        can = {name for name, model in self.env.registry.items()
               if name.startswith('customer.') and 'active' in model._fields and model._auto and not model._transient}
        asking = {name for name in can if 'customer_archiving' in dir(self.env[name])}
        self.assertEqual(can - asking, UNASKED.keys())
        self.assertGreater(len(asking), 8)
        for model in asking:
            rule = self.env[model].with_user(self.mara).search([], limit=1)
            self.assertTrue(rule, model)
            sentence = rule.customer_archiving(False)
            self.assertRegex(sentence, r"\d", model)
            self.assertTrue(sentence.startswith(rule.display_name), model)
            self.assertTrue(rule.active, "it only asks")

    def test_their_views_ask(self):
        """Forms and lists of such a rule ask, and no switch in a list acts past the question."""
        views = self.env['ir.ui.view'].search([
            ('type', 'in', ['form', 'list']), ('inherit_id', '=', False), ('model', '=like', 'customer.%')])
        asking = views.filtered(lambda view: 'customer_archiving' in dir(self.env.get(view.model, object)))
        self.assertGreater(len(asking), 16)
        for view in asking:
            arch = etree.fromstring(view.arch_db)
            self.assertEqual(arch.get('js_class'), f'customer_asking_{view.type}', view.xml_id)
            if view.type == 'list':
                self.assertFalse(arch.xpath("./field[@name='active'][@widget='boolean_toggle']"), view.xml_id)

    def test_segment(self):
        """What is said of a segment is what happens, and afterwards it is told."""
        before = {customer: customer.customer_segment_id for customer in self.customers}
        segment = before[self.customers[0]]
        self.assertTrue(segment)
        segment.rule_ids.filtered(lambda rule: rule._is_for_everybody()).copy({
            'segment_id': self.env['customer.segment'].search([('id', '!=', segment.id)], limit=1).id, 'sequence': 999})
        said = segment.with_user(self.mara).customer_archiving(False)
        action = segment.with_user(self.mara).action_archive()
        self.env['customer.segmenter']._refresh()
        self.env.invalidate_all()
        moved = sum(customer.customer_segment_id != old for customer, old in before.items())
        self.assertEqual(moved, 3)
        self.assertIn("3 of 3 customers would move", said)
        self.assertIn("in another segment", action['params']['message'])
        self.assertIn("3 of 3 customers would move", segment.with_user(self.mara).customer_archiving(True))

    def test_cadence(self):
        """A cadence says how many follow it, and how many would again."""
        cadence = self.cadence.with_user(self.mara)
        self.assertIn("the follow-ups of 3 customers are planned anew", cadence.customer_archiving(False))
        self.assertIn("Since", cadence.action_archive()['params']['message'])
        self.env['customer.planner']._work_queue()
        self.assertFalse(self._open(self.customers[0], self.step))
        self.assertIn("the follow-ups of 3 customers are planned anew", cadence.customer_archiving(True))
        self.assertFalse(cadence.active, "it was only asked")
        default = self.env['customer.cadence'].search([('is_default', '=', True)])
        if len(default) == 1 and default.customer_count:
            with self.assertRaisesRegex(Exception, "default cadence"):
                default.customer_archiving(False)

    def test_country(self):
        calendar = self.env['customer.country.calendar'].search([('country_id.code', '=', 'IN')])
        self.assertIn("of 3 customers", calendar.with_user(self.mara).customer_archiving(False))
        culture = self.customers.customer_culture_id
        self.assertIn("of 3 customers", culture.with_user(self.mara).customer_archiving(False))
        culture.active = False
        self.assertIn("of 3 customers", culture.with_user(self.mara).customer_archiving(True))

    def test_many_and_none(self):
        cadences = self.env['customer.cadence'].with_user(self.mara)
        for number in range(7):
            cadences |= self._cadence(f"Cadence {number}", {'name': "Call", 'channel_id': self.call.id}).with_user(self.mara)
        lines = cadences.customer_archiving(False).splitlines()
        self.assertEqual(len(lines), 6)
        self.assertIn("2 more", lines[-1])
        self.assertIn("nothing would change", cadences.customer_archiving(True))
        with self.assertRaises(ValidationError):
            cadences.customer_archiving("no")
        with self.assertRaises(AccessError):
            cadences.with_user(self.anna).customer_archiving(False)


class TestAskingOnScreen(HttpCase, CustomerCase):

    def test_archive(self):
        """From the list and from the form: the number is read before anything is done."""
        for number in range(2):
            self._customer(f"Customer {number}", customer_cadence_id=self.cadence.id)
        self.start_tour('/odoo/customer-cadences', 'customer_success_asking', login='mara')
        self.env.invalidate_all()
        self.assertFalse(self.cadence.active)
