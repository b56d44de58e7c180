"""Opening contacts (list, kanban, form) as a Customer Success user, with the addon and without it; what a customer's form loads
besides; the log dialog."""

import gc
import re

from benchmarks._data import make_both, report_ratio, tidy
from lxml import etree

PAGE = 80
RUNS = 60


def run(context):
    sizes = context.sizes(customers=20000, orders=60000)
    users = make_both(context, sizes)
    tidy(context, 'res_partner', 'customer_followup', 'customer_tier_change')

    views = ('list', 'kanban', 'form')
    readers = {plain: Reader(context, plain, users[plain][0], views) for plain in (False, True)}
    gc.collect()
    gc.freeze()  # the collector has enough to do with what the requests leave behind
    for view in views:
        seconds = alternate(readers, view)
        report_ratio(
            context, f'open {view}', seconds[False], seconds[True], 'the same without the addon', customers=sizes.customers,
            records=1 if view == 'form' else PAGE, ours_fields=readers[False].count(view),
            theirs_fields=readers[True].count(view))
    ours = readers[False]
    compare(context, sizes, 'open a customer with all that loads', ours.read_all, lambda number: ours.read('form', number),
            'its own read')
    compare(context, sizes, 'open the tab Health', lambda number: ours.call(number, 'get_customer_health'),
            lambda number: ours.read('form', number), 'its own read')
    compare(context, sizes, 'open the tab Relationship', lambda number: ours.call(number, 'get_customer_relationship'),
            lambda number: ours.read('form', number), 'its own read')
    compare(context, sizes, 'open the log dialog', ours.open_log, ours.open_activity, "Odoo's activity dialog")


def compare(context, sizes, name, ours, theirs, comparator):
    """Do two things in turns in the same database, and report both."""
    seconds = ([], [])
    for number in range(RUNS + 10):
        for place in (0, 1) if number % 2 else (1, 0):
            clock = (ours, theirs)[place](number)
            if number >= 10:
                seconds[place].append(clock.seconds)
    report_ratio(context, name, *seconds, comparator, customers=sizes.customers)


def alternate(readers, view):
    """Read with and without the addon in turns; answers the seconds of both."""
    seconds = {False: [], True: []}
    for number in range(RUNS + 10):
        order = (False, True) if number % 2 else (True, False)
        for plain in order:
            clock = readers[plain].read(view, number)
            if number >= 10:  # the first rounds only warm up
                seconds[plain].append(clock.seconds)
    return seconds


class Reader:
    """Reads what the web client reads when a user opens contacts in one database."""

    def __init__(self, context, plain, user, views):
        self.context, self.plain, self.user = context, plain, user
        with self.environment() as env:
            action = env.ref('base.action_partner_form')
            chosen = {view.view_mode: view.view_id.id for view in action.sudo().view_ids}
            got = env['res.partner'].get_views([(chosen.get(view) or False, view) for view in views])
            self.specifications = {
                view: specification(etree.fromstring(got['views'][view]['arch']), 'res.partner', got['models'])
                for view in views}
            self.orders = {
                view: etree.fromstring(got['views'][view]['arch']).get('default_order') or '' for view in views}
            # the user's own customers first
            self.ids = env['res.partner'].search([('user_id', '=', user), ('is_company', '=', True)], limit=PAGE).ids
            assert len(self.ids) == PAGE

    def environment(self):
        return self.context.environment(plain=self.plain, user=self.user, lang='en_US', tz='UTC')

    def read(self, view, number):
        """One request: a new transaction with empty caches; answers how long it took."""
        with self.environment() as env:
            partners = env['res.partner']
            with self.context.clock() as clock:
                if view == 'form':
                    rows = partners.browse(self.ids[number % PAGE]).web_read(self.specifications[view])
                else:
                    rows = partners.web_search_read(
                        [('user_id', '=', self.user)], self.specifications[view], limit=PAGE, order=self.orders[view],
                        count_limit=10001)['records']
            assert len(rows) == (1 if view == 'form' else PAGE)
        return clock

    def read_all(self, number):
        """The form, and the call that fills the strip under the name."""
        with self.environment() as env:
            partner = env['res.partner'].browse(self.ids[number % PAGE])
            with self.context.clock() as clock:
                partner.web_read(self.specifications['form'])
        with self.environment() as env, self.context.clock() as second:
            env['res.partner'].browse(partner.id).get_customer_strip()
        clock.ended += second.seconds
        return clock

    def call(self, number, method):
        with self.environment() as env:
            partner = env['res.partner'].browse(self.ids[number % PAGE])
            with self.context.clock() as clock:
                getattr(partner, method)()
        return clock

    def open_log(self, number):
        """The button, and what its dialog proposes."""
        with self.environment() as env:
            partner = env['res.partner'].browse(self.ids[number % PAGE])
            with self.context.clock() as clock:
                action = partner.action_customer_log()
            return self.propose(env, action['res_model'], action.get('context') or {}, clock)

    def open_activity(self, number):
        with self.environment() as env:
            with self.context.clock() as clock:
                pass
            return self.propose(env, 'mail.activity', {
                'default_res_model': 'res.partner', 'default_res_id': self.ids[number % PAGE]}, clock)

    def propose(self, env, model, context, clock):
        """What a new form of a model asks for; its view is known to the client already."""
        model = env[model].with_context(context)
        if model._name not in self.specifications:
            got = model.get_views([(False, 'form')])
            self.specifications[model._name] = specification(
                etree.fromstring(got['views']['form']['arch']), model._name, got['models'])
        with self.context.clock() as second:
            model.onchange({}, [], self.specifications[model._name])
        clock.ended += second.seconds
        return clock

    def count(self, view):
        return len(self.specifications[view])


def on_demand(arch):
    """The hidden columns that a list of the addon reads once somebody chooses them: those that nothing else in it needs."""
    if arch.get('js_class') not in ('customer_list', 'customer_told_list') or arch.get('editable'):
        return set()
    words = {
        word for node in arch.iter(etree.Element) for name, value in node.items() if name not in ('name', 'string', 'optional')
        for word in re.findall(r'\w+', value)}
    shown = {node.get('name') for node in arch.iter('field') if node.get('optional') != 'hide'}
    return {node.get('name') for node in arch.iter('field')} - shown - words


def specification(arch, model, models):
    """What the web client asks for to show a view: its fields, and those of the lists and cards inside."""
    result, later = {}, on_demand(arch)
    for node in arch.xpath('.//field[not(ancestor::field) and not(ancestor::groupby)]'):
        field = models[model]['fields'].get(node.get('name'))
        if not field or field['name'] in later:
            continue
        asked = result.setdefault(node.get('name'), {})
        if field['type'] in ('many2one', 'reference'):
            # of what is never shown the client asks for the id alone
            asked.setdefault('fields', {}).update(
                {} if node.get('invisible') in ('1', 'True') else {'display_name': {}})
        elif field['type'] in ('one2many', 'many2many'):
            inside = [child for child in node if child.tag in ('list', 'kanban')]
            fields = specification(inside[0], field['relation'], models) if inside else {}
            if node.get('widget') == 'many2many_tags':
                fields = {'display_name': {}, **({'color': {}} if 'color_field' in node.get('options', '') else {})}
            asked.update(fields=fields, limit=int(inside[0].get('limit', 40)) if inside else 40)
    if arch.tag in ('list', 'kanban', 'form'):
        result.setdefault('display_name', {})
    return result
