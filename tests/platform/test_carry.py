"""PRO-1, PLT-2, K2, K8: what becomes of a customer that is merged, or becomes a part of another one."""
from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.profile.customer_carry import BUSINESS, DROPPED, PERSON
from ..health.common import HealthFigures
from ..strategy.strategy_common import StrategyCase


@tagged('post_install', '-at_install')
class TestCarry(HealthFigures, StrategyCase):

    # ------------------------------------------------------------
    # WHAT NOBODY THOUGHT OF
    # ------------------------------------------------------------

    def _own_fields(self):
        """Yield the stored fields of the addon, with their models."""
        for model in self.env.registry.values():
            if model._auto and not model._abstract and not model._transient:
                for field in self.env[model._name]._fields.values():
                    if field.store and 'customer_success' in field._modules:
                        yield model._name, field

    def test_plt_2_every_column_has_a_fate(self):
        """PLT-2, PRO-1, K2: of every field that names a partner it is said what happens to it when a customer is merged or
        becomes a part of another one. Fails for a new model that nobody thought of: add it to ``_fates`` of its wing."""
        fates = self.env['customer.carry']._fates()
        naming = {
            (model, field.name) for model, field in self._own_fields()
            if field.comodel_name == 'res.partner' and field.type in ('many2one', 'many2many')}
        self.assertGreater(len(naming), 20)
        self.assertEqual(set(fates), naming)
        self.assertLessEqual(set(fates.values()), {BUSINESS, PERSON, DROPPED})

    def test_plt_2_every_field_of_a_customer_has_a_fate(self):
        """PLT-2, PRO-1, K2: the same for what stands on the customer itself."""
        carry = self.env['customer.carry']
        said = [
            *(name for group in carry._carried_together() for name in group), *carry._carried_earliest(),
            *carry._carried_by_rule(), *carry._figures(), *carry._personal(),
            *(name for model, name in carry._fates() if model == 'res.partner')]
        own = {field.name for model, field in self._own_fields() if model == 'res.partner' and field.column_type}
        self.assertEqual(len(said), len(set(said)), "said once")
        self.assertEqual(set(said), own)

    # ------------------------------------------------------------
    # WHAT CAN'T STAND SIDE BY SIDE
    # ------------------------------------------------------------

    def _unique_indexes(self):
        """Return the unique indexes that a partner is a part of, the columns of relations included."""
        columns = [(table, column) for fate in (BUSINESS, PERSON, DROPPED)
                   for table, column, __ in self.env['customer.carry']._columns(fate)]
        return {name for name, in self.env.execute_query(SQL(
            """SELECT index.relname
                 FROM pg_index i
                 JOIN pg_class index ON index.oid = i.indexrelid
                 JOIN pg_class rel ON rel.oid = i.indrelid
                 JOIN pg_attribute a ON a.attrelid = rel.oid AND a.attnum = ANY(i.indkey)
                WHERE i.indisunique AND (rel.relname::text, a.attname::text) IN %s""", tuple(columns)))}

    def _sql_insert(self, table, **values):
        self.env.flush_all()
        self.env.cr.execute(SQL(
            "INSERT INTO %s (%s) VALUES %s", SQL.identifier(table), SQL(", ").join(map(SQL.identifier, values)),
            tuple(values.values())))

    def _collisions(self, partners):
        """Fill each of the customers with the same, for every unique index, and return how many rows are to be left of each
        table by index: what is one row of one customer then, and what is history of both."""
        count = len(partners)
        welcome = self.env['customer.cadence.step'].create({
            'cadence_id': self.cadence.id, 'name': "Welcome", 'kind': 'event', 'event': 'managed', 'delay_count': 3,
            'channel_id': self.call.id, 'date_start': '2020-01-01'})
        metric = self.env['customer.metric'].create({'name': "Logins", 'code': 'carry_logins'})
        kind = self.env['customer.occasion.kind'].create({'name': "Jubilee", 'applies_to': 'both'})
        care = self.env['customer.care.kind'].search([], limit=1)
        rule = self.env['customer.warning.rule'].search([], limit=1)
        event = self.env['customer.care.event'].create({
            'name': "Golf", 'kind_id': self.env['customer.care.event.kind'].search([], limit=1).id,
            'date_begin': '2031-05-05 10:00:00', 'date_end': '2031-05-05 12:00:00'})
        kpi = self._kpi("Asked", target=50)
        adjustment = self.env['customer.strategy.adjustment'].search([], limit=1) or self._adjustment()
        survey = self.env.ref('customer_success.customer_survey_nps')
        reason = self.env['customer.loss.reason'].search([], limit=1)
        role = self.env.ref('customer_success.customer_contact_role_decider')
        program, referrer = self.env['customer.referral.program'].search([], limit=1), self._customer("Referrer")
        plan = self.env.ref('customer_success.customer_onboarding_plan_standard')
        meeting = self.env['calendar.event'].create({
            'name': "Talk", 'start': '2026-03-02 09:00:00', 'stop': '2026-03-02 10:00:00'})
        pair = self.env['customer.offer.pair'].create({
            'company_id': self.env.company.id, 'level': 'product', 'reason_key': 1, 'item_key': 2})
        step = self.env['customer.path.rule'].search([], limit=1)
        for partner in partners:
            self.env['customer.path'].create({
                'partner_id': partner.id, 'direction': 'rise', 'rule_id': step.id, 'from_tier_id': step.from_tier_id.id,
                'to_tier_id': step.to_tier_id.id, 'state': 'met', 'since': self.today})
            self.env['customer.offer'].create({
                'partner_id': partner.id, 'company_id': self.env.company.id, 'level': 'product', 'item_key': 2,
                'pair_id': pair.id, 'offered_on': self.today, 'state': 'refused'})
            self.env['customer.onboarding'].create({
                'partner_id': partner.id, 'company_id': self.env.company.id, 'plan_id': plan.id, 'date_start': self.today,
                'started_at': f'{self.today} 09:00:00'})
            self.env['customer.meeting'].create({'event_id': meeting.id, 'partner_id': partner.id, 'day': '2026-03-02'})
            self.env['customer.reading'].create({
                'partner_id': partner.id, 'metric_id': metric.id, 'date': self.today, 'value': 2})
            self.env['customer.pulse'].create({'partner_id': partner.id, 'date': self.today, 'score': '3'})
            self.env['customer.influence'].create({'partner_id': partner.id, 'date': self.today, 'level': '3'})
            self.env['customer.value.history'].create({'partner_id': partner.id, 'month': '2026-03-01', 'band': 'none'})
            self._warn(partner, 'one', '2')
            self._health(partner, (9, 50))
            self._rhythm(partner, 3, 90, 9)
            self._sql_insert('customer_warning_watch', partner_id=partner.id, rule_id=rule.id, met_count=1, clear_count=0)
            self._strategy(partner, (kpi, 70))
            self.env['customer.care.budget'].create({
                'partner_id': partner.id, 'kind_id': care.id, 'amount': 100, 'reason': "Big", 'year': '2031'})
            self.env['customer.care.guest'].create({'event_id': event.id, 'partner_id': partner.id})
            self._sql_insert(
                'customer_greeting', partner_id=partner.id, customer_id=partner.id, kind_id=kind.id, year=2031, moment=0,
                date='2031-05-05', company_id=self.env.company.id, state='sent')
            adjustment.cohort_ids = [Command.link(partner.id)]
            self.env['customer.feedback.request'].create({
                'survey_id': survey.id, 'partner_id': partner.id, 'contact_id': partner.id, 'company_id': self.env.company.id,
                'date_planned': self.today})
            # a person holds it where the customer is one: the one who is kept, once
            self.env['customer.seat'].create({
                'partner_id': partner.id, 'role_id': role.id, 'person_id': partner.id if not partner.is_company else False})
            self.env['customer.loss'].create({'partner_id': partner.id, 'reason_id': reason.id})
            self.env['customer.duplicate'].create({
                'partner_id': partner.id, 'other_id': referrer.id, 'found_on': self.today, 'state': 'different'})
            self.env['customer.referral'].create({'referrer_id': referrer.id, 'partner_id': partner.id, 'program_id': program.id})
        self.env.flush_all()
        self.assertEqual(len(self._open(partners[0])), 2, "the open touchpoint and the welcome")
        self.assertTrue(self._open(partners[0], welcome).event_date)
        return {
            'customer_followup_open_recurring_uniq': ('customer.followup', [
                ('state', '=', 'planned'), ('step_id', '=', self.step.id)], 1),
            'customer_followup_event_uniq': ('customer.followup', [
                ('state', '!=', 'cancelled'), ('step_id', '=', welcome.id)], 1),
            'customer_contact_date_partner_uniq': ('customer.contact.date', [], 1),
            'customer_greeting_once_uniq': ('customer.greeting', [('kind_id', '=', kind.id)], count),
            'customer_care_budget_uniq': ('customer.care.budget', [], 1),
            'customer_care_guest_event_partner_uniq': ('customer.care.guest', [('event_id', '=', event.id)], 1),
            'customer_meeting_event_uniq': ('customer.meeting', [('event_id', '=', meeting.id)], 1),
            'customer_health_snapshot_current_uniq': ('customer.health.snapshot', [('date_end', '=', False)], 1),
            'customer_health_snapshot_day_uniq': ('customer.health.snapshot', [('date', '=', self._ago(9))], 1),
            'customer_pulse_day_uniq': ('customer.pulse', [], 1),
            'customer_influence_day_uniq': ('customer.influence', [], 1),
            'customer_value_partner_uniq': ('customer.value', [], 1),
            'customer_value_history_month_uniq': ('customer.value.history', [('month', '=', '2026-03-01')], 1),
            'customer_reading_reading_uniq': ('customer.reading', [], 1),
            'customer_warning_open_uniq': ('customer.warning', [('signal', '=', 'one')], count),
            'customer_warning_watch_rule_uniq': ('customer.warning.watch', [('rule_id', '=', rule.id)], 1),
            'customer_rhythm_partner_uniq': ('customer.rhythm', [], 0),  # nobody really bought
            'customer_strategy_active_uniq': ('customer.strategy', [], count),
            'customer_strategy_cohort_pkey': None,
            'customer_report_subscription_partner_rel_pkey': None,
            'customer_duplicate_pair_uniq': None,  # found anew
            'customer_potential_partner_uniq': None,  # computed anew
            'customer_path_customer_uniq': None,  # as above
            'customer_loss_open_uniq': ('customer.loss', [('state', '=', 'lost')], 1),
            'customer_referral_pair_uniq': ('customer.referral', [('state', '!=', 'refused')], 1),
            'customer_offer_item_uniq': ('customer.offer', [('state', '=', 'refused')], 1),
            'customer_onboarding_running_uniq': ('customer.onboarding', [('state', '=', 'running')], 1),
            'customer_seat_holder_uniq': ('customer.seat', [], count),
            'customer_feedback_request_waiting_uniq': ('customer.feedback.request', [('state', '=', 'waiting')], 1),
        }

    def _adjustment(self):
        strategy = self._strategy(self._customer("Elsewhere"), (self._kpi("Other"), 10))
        return self.env['customer.strategy.adjustment'].create({
            'strategy_id': strategy.id, 'reason_id': self.env['customer.adjustment.reason'].search([], limit=1).id,
            'reason': "x"})

    def _check_joined(self, target, expected):
        self.env.flush_all()
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.env.invalidate_all()
        for name, looked_at in expected.items():
            if looked_at:
                model, domain, count = looked_at
                rows = self.env[model].with_context(active_test=False).search(domain + [('partner_id', '=', target.id)])
                self.assertEqual(len(rows), count, name)
        self.assertEqual(self.env['customer.reading'].search([('partner_id', '=', target.id)]).mapped('value'), [4])

    def test_plt_2_merging_what_collides(self):
        """PLT-2, K8: whatever is unique for a customer and stands at both, merging goes through and loses nothing; every
        unique index that a partner is a part of is looked at."""
        kept, gone = (self._customer(name, customer_cadence_id=self.cadence.id) for name in ("Kept", "Gone"))
        expected = self._collisions(kept + gone)
        self.assertEqual(self._unique_indexes(), set(expected))
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((kept + gone).ids, kept)
        self.assertFalse(gone.exists())
        self._check_joined(kept, expected)

    def test_plt_2_moving_what_collides(self):
        """PRO-1, K2: the same when the customer becomes a contact of the other one: what is the person's own stays there."""
        company = self._customer("Company", customer_cadence_id=self.cadence.id)
        person = self._customer("Person", is_company=False, customer_cadence_id=self.cadence.id)
        expected = self._collisions(company + person)
        person.parent_id = company
        for personal in ('customer_greeting_once_uniq', 'customer_care_guest_event_partner_uniq'):
            model, domain, __ = expected.pop(personal)
            rows = self.env[model].search(domain)
            self.assertEqual(rows.partner_id, company + person)
            self.assertEqual(rows.customer_id, company)
        # both people are asked, as people of the same customer
        requests = self.env['customer.feedback.request'].search(expected.pop('customer_feedback_request_waiting_uniq')[1])
        self.assertEqual((requests.contact_id, requests.partner_id), (company + person, company))
        self._check_joined(company, expected)
        self.assertFalse(person.customer_managed)
        self.assertFalse(self.env['customer.carry']._with_business(person))

    def test_plt_2_three_into_a_contact(self):
        """PLT-2, K8: three contacts merged into a contact of a company: their business is that of the company."""
        company = self._customer("Company", customer_cadence_id=self.cadence.id)
        contact = self.env['res.partner'].create({'name': "Wang", 'parent_id': company.id})
        gone = self._customer("Wang", is_company=False, customer_cadence_id=self.cadence.id)
        other = self._customer("Wang too", is_company=False, customer_cadence_id=self.cadence.id)
        expected = self._collisions(company + gone + other)
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((contact + gone + other).ids, contact)
        self.assertFalse((gone + other).exists())
        for personal in ('customer_greeting_once_uniq', 'customer_care_guest_event_partner_uniq'):
            model, domain, __ = expected.pop(personal)
            rows = self.env[model].search(domain)
            self.assertEqual(rows.partner_id, company + contact)
            self.assertEqual(rows.customer_id, company)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.env['customer.reading'].search([('partner_id', '=', company.id)]).value, 6)
        self.assertEqual(len(self._open(company, self.step)), 1)
        self.assertFalse(self._open(contact))
