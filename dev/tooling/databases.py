"""Databases: templates with the addon's dependencies installed, and quick copies of them (filestore included)."""

import os
import re
import shutil
import subprocess

from .cache import ADDON, CHECKOUT, CHECKOUT_KEY, FILESTORE, LOGS, digest, lock
from .console import UserError, progress
from .source import code_fingerprint, manifest

NAME = re.compile(r'^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$')


def own_name(purpose):
    """The name of this checkout's database for a purpose."""
    return f'cs_{CHECKOUT_KEY}_{purpose}'


class Databases:
    """The databases on one server, with the Odoo that works on them."""

    def __init__(self, server, odoo):
        self.server = server
        self.odoo = odoo

    def exists(self, name):
        return bool(self.server.query(f'SELECT 1 FROM pg_database WHERE datname = {literal(name)}'))

    def drop(self, name):
        """Remove a database and its filestore, whoever is connected."""
        if self.exists(name):
            self.server.query(f'ALTER DATABASE {quoted(name)} IS_TEMPLATE false')
            self.server.query(f'DROP DATABASE {quoted(name)} WITH (FORCE)')
        shutil.rmtree(FILESTORE / name, ignore_errors=True)

    def copy(self, source, target):
        """Copy a database; its filestore shares the files, which Odoo never changes in place."""
        self.drop(target)
        self.server.query(
            f'CREATE DATABASE {quoted(target)} TEMPLATE {quoted(source)} STRATEGY {self._strategy()}'
        )
        if (FILESTORE / source).is_dir():
            shutil.copytree(FILESTORE / source, FILESTORE / target, copy_function=_link, dirs_exist_ok=True)

    def _strategy(self):
        return 'FILE_COPY'

    def rename(self, old, new):
        self.drop(new)
        self.server.query(f'ALTER DATABASE {quoted(old)} RENAME TO {quoted(new)}')
        if (FILESTORE / old).is_dir():
            (FILESTORE / old).rename(FILESTORE / new)

    def template(self, demo, apps=()):
        """The template with the addon's dependencies, and other apps, made when it is missing; answers its name."""
        depends = sorted({*manifest()['depends'], *apps})
        name = f'tpl_{"demo" if demo else "plain"}_{digest(self.odoo.tree.build, *depends)}'
        if self.exists(name):
            return name
        with lock(name):
            if not self.exists(name):
                draft = f'{name}_draft'
                self.drop(draft)
                with progress(f'Installing {", ".join(depends)} {"with" if demo else "without"} demo data'):
                    options = ['-d', draft, '-i', ','.join(depends), '--stop-after-init']
                    self.odoo.run([*options, *(['--with-demo'] if demo else [])], LOGS / f'{name}.log')
                self.server.query(f'ALTER DATABASE {quoted(draft)} ALLOW_CONNECTIONS false')
                self.rename(draft, name)
        return name

    # the state of the addon in a database is a comment on it, so that it comes and goes with the database

    def installed_fingerprint(self, name):
        sql = f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = {literal(name)}"
        comment = self.server.query(sql)
        return comment[0][0].removeprefix(f'{ADDON} ') if comment else ''

    def remember_fingerprint(self, name, fingerprint):
        comment = literal(f'{ADDON} {fingerprint}' if fingerprint else '')
        self.server.query(f'COMMENT ON DATABASE {quoted(name)} IS {comment}')

    def ensure_addon(self, name, demo=True, fresh=False, apps=()):
        """A database with the addon as it is now: copied and installed, updated, or left alone when nothing changed.

        `apps` are other apps that a new one gets.
        """
        if not NAME.match(name):
            raise UserError(f'"{name}" cannot be the name of a database.')
        with lock(f'database-{name}'):
            fingerprint = code_fingerprint()
            known = self.exists(name) and not fresh
            if known and self.installed_fingerprint(name) == fingerprint:
                return 'unchanged'
            if not known:
                self.copy(self.template(demo, apps), name)
            installed = known and self.addon_is_installed(name)
            with progress(f'{"Updating" if installed else "Installing"} the addon in "{name}"'):
                self.remember_fingerprint(name, '')
                change = ['-u' if installed else '-i', ADDON]
                self.odoo.run(['-d', name, *change, '--stop-after-init'], LOGS / f'{name}-install.log')
                if not self.addon_is_installed(name):
                    log = LOGS / f'{name}-install.log'
                    raise UserError(f'The addon did not install from {CHECKOUT}; see {log}.')
                self.remember_fingerprint(name, fingerprint)
            return 'updated' if installed else 'installed'

    def addon_is_installed(self, name):
        sql = f"SELECT 1 FROM ir_module_module WHERE name = '{ADDON}' AND state IN ('installed', 'to upgrade')"
        return bool(self.server.query(sql, name))


def _link(source, target):
    try:
        os.link(source, target)
    except OSError:
        subprocess.run(['cp', '--reflink=auto', '-p', source, target], check=True)


def quoted(name):
    """A name as SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    """A text as SQL literal."""
    return "'" + text.replace("'", "''") + "'"
