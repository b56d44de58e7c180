"""The first screen of each menu, as a salesperson, a team leader and a manager, against Odoo's own pipeline.

The salesperson has 300 customers, the leader's team a fifth of all.

The dashboard is held to Odoo's own dashboard of sales: both add up the whole company.
"""

import json
import statistics

from benchmarks._data import make_customers, make_leads, make_users, tidy
from benchmarks.open import specification
from lxml import etree

from odoo import Command, fields
from odoo.fields import Domain
from odoo.tools import file_open
from odoo.tools.safe_eval import datetime, dateutil, safe_eval, time

OWN = 300
#: So many salespeople are in the team of the leader.
TEAM = 4
#: A screen that takes longer is not asked for again.
PATIENCE = 5
PAGE = 80

#: How the list of customers is sorted.
ORDERS = ('complete_name', 'customer_next_contact', 'customer_last_contact', 'customer_contact_state', 'customer_revenue',
          'customer_warning_level', 'customer_health_change')

#: All but some customers of the first salesperson go to the second.
FEW_CUSTOMERS = """
UPDATE res_partner SET user_id = %(second)s
 WHERE user_id = %(first)s AND id NOT IN (SELECT id FROM res_partner WHERE user_id = %(first)s AND is_company
                                           ORDER BY id LIMIT %(own)s)
"""

#: As if they had come over a month and not today: the open follow-ups on different days, the last contacts as well.
SPREAD = """
UPDATE customer_followup
   SET date_planned = date_planned - partner_id %% 29, date_limit = date_limit - partner_id %% 29
 WHERE state = 'planned'
"""
TALKS = """
INSERT INTO customer_followup (partner_id, company_id, channel_id, owner_id, user_id, state, outcome, qualifies, contact_at,
                               contact_day, closed_at, date_planned, date_limit, create_uid, create_date, write_uid, write_date)
SELECT p.id, u.company_id, %(channel)s, p.user_id, p.user_id, 'done', 'satisfied', TRUE, d.day + interval '10 hours',
       d.day, d.day + interval '11 hours', d.day, d.day, 1, d.day, 1, d.day
  FROM res_partner p JOIN res_users u ON u.id = p.user_id
 CROSS JOIN LATERAL (SELECT current_date - p.id %% 200 - 1 AS day) d
 WHERE p.customer_managed
"""
#: What Odoo's dashboard of sales adds up: a line for each order.
LINES = """
INSERT INTO sale_order_line (order_id, name, product_id, product_uom_id, product_uom_qty, price_unit, price_subtotal, price_total,
                             company_id, currency_id, order_partner_id, salesman_id, state, customer_lead, discount,
                             qty_delivered, qty_invoiced, qty_to_invoice, create_uid, create_date, write_uid, write_date)
SELECT o.id, 'Line', %(product)s, %(unit)s, 1, o.amount_untaxed, o.amount_untaxed, o.amount_total, o.company_id, o.currency_id,
       o.partner_id, o.user_id, o.state, 0, 0, 0, 0, 0, 1, o.create_date, 1, o.write_date
  FROM sale_order o
"""
SALES = 'spreadsheet_dashboard_sale/data/files/sales_dashboard.json'


