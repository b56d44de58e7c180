"""The rule that the addon logs no warning: what is in a log, less what a plain Odoo prints on this environment too."""

import re

LINE = re.compile(
    r'^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>\S+): (?P<message>.*)$'
)
LOUD = ('WARNING', 'ERROR', 'CRITICAL')
# (logger, beginning of the message) that Odoo itself prints here, without any addon
NOISE = (
    ('odoo.sql_db', "bad query: b'CREATE EXTENSION IF NOT EXISTS pg_trgm'"),
    ('odoo.service.db', 'Unable to create PostgreSQL extensions : extension "pg_trgm" is not available'),
)


def loud_lines(lines):
    """The lines of a log from WARNING upwards that are not known noise, each with what follows it (a traceback)."""
    found, follows = [], False
    for line in lines:
        parsed = LINE.match(line)
        if parsed:
            follows = parsed['level'] in LOUD and not is_noise(parsed['logger'], parsed['message'])
            if follows:
                found.append(line.rstrip())
        elif follows and line.strip():
            found[-1] += f'\n    {line.rstrip()}'
    return found


def is_noise(logger, message):
    """Whether a line is one that a plain Odoo prints too."""
    return any(logger == known and message.startswith(start) for known, start in NOISE)
