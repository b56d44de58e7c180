"""The database gates: the addon installs, updates and uninstalls without a warning and without leaving anything."""

from .cache import ADDON, LOGS
from .databases import own_name
from .log_check import loud_lines
from .source import code_fingerprint

#: Apps of Odoo that the addon does not depend on, and works with where they are.
APPS = ('website_sale', 'mass_mailing', 'event')

#: Those that are taken away again; the first one comes with Odoo's sales app.
TAKEN = ('spreadsheet_dashboard', 'event')

#: What the first night finds after two of them were taken away.
NIGHT = b"""
assert 'spreadsheet.dashboard' not in env and not env['customer.pivot.page']._keep()
assert not env['ir.model.data'].search([('module', '=', 'customer_success'), ('name', '=like', 'customer_pivots_%')])
metric = env.ref('customer_success.customer_metric_odoo_event_attended')
before = metric.taken_on
assert before and metric.is_absent and 'any more' in metric.source_note, metric.source_note
env['customer.health.refresh']._cron_refresh()
metrics = env['customer.metric'].search([('source', '!=', False)])
assert not any(metrics.mapped('problem')), metrics.mapped('problem')
assert metric.taken_on == before and (metrics - metric).mapped('taken_on') == [before] * (len(metrics) - 1)
"""

SCHEMA = """
SELECT 'table or view ' || table_name FROM information_schema.tables WHERE table_schema = 'public'
UNION ALL
SELECT 'column ' || table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'constraint ' || conrelid::regclass || '.' || conname FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL
SELECT 'sequence ' || sequence_name FROM information_schema.sequences WHERE sequence_schema = 'public'
UNION ALL
SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
"""
LEFT_ROWS = f"""
SELECT 'external id of ' || model || ': ' || name FROM ir_model_data WHERE module = '{ADDON}'
UNION ALL
SELECT 'model ' || model FROM ir_model WHERE model IN (%(models)s)
UNION ALL
SELECT 'field ' || model || '.' || name FROM ir_model_fields WHERE model || '.' || name IN (%(fields)s)
UNION ALL
SELECT 'parameter ' || key FROM ir_config_parameter WHERE key LIKE '{ADDON}.%%'
UNION ALL
SELECT 'view ' || coalesce(key, name) FROM ir_ui_view WHERE key LIKE '{ADDON}.%%'
UNION ALL
SELECT 'scheduled action ' || c.cron_name FROM ir_cron c JOIN ir_act_server s ON s.id = c.ir_actions_server_id
    WHERE s.model_id IS NULL
"""
INSTALLED_MODELS = f"""
SELECT m.model FROM ir_model m JOIN ir_model_data d ON d.model = 'ir.model' AND d.res_id = m.id
GROUP BY m.model HAVING bool_and(d.module = '{ADDON}')
"""
INSTALLED_FIELDS = f"""
SELECT f.model || '.' || f.name FROM ir_model_fields f JOIN ir_model_data d
    ON d.model = 'ir.model.fields' AND d.res_id = f.id
GROUP BY f.model, f.name HAVING bool_and(d.module = '{ADDON}')
"""


class Lifecycle:
    """The life of the addon in this checkout's test databases."""

    def __init__(self, databases):
        self.databases = databases
        self.odoo = databases.odoo
        self.name = own_name('test')
        self.with_apps = own_name('test_apps')

    def _run(self, purpose, database, arguments, **options):
        """Run Odoo and answer what it logged from WARNING upwards."""
        log = LOGS / f'test-{purpose}.log'
        code = self.odoo.run(arguments(database), log, allow_errors=True, **options)
        problems = loud_lines(log.read_text(errors='replace').splitlines())
        if code:
            problems.append(f'Odoo ended with code {code}')
        if problems:
            problems.append(f'the whole log is {log}')
        return problems

    def _change(self, purpose, database, option):
        problems = self._run(purpose, database, lambda name: ['-d', name, option, ADDON, '--stop-after-init'])
        if not self.databases.addon_is_installed(database):
            problems.append('the addon is not installed afterwards')
        return problems

    def _install_anew(self, purpose, name, template):
        self.databases.copy(template, name)
        fingerprint = code_fingerprint()
        problems = self._change(purpose, name, '-i')
        if self.databases.addon_is_installed(name):
            self.databases.remember_fingerprint(name, fingerprint)
        return problems

    def install(self):
        """A fresh test database with demo data."""
        return self._install_anew('install', self.name, self.databases.template(demo=True))

    def update(self):
        """An update of what was just installed."""
        return self._change('update', self.name, '-u')

    def install_without_demo(self):
        """The way a real company starts."""
        name = own_name('test_plain')
        self.databases.copy(self.databases.template(demo=False), name)
        problems = self._change('install-without-demo', name, '-i')
        self.databases.drop(name)
        return problems

    def install_with_apps(self):
        """Where other apps are that the addon works with."""
        return self._install_anew(
            'install-with-apps', self.with_apps, self.databases.template(demo=False, apps=APPS))

    def take_app_away(self):
        """In a copy: other apps are uninstalled, and the night says so and goes on."""
        name = own_name('test_apps_gone')
        self.databases.copy(self.with_apps, name)
        problems = self._run('uninstall-app', name, lambda name: ['module', 'uninstall', '-d', name, *TAKEN])
        problems += self._run('night-without-app', name, lambda name: ['shell', '-d', name, '--no-http'], input=NIGHT)
        self.databases.drop(name)
        return problems

    def uninstall(self, name):
        """In a copy: nothing of the addon may be left in the schema or in Odoo's own tables."""
        pristine = own_name('test_before')
        self.databases.copy(self.databases.template(demo=True), pristine)
        before = self._rows(SCHEMA, pristine)
        self.databases.drop(pristine)
        models, fields = self._rows(INSTALLED_MODELS, name), self._rows(INSTALLED_FIELDS, name)
        problems = self._run('uninstall', name, lambda name: ['module', 'uninstall', '-d', name, ADDON])
        if self.databases.addon_is_installed(name):
            problems.append('the addon is still installed afterwards')
        problems += [f'left behind: {row}' for row in sorted(self._rows(SCHEMA, name) - before)]
        problems += [f'taken along: {row}' for row in sorted(before - self._rows(SCHEMA, name))]
        rows = LEFT_ROWS % {'models': _list(models), 'fields': _list(fields)}
        problems += [f'left behind: {row}' for row in sorted(self._rows(rows, name))]
        self.databases.drop(name)
        return problems

    def _rows(self, sql, database):
        return {row[0] for row in self.databases.server.query(sql, database)}


def _list(names):
    return ', '.join("'" + name.replace("'", "''") + "'" for name in sorted(names)) or 'NULL'
