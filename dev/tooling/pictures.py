"""Which pictures the guide and the store page show, and how each of them comes about."""

from typing import NamedTuple

#: Where the pictures are, by the checkout; each language has a folder of its own.
FOLDER = 'static/description/images'
LANGUAGES = {'en': 'en_US', 'zh': 'zh_CN'}

WIDE, PHONE = (1440, 900), (390, 844)


class Picture(NamedTuple):
    """A picture.

    :param name: of the file
    :param login: who looks, whose password is the same
    :param path: in Odoo; names in braces stand for the ids of records of the demo data
    :param wait: a selector of what has to be there
    :param records: the names in the path
    :param steps: JavaScript to run before, one after the other; ``find(selector, text)`` waits for an element, ``click``
        clicks it
    :param size: of the window
    """

    name: str
    login: str
    path: str
    wait: str
    records: tuple = ()
    steps: tuple = ()
    size: tuple = WIDE


def screen(action):
    """The path of a window action or screen of the addon."""
    return f'/odoo/action-customer_success.{action}'


def tab(name):
    """Open a tab of a form."""
    return f"await click('.o_notebook .nav-link[name={name}]')"


#: Bring the tabs of a form to the top.
SHOW_TAB = "(await find('.o_notebook')).scrollIntoView(); await sleep(300);"

CUSTOMER = screen('res_partner_action_customers') + '/{customer_qiming}'

PICTURES = [
    Picture('my_day', 'greta', screen('customer_day_action'), '.o_customer_day_line'),
    Picture('my_day_phone', 'greta', screen('customer_day_action'), '.o_customer_day_line', size=PHONE),
    Picture('customers', 'claire', screen('res_partner_action_customers'), '.o_kanban_record'),
    Picture('customer', 'claire', CUSTOMER, '.o_form_view', ('customer_qiming',), (tab('customer_success'),)),
    Picture('health', 'claire', CUSTOMER, '.o_form_view', ('customer_qiming',),
            (tab('customer_health'), SHOW_TAB)),
    Picture('followups', 'claire', screen('customer_followup_action'), '.o_list_view .o_data_row, .o_kanban_record'),
    Picture('warnings', 'claire', screen('customer_warning_action'), '.o_kanban_record, .o_data_row'),
    Picture('cases', 'claire', screen('customer_case_action'), '.o_kanban_record, .o_data_row'),
    Picture('strategies', 'claire', screen('customer_strategy_action'), '.o_kanban_record, .o_data_row'),
    Picture('occasions', 'claire', screen('customer_occasion_coming_action'), '.o_data_row, .o_kanban_record'),
    Picture('dashboard', 'claire', screen('customer_dashboard_action'), '.o_customer_dashboard_page'),
    Picture('usage_map', 'claire', screen('res_partner_action_customers') + '/{customer_huanan}', '.o_form_view',
            ('customer_huanan',),
            (tab('customer_health'), "(await find('.o_customer_usage')).scrollIntoView(); await sleep(300);")),
    Picture('presets', 'claire', screen('customer_preset_action'), '.o_kanban_record, .o_data_row'),
    Picture('settings', 'claire', screen('customer_success_settings_action'), '.o_setting_container, .app_settings_block'),
]