def run(context):
    sizes = context.sizes(customers=200000, orders=600000)
    context.say("Making customers, orders and opportunities …")
    users = make_users(context)
    make_customers(context, users, 1, sizes.customers, sizes.orders)
    context.sql(FEW_CUSTOMERS, {'first': users[0], 'second': users[1], 'own': OWN})
    make_leads(context, users, max(sizes.customers // 10, 100))
    with context.environment() as env:
        env['customer.ranking']._refresh_all()
        manager = make_colleague(env, 'manager', 'manager', 'manager')
        leader = make_colleague(env, 'leader', 'leader', 'salesman_all_leads')
        team = env['crm.team'].create({'name': "Bench", 'user_id': leader})
        env['res.users'].browse(users[:TEAM]).customer_team_id = team
    context.say("Planning and scoring …")
    with context.environment() as env:
        env['customer.planner']._work_queue()
    with context.environment() as env:
        env['customer.health.refresh']._refresh()
    with context.environment() as env:
        channel = env.ref('customer_success.customer_channel_call').id
    context.sql(SPREAD, {})
    context.sql(TALKS, {'channel': channel})
    make_lines(context)
    tidy(context, 'res_partner', 'customer_followup', 'customer_contact_date', 'customer_health_snapshot',
         'customer_tier_change', 'crm_lead', 'sale_order_line')
    size = {'customers': sizes.customers, 'orders': sizes.orders}
    for role, user in (('salesperson', users[0]), ('leader', leader), ('manager', manager)):
        screens(context, role, user, size)


def make_colleague(env, name, role, sales_role):
    """Make somebody with a role in the addon and one in Odoo's sales; answers the id."""
    return env['res.users'].with_context(no_reset_password=True).create({
        'name': name.title(), 'login': f'bench{name}', 'group_ids': [Command.set([
            env.ref(f'customer_success.group_customer_success_{role}').id, env.ref(f'sales_team.group_sale_{sales_role}').id])],
    }).id


def make_lines(context):
    """Let each order have a line."""
    with context.environment() as env:
        product = env['product.product'].create({'name': "Sold"})
        chosen = {'product': product.id, 'unit': product.uom_id.id}
    context.sql(LINES, chosen)


def screens(context, role, user, size):
    """Report what the first screen of each menu costs somebody, the dearest first."""
    with context.environment(user=user, lang='en_US', tz='UTC') as env:
        pipeline = env.ref('crm.crm_lead_action_pipeline')
        # a manager opens that of everybody, as the list of customers; of a leader's own there is none
        pipeline = Screen(env, pipeline) if role == 'salesperson' else Screen(env, pipeline, 'kanban', everybody=True)
        ours = [Day(), *(Screen(env, action) for action in menu_actions(env))]
        customers = env.ref('customer_success.res_partner_action_customers')
        ours += [Screen(env, customers, 'list', everybody, order) for everybody in (False, True) for order in ORDERS]
    yardstick = statistics.median(pipeline.timed(context, user) for __ in range(5))
    figures = []
    for screen in ours:
        first = screen.timed(context, user)
        figures.append((min(first, screen.timed(context, user)) if first < PATIENCE else first, screen))
    if not any(screen.rows for screen in ours if 'mine' in screen.name) and role == 'salesperson':
        raise ValueError("The salesperson has no customers: nothing was measured")
    for seconds, screen in sorted(figures, key=lambda figure: -figure[0]):
        context.report(
            f'{role}: {screen.name}', seconds, 's', "Odoo's CRM pipeline", seconds / yardstick, view=screen.mode,
            rows=screen.rows, theirs=round(yardstick, 4), **size)
    if role == 'manager':
        ours, theirs = (min(one.timed(context, user) for __ in range(3)) for one in (Dashboard(), SalesDashboard()))
        context.report(
            f'{role}: {Dashboard.name}', ours, 's', "Odoo's dashboard of sales", ours / theirs, theirs=round(theirs, 4), **size)


def menu_actions(env):
    """The window actions that somebody reaches by the menus of the addon."""
    menus = env['ir.ui.menu'].browse(env['ir.ui.menu']._visible_menu_ids())
    root = env.ref('customer_success.customer_success_menu_root')
    ours = menus.search([('id', 'child_of', root.id), ('id', 'in', menus.ids)])
    actions = [menu.action for menu in ours if menu.action and menu.action._name == 'ir.actions.act_window']
    return [action for action in dict.fromkeys(actions) if action.res_model in env and not env[action.res_model]._transient]


class Day:
    """The first screen of the application, which one call fills."""

    name, mode, rows = "My Day", 'client', 0

    def timed(self, context, user):
        """Open it once, in a transaction with empty caches; answers the seconds."""
        with context.environment(user=user, lang='en_US', tz='UTC') as env:
            with context.clock() as clock:
                seen = env['customer.day'].look()
            self.rows = sum(len(section['lines']) for section in seen['sections'])
        return clock.seconds


class Dashboard:
    """How the customers do, for who leads; one call fills it."""

    name, mode, rows = "Dashboard", 'client', 0

    def timed(self, context, user):
        """Open it once, in a transaction with empty caches; answers the seconds."""
        with context.environment(user=user, lang='en_US', tz='UTC') as env:
            with context.clock() as clock:
                seen = env['customer.dashboard'].look()
            self.rows = sum(len(tile['rows']) + len(tile['columns']) for tile in seen['tiles'])
        if seen['problems']:
            raise ValueError(seen['problems'])
        return clock.seconds


class SalesDashboard:
    """Odoo's own dashboard of sales: what its sheet asks for when it opens."""

    def timed(self, context, user):
        """Open it once, in a transaction with empty caches; answers the seconds."""
        with file_open(SALES) as file:
            sheet = json.load(file)
        with context.environment(user=user, lang='en_US', tz='UTC') as env:
            recent = Domain('date', '>=', 'today -90d')  # the period it opens with
            asked = [
                (pivot['model'], pivot['domain'], [row['fieldName'] for row in pivot['rows']],
                 [measure['fieldName'] for measure in pivot['measures']]) for pivot in sheet['pivots'].values()]
            asked += [
                (chart['metaData']['resModel'], chart['searchParams']['domain'], chart['metaData']['groupBy'],
                 [chart['metaData']['measure']])
                for figures in sheet['sheets'] for figure in figures['figures'] if 'metaData' in (chart := figure['data'])]
            with context.clock() as clock:
                for model, domain, groups, measures in asked:
                    fields_of = env[model]._fields
                    env[model].formatted_read_group(Domain(domain) & recent, groups, ['__count', *(
                        f'{name}:{fields_of[name].aggregator or "count"}' for name in measures)])
        return clock.seconds


class Screen:
    """What the web client asks for to open the first view of an action."""

    def __init__(self, env, action, mode=None, everybody=False, order=None):
        values = action.sudo(False)._get_action_dict() if action.env.su else action._get_action_dict()
        self.name, self.model, self.rows = action.name, action.res_model, 0
        today = fields.Date.context_today(env.user)
        known = {
            'uid': env.uid, 'time': time, 'datetime': datetime, 'relativedelta': dateutil.relativedelta.relativedelta,
            'active_id': False, 'active_ids': [], 'allowed_company_ids': env.companies.ids, 'current_date': str(today),
            'context_today': lambda: today}
        self.context = safe_eval(values.get('context') or '{}', known)
        self.mode = mode or action.view_mode.split(',')[0]
        if mode:
            self.name = f'{self.name}, {"all" if everybody else "mine"}, by {order}'
            self.context = {'search_default_mine': not everybody}
        chosen = dict((mode, view_id) for view_id, mode in action.views)
        got = env[self.model].with_context(**self.context).get_views(
            [(chosen.get(self.mode) or False, self.mode), (action.search_view_id.id or False, 'search')])
        arch = etree.fromstring(got['views'][self.mode]['arch'])
        search = etree.fromstring(got['views']['search']['arch'])
        self.specification = specification(arch, self.model, got['models'])
        self.order = order or arch.get('default_order') or ''
        self.limit = int(arch.get('limit') or PAGE)
        self.domain = Domain(safe_eval(values.get('domain') or '[]', known))
        self.groupby = [arch.get('default_group_by')] if arch.get('default_group_by') else []
        self._add_filters(search, known)
        if self.mode in ('pivot', 'graph'):
            self.groupby = [
                f'{node.get("name")}:{node.get("interval", "month")}'
                if env[self.model]._fields[node.get('name')].type in ('date', 'datetime') else node.get('name')
                for node in arch.iter('field') if node.get('type') != 'measure'][:2]

    def _add_filters(self, search, known):
        """Take over the filters and groups that the screen opens with."""
        by_group = {}
        for key, value in self.context.items():
            if not key.startswith('search_default_') or not value:
                continue
            for node in search.xpath(f".//filter[@name='{key[15:]}']"):
                # those between two separators are alternatives, the others hold together
                place = node.getparent(), len(node.xpath("preceding-sibling::separator"))
                if node.get('domain'):
                    by_group.setdefault(place, []).append(Domain(safe_eval(node.get('domain'), known)))
                if node.get('date'):
                    by_group.setdefault(place, []).extend(self._months(node, known['context_today']()))
                group = safe_eval(node.get('context') or '{}', known).get('group_by')
                self.groupby += [group] if isinstance(group, str) else group or []
        for domains in by_group.values():
            self.domain &= Domain.OR(domains)

    @staticmethod
    def _months(node, today):
        """Return the domains of the periods with which a filter by date opens, those that are months."""
        periods = [period for period in node.get('default_period', 'month').split(',') if period.startswith('month')]
        first = [today.replace(day=1) + dateutil.relativedelta.relativedelta(months=int(period[5:] or 0)) for period in periods]
        return [Domain(node.get('date'), '>=', str(day)) & Domain(
            node.get('date'), '<', str(day + dateutil.relativedelta.relativedelta(months=1))) for day in first]

    def timed(self, context, user):
        """Open it once, in a transaction with empty caches; answers the seconds."""
        with context.environment(user=user, lang='en_US', tz='UTC', **self.context) as env:
            model = env[self.model]
            with context.clock() as clock:
                self.rows = self._read(model)
        return clock.seconds

    def _read(self, model):
        domain = list(self.domain)
        if self.mode in ('pivot', 'graph'):
            return len(model.formatted_read_group(domain, self.groupby, ['__count']))
        if self.groupby:
            groups = model.web_read_group(
                domain, self.groupby[:1], ['__count'], limit=PAGE, order=self.order, auto_unfold=self.mode == 'kanban',
                unfold_read_specification=self.specification, unfold_read_default_limit=self.limit)
            return len(groups['groups'])
        return len(model.web_search_read(
            domain, self.specification, limit=self.limit, order=self.order, count_limit=10001)['records'])
