"""Rules that act on everybody at once: seen before they are saved, and told of afterwards."""
from collections import Counter
from pathlib import Path

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form

from ..common import CustomerCase


class TestActing(CustomerCase):
    """SEG-1, SEG-4, CAD-1, K1: a preview says what a rule does before *Save*, and no button says that nothing changed after
    everything did."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme = cls.env['customer.tier.scheme']._get_current()
        cls.scheme.dead_band = 0
        cls.env['res.partner'].search([('customer_managed', '=', True)]).customer_enrolment = 'excluded'
        cls.customers = cls.env['res.partner'].concat(*(cls._customer(f"Customer {number}") for number in range(10)))
        for number, customer in enumerate(cls.customers):
            cls._order(customer, 1000 + 100 * number)
        cls.env['customer.ranking']._refresh_all()
        cls.env['customer.segmenter']._refresh()
        cls.env.flush_all()
        for model in ('tier.change', 'segment.change'):  # all before is history
            cls.env.cr.execute(f"UPDATE customer_{model.replace('.', '_')} SET create_date = create_date - interval '2 day'")
        cls.env.cr.execute("UPDATE customer_tier_scheme SET acted_at = NULL")
        cls.env.invalidate_all()

    def _shares(self, form, *shares):
        for number, share in enumerate(shares):
            with form.line_ids.edit(number) as line:
                line.share = share

    def _tiers(self):
        return {customer.id: customer.customer_tier_id.id for customer in self.env['res.partner'].search([
            ('customer_managed', '=', True)])}

    def test_preview_is_what_happens(self):
        """The preview of tier shares says how many go from which tier to which, and that is what the ranking does then."""
        before = self._tiers()
        self.assertEqual(len(before), 10)
        form = Form(self.scheme.with_user(self.mara))
        self.assertIn("No customer would move", form.preview)
        self._shares(form, 50, 30, 20)
        preview = form.preview
        form.save()
        self.env['customer.ranking']._refresh_all()
        after = self._tiers()
        moves = Counter((before[key], after[key]) for key in before if before[key] != after[key])
        self.assertTrue(moves)
        self.assertIn(f"{sum(moves.values())} of 10 customers would move", preview)
        tiers = self.env['customer.tier']
        for (old_id, new_id), count in moves.items():
            self.assertIn(
                f'<td>{tiers.browse(old_id).name}</td><td>{tiers.browse(new_id).name}</td>'
                f'<td class="text-end fw-bold">{count}</td>', preview)

    def test_preview_of_another_period(self):
        """Where the period changes, the preview adds up what counts then."""
        old = self.customers[9]
        self._order(old, 90000, fields.Date.subtract(fields.Date.today(), months=14))
        self._order(self.customers[0], 500000, fields.Date.subtract(fields.Date.today(), months=14))
        self.env['customer.ranking']._refresh_all()
        form = Form(self.scheme.with_user(self.mara))
        self.assertIn("No customer would move", form.preview)
        form.window_months = 24
        self.assertIn("would move", form.preview)
        self.assertNotIn("No customer would move", form.preview)

    def test_refused_rules_are_named(self):
        form = Form(self.scheme.with_user(self.mara))
        self._shares(form, 50, 30, 30)
        self.assertIn("add up to 110 %", form.preview)

    def test_recompute_counts_since_the_change(self):
        """Saved, the nightly action was quicker: the button says what changed since before the shares were."""
        before = self._tiers()
        form = Form(self.scheme.with_user(self.mara))
        self._shares(form, 50, 30, 20)
        form.save()
        self._run_cron('refresh')
        after = self._tiers()
        moved = sum(before[key] != after[key] for key in before)
        self.assertTrue(moved)
        message = self.scheme.with_user(self.mara).action_recompute()['params']['message']
        self.assertIn(f"{moved} customers of 10 are in another tier", message)
        self.assertIn("Since ", message)
        self.assertIn(f"{moved} customers of 10", self.scheme.report)
        # a ranking taken back in the same act moved nobody in the end
        form = Form(self.scheme.with_user(self.mara))
        shares = [(self.tier_high, 20), (self.tier_mid, 30), (self.tier_low, 50)]
        self._shares(form, *(share for __, share in shares))
        form.save()
        self.env['customer.ranking']._refresh_all()
        moved = sum(before[key] != tier for key, tier in self._tiers().items())
        message = self.scheme.with_user(self.mara).action_recompute()['params']['message']
        self.assertIn(f"{moved} customers of 10" if moved else "no customer of 10", message)

    def test_every_button_that_counts(self):
        """No button makes up its own count: what it tells comes from a report that begins before the person acted, or it is
        looked at here, with the reason why it counts nothing that a trigger could have done first."""
        looked_at = {
            'models/platform/customer_acting.py': "the report itself",
            'models/base/customer_fact_entry.py': "what is tried is counted when it is told",
            'models/platform/base.py': "what still uses an archived rule is counted when it is told",
            'models/platform/customer_schedule.py': "it runs later, and counts nothing",
            'models/health/customer_metric.py': "it runs later, and counts nothing",
            'models/health/res_partner.py': "nothing is to be done, and nothing is counted",
            'models/health/customer_offer_trial.py': "offers were tried, and nothing is counted",
            'models/health/customer_action_rule.py': "what is missing is named, and nothing is counted",
            'models/cadence/customer_followup.py': "the day it was moved to, and how often this one was",
            'wizard/cadence/customer_log.py': "nobody else is due, and nothing is counted",
            'wizard/cadence/customer_triage.py': "what the person chose, each by itself",
            'wizard/cadence/customer_assign.py': "the customers that were chosen, and who has them now",
            'wizard/cadence/customer_tell.py': "who was told, and nothing is counted",
            'models/cadence/customer_preset_change.py': "what stays as it was changed is named, and nothing is counted",
            'models/segmentation/customer_path_rule.py': "how many stand on the lists by now, whoever put them there",
            'models/segmentation/customer_target.py': "the months that this press measured; those that are kept are none",
            'models/reporting/customer_report_subscription.py': "the sheet that leaves now, and nothing is counted",
            'wizard/reporting/customer_sheet_print.py': "the sheet that leaves now, and nothing is counted",
            'models/service/res_partner.py': "who is asked for feedback, and nothing is counted",
        }
        addon = Path(__file__).parents[2]
        tell = {str(path.relative_to(addon)) for folder in ('models', 'wizard') for path in (addon / folder).rglob('*.py')
                if 'display_notification' in path.read_text()}
        self.assertEqual(tell - looked_at.keys(), set())

    def test_nothing_changed_is_said_too(self):
        message = self.scheme.with_user(self.mara).action_recompute()['params']['message']
        self.assertIn("no customer of 10 is in another tier", message)

    def test_a_line_alone_acts_too(self):
        """Written past the form, a share asks for the ranking like one on it."""
        first, second, third = self.scheme.line_ids
        self.scheme.write({'method': 'threshold', 'line_ids': [
            (1, first.id, {'threshold': 99999}), (1, second.id, {'threshold': 500}), (1, third.id, {'threshold': 0})]})
        self.env.flush_all()
        self.env.cr.execute("UPDATE customer_tier_scheme SET acted_at = NULL")
        self.env.invalidate_all()
        first.threshold = 88888
        self.assertTrue(self.scheme.acted_at)

    def _place(self):
        """Place everybody as the night does and return how many went which way, and who."""
        before = {customer: customer.customer_segment_id.id for customer in self.customers}
        self.env['customer.segmenter']._refresh()
        self.env.invalidate_all()
        return Counter((before[customer], customer.customer_segment_id.id) for customer in self.customers
                       if before[customer] != customer.customer_segment_id.id)

    def _foretold(self, preview, moves):
        """Hold a preview to what came of it."""
        names = dict(self.env['customer.segment'].with_context(active_test=False).search([]).mapped(
            lambda segment: (segment.id, segment.name)))
        self.assertTrue(moves)
        self.assertIn(f"{sum(moves.values())} of 10 customers would move", preview)
        for (old_id, new_id), count in moves.items():
            self.assertIn(f'<td>{names[old_id]}</td><td>{names[new_id]}</td><td class="text-end fw-bold">{count}</td>', preview)
        self.assertEqual(preview.count('o_customer_moves_preview_move"'), len(moves))
        return preview

    def test_preview_of_segment_rules(self):
        """A rule that is edited, made, taken out or moved: its form says how many customers go from where to where, with some of
        them by name, and that is what comes of it. Nothing is written meanwhile."""
        rules, segments = (self.env[name].with_user(self.mara) for name in ('customer.segment.rule', 'customer.segment'))
        stable = self.env.ref('customer_success.customer_segment_low_stable').with_user(self.mara)
        with Form(stable) as form:
            self.assertIn("No customer would move", form.preview)
            for number, rule in enumerate(stable.rule_ids):
                if not rule.fits_everybody:
                    continue
                with form.rule_ids.edit(number) as line:
                    line.sequence = 1  # everybody else comes first
            preview = form.preview
            self.assertEqual(self._place(), {}, "nothing is saved yet")
        self._foretold(preview, self._place())
        self.assertIn('href="/odoo/res.partner/', preview)
        self.assertTrue(any(customer.name in preview for customer in self.customers))
        with Form(rules) as form:
            form.segment_id, form.sequence = self.env.ref('customer_success.customer_segment_high_potential'), 0
            form.tier_ids.add(self.tier_high)
            preview = form.preview
        self._foretold(preview, self._place())
        with Form(form.record) as form:
            form.tier_ids.clear()
            form.tier_ids.add(self.tier_low)
            preview = form.preview
        self._foretold(preview, self._place())
        with Form(segments) as form:
            form.name, form.sequence = "All of the middle", 1
            with form.rule_ids.new() as line:
                line.sequence = 0
                line.tier_ids.add(self.tier_mid)
            preview = form.preview
        moves = self._place()
        self._foretold(preview, moves)
        self.assertIn(form.record.id, {new for __, new in moves})
        with Form(form.record) as form:
            form.active = False
            preview = form.preview
        self._foretold(preview, self._place())

    def test_preview_by_health_and_silence(self):
        """Conditions of other wings, which no saved rule has, are previewed as well."""
        rules = self.env['customer.segment.rule']
        rules.search([('health', '!=', False)]).unlink()
        self._place()
        first = self.customers[0]
        self.env.cr.execute("UPDATE res_partner SET customer_health_band = 'risk' WHERE id = %s", [first.id])
        self.env.cr.execute(
            "UPDATE res_partner SET customer_managed_since = '2020-01-01' WHERE id = %s", [self.customers[1].id])
        self.env.invalidate_all()
        for values in ({'health': 'risk'}, {'silent_days': 900}):
            with Form(rules.with_user(self.mara)) as form:
                form.segment_id, form.sequence = self.env.ref('customer_success.customer_segment_low_risk'), 0
                for name, value in values.items():
                    form[name] = value
                preview = form.preview
                self.assertIn("1 of 10 customers would move", preview, values)
            self._foretold(preview, self._place())

    def test_preview_of_what_is_refused(self):
        """Rules that leave somebody without a segment are refused in the preview too; who may not see everybody sees none."""
        rest = self.env.ref('customer_success.customer_segment_rule_rest')
        form = Form(rest.with_user(self.mara))
        form.potential = 'high'
        self.assertIn("Every customer needs a segment", form.preview)
        with self.assertRaises(AccessError):
            rest.with_user(self.anna).read(['preview'])
        with self.assertRaises(AccessError):
            self.scheme.with_user(self.lena).read(['preview'])
        # no rules come in from outside
        sneaked = self.env['customer.segmenter'].with_context(customer_segment_rules=[(rest.segment_id.id, [])])
        self.assertEqual(sneaked.env['customer.segment.rule']._get_rules(), rest._get_saved_rules())

    def test_place_customers_counts_since_the_change(self):
        segments = self.env['customer.segment'].search([])
        rule = self.env['customer.segment.rule']._in_order()[0]
        segment = segments - self.customers.customer_segment_id
        before = {customer.id: customer.customer_segment_id.id for customer in self.customers}
        self.env['customer.segment.rule'].with_user(self.mara).create({
            'segment_id': segment[0].id, 'sequence': rule.sequence - 1, 'tier_ids': [(6, 0, self.tier_high.ids)]})
        self._run_cron('refresh')
        moved = sum(before[customer.id] != customer.customer_segment_id.id for customer in self.customers)
        self.assertTrue(moved)
        message = segments[0].with_user(self.mara).action_place_customers()['params']['message']
        self.assertIn(f"{moved} customers of 10 are in another segment", message)
        self.assertIn(segment[0].name, message)
