"""A dashboard, and figures to stand on it."""
import json
from datetime import datetime, timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.service.model import call_kw
from odoo.tools import json_default

from ..health.common import HealthFigures

#: What is looked at: nothing chosen, and a short time.
YEAR, QUARTER = {}, {'months': 3}


class DashboardCase(HealthFigures):
    """Anna and Ben (Lena's team) and Otto (Li's) have customers; so has Zoe in another company. Of each something was planned,
    said, complained of and warned of, in this month and in months gone by."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['ir.config_parameter'].set_param('customer_success.feedback_minimum', '2')
        cls.first = cls.today.replace(day=1)
        cls.rule = cls.env['customer.warning.rule'].search([], limit=1)
        cls.of_anna = cls._known("Harbour Crane", cls.anna, cls.tier_high, 9000)
        cls.of_ben = cls._known("Canal Boats", cls.ben, cls.tier_low, 800)
        cls.of_otto = cls._known("Mountain Rail", cls.otto, cls.tier_high, 4000)
        cls.of_zoe = cls._known("Second Shop", cls.zoe, cls.tier_mid, 500, company_id=cls.company_2.id)
        for number, customer in enumerate((cls.of_anna, cls.of_ben, cls.of_otto, cls.of_zoe)):
            cls._live(customer, number)
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _known(cls, name, user, tier, revenue, **vals):
        """Return a customer of a tier that bought for so much."""
        customer = cls._customer(name, user_id=user.id, **vals)
        customer.sudo().write({'customer_tier_id': tier.id, 'customer_revenue': revenue})
        return customer

    @classmethod
    def _live(cls, customer, number):
        """Let something have happened with a customer; with each something else."""
        company = customer.company_id or cls.env.company
        cls._health(customer, (200, 80), (70, 60 - number * 10), (5, None if number == 1 else 90 - number * 20))
        for back in (1, 20, 45, 100 + number):
            cls._touch(customer, company, cls._ago(back), cls._ago(back - number) if back % 2 == 0 or number else None)
        for back, score in ((2, 10 - number), (40, 9), (80, 3), (500, 1)):
            cls.env['customer.feedback'].create({
                'partner_id': customer.id, 'kind': 'nps', 'score': score, 'source': 'phone', 'given_at': cls._noon(back)})
        cls.env['customer.feedback'].create({
            'partner_id': customer.id, 'kind': 'csat', 'score': 4, 'source': 'phone', 'given_at': cls._noon(4)})
        case = cls.env['customer.case'].with_company(company).create({
            'partner_id': customer.id, 'name': "Broken", 'company_id': company.id, 'user_id': customer.user_id.id})
        clocks = case.clock_ids.sudo()
        clocks[0].write({'state': 'failed' if number == 2 else 'met', 'ended_at': cls._noon(50)})
        clocks[1:].write({'state': 'met', 'ended_at': cls._noon(1)})
        for back, state, outcome in ((3, 'open', False), (60, 'closed', 'dismissed'), (400, 'closed', 'solved')):
            cls._warn(customer, f'signal_{back}', '2', rule_id=cls.rule.id, date=cls._ago(back), state=state, outcome=outcome)
        cls.env['customer.strategy'].with_company(company).create({
            'partner_id': customer.id, 'company_id': company.id, 'user_id': customer.user_id.id, 'core_approach': "x",
            'date_start': cls._ago(20 + 100 * number), 'date_end': cls._ago(100 * number - 30)}).sudo().write({
                'state': 'done' if number else 'active',
                'effect_id': cls.env['customer.strategy.grade'].search([])[number % 3].id if number != 1 else False})
        cls.env['customer.care.expense'].with_company(company).create({
            'name': "Tea", 'partner_id': customer.id, 'amount': 10 * (number + 1), 'company_id': company.id, 'date': cls._ago(10),
            'kind_id': cls.env['customer.care.kind'].search([('is_gift', '=', False)], limit=1).id})

    @classmethod
    def _noon(cls, back):
        return datetime.combine(cls._ago(back), datetime.min.time()) + timedelta(hours=12)

    @classmethod
    def _touch(cls, customer, company, limit, done):
        """Note a follow-up whose last day was then, made on a day or not at all."""
        values = {
            'partner_id': customer.id, 'company_id': company.id, 'channel_id': cls.visit.id, 'step_id': cls.step.id,
            'cadence_id': cls.cadence.id, 'user_id': customer.user_id.id, 'date_planned': limit - timedelta(days=2),
            'date_limit': limit, 'event_date': limit}
        if done:
            values |= {'state': 'done', 'contact_day': done, 'contact_at': datetime.combine(done, datetime.min.time()),
                       'closed_at': fields.Datetime.now(), 'qualifies': True, 'outcome': 'satisfied'}
        return cls.env['customer.followup'].sudo().create(values)

    # ------------------------------------------------------------
    # LOOKING
    # ------------------------------------------------------------

    def _env_of(self, user, companies=None):
        companies = companies or user.company_ids
        return self.env(user=user, su=False, context={
            'lang': 'en_US', 'tz': 'UTC', 'allowed_company_ids': companies.ids})

    def _look(self, user, problems=0, companies=None, **filters):
        """Return a dashboard as a browser gets it, with its tiles by code."""
        env = self._env_of(user, companies)
        seen = json.loads(json.dumps(call_kw(env['customer.dashboard'], 'look', [], filters), default=json_default))
        self.assertEqual(len(seen['problems']), problems, seen['problems'])
        seen['by_code'] = {tile['code']: tile for tile in seen['tiles']}
        return seen

    def _records(self, user, tile, domain):
        """Return what a click opens."""
        self.env.invalidate_all()  # a request of its own
        model = self._env_of(user)[tile['model']].with_context(**tile['context'])
        return model.search(Domain([tuple(leaf) if isinstance(leaf, list) else leaf for leaf in domain]))

    def _figures(self, tile):
        """Return by label what a tile says in its lines."""
        return {row['label']: row['text'] for row in tile['rows']}

    def _since(self, months):
        """Return the first day of so many months, the running one included."""
        return fields.Date.subtract(self.first, months=months - 1)
