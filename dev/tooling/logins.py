"""The people of the demo data, as a table: how to log in, and what each of them is good for."""

from xml.etree import ElementTree

from .cache import CHECKOUT

#: What one sees as somebody with a role, by the last word of its group.
ROLES = {
    'user': ('Account manager', 'own customers: follow-ups, logging, greetings, a colleague\'s customer'),
    'leader': ('Team leader', 'the customers of the team, what is escalated, approvals, tiers by hand'),
    'manager': ('Manager', 'all customers, reports, configuration and settings'),
}

ADMIN = ('admin', 'admin', 'Administrator', 'everything, Odoo\'s own settings and users included')

#: Odoo's own demo user, who gets a role only.
ODOOS = {'base.user_demo': ('demo', 'demo', 'Marc Demo')}


def table(demo=True):
    """Return the logins as lines of a table.

    :param bool demo: the database has the demo data
    """
    rows = [('Login', 'Password', 'Who', 'Good for'), ADMIN, *(people() if demo else ())]
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
    lines = ['  '.join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows]
    return '\n'.join([lines[0], '  '.join('-' * width for width in [*widths, len(rows[0][-1])]), *lines[1:]])


def people():
    """Return a row for each user of the demo data."""
    records = ElementTree.parse(CHECKOUT / 'demo' / 'users_demo.xml').getroot()
    teams = {}
    for team in records.iterfind("record[@model='crm.team']"):
        for word in field(team, 'member_ids', 'eval').split("'")[1::2]:
            teams[word] = field(team, 'name')
    rows = []
    for user in records.iterfind("record[@model='res.users']"):
        login, password, name = ODOOS.get(user.get('id')) or (field(user, key) for key in ('login', 'password', 'name'))
        role, good_for = ROLES[next(
            role for role in ROLES if f'group_customer_success_{role}' in field(user, 'group_ids', 'eval'))]
        team = teams.get(user.get('id'))
        rows.append((login, password, f'{name}, {role}' + (f' ({team})' if team else ''), good_for))
    return rows


def field(record, name, attribute=None):
    """Return the text of a field of a record, or one of its attributes."""
    found = record.find(f"field[@name='{name}']")
    if found is None:
        return ''
    return found.get(attribute, '') if attribute else found.text or ''
