"""Odoo's own files: an existing Odoo 19, or the package of the Debian project unpacked into the cache.

The package is not installed: a private apt configuration, made from the machine's own one, downloads it (signatures
are checked as always) and the files land in a prefix inside the cache.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .cache import LOGS, ROOT, built, digest, lock
from .console import UserError, progress
from .process import run_logged

SERIES = '19.0'
PACKAGE = 'odoo-19'
PYTHON_FOLDER = 'usr/lib/python3/dist-packages'
# the web client has relative links into these packages; the font's newer builds have other file names
COMPANIONS = (
    'libjs-jquery',
    'libjs-underscore',
    'libjs-jquery-form',
    'fonts-roboto-unhinted',
    'fonts-montserrat',
    'fonts-inconsolata',
    'fonts-ocr-b',
)
ICON_FONT = 'fonts-font-awesome'
ICON_FONT_SERIES = '4.7'
ICON_FONT_SUITE = 'bookworm'
# left out of the package, yet named in the page; an empty file keeps the console quiet
PLACEHOLDER = 'odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js'
KEYRINGS = ('/usr/share/keyrings/debian-archive-keyring.gpg', '/usr/share/keyrings/debian-archive-keyring.pgp')
HINT = 'set ODOO_HOME to the folder of an Odoo 19'


@dataclass(frozen=True)
class OdooTree:
    """An Odoo 19: where Python finds it, where more addons lie, and what to call this build."""

    python_path: Path
    build: str
    addons_paths: tuple = ()
    source_python: Path | None = None  # the Python that already has this Odoo


def find_tree():
    """The Odoo to work with: the one given by the environment, else the one in the cache (made when missing)."""
    home = os.environ.get('ODOO_HOME')
    if home:
        return _tree_at_home(Path(home).expanduser().absolute())
    chosen = os.environ.get('CUSTOMER_SUCCESS_PYTHON')
    return (chosen and _tree_of_python(chosen)) or _tree_in_cache()


def _series_of(python_path):
    release = python_path / 'odoo' / 'release.py'
    found = re.search(r'version_info\s*=\s*\(\s*(\S+?)\s*,\s*(\d+)', release.read_text()) if release.is_file() else None
    return found and f'{found[1].strip(chr(39) + chr(34)).split("~")[-1]}.{found[2]}'


def _tree_at_home(home):
    for python_path in (home, home / PYTHON_FOLDER, home.parent):
        series = _series_of(python_path)
        if series == SERIES:
            more = (python_path / 'addons',) if (python_path / 'addons').is_dir() else ()
            return OdooTree(python_path, f'{SERIES}-{digest(python_path)}', more)
        if series:
            raise UserError(f'ODOO_HOME is Odoo {series}; this addon needs Odoo {SERIES}.')
    raise UserError(f'There is no Odoo in ODOO_HOME ({home}): the folder "odoo" with "release.py" is missing.')


def _tree_of_python(python):
    code = 'import odoo.release as r, os; print(os.path.dirname(os.path.dirname(r.__file__)))'
    done = subprocess.run([python, '-c', code], capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    python_path = Path(done.stdout.strip())
    series = _series_of(python_path)
    if series != SERIES:
        raise UserError(f'The Odoo of {python} is {series}; this addon needs Odoo {SERIES}.')
    return OdooTree(python_path, f'{SERIES}-{digest(python_path)}', (), Path(python))


def _tree_in_cache():
    current = ROOT / 'odoo-current'
    with lock('odoo'):
        if not current.exists():
            _download(current)
    prefix = current.resolve()
    return OdooTree(prefix / PYTHON_FOLDER, prefix.name.removeprefix('odoo-'))


def _download(current):
    if not shutil.which('apt-get'):
        raise UserError(f'Without apt-get Odoo cannot be downloaded here: {HINT}.')
    with progress('Downloading Odoo (about 150 MB)'):
        apt = PrivateApt(ROOT / 'apt')
        apt.update()
        packages = apt.download()
        build = next(re.sub(rf'^{PACKAGE}_|_all\.deb$', '', p.name) for p in packages if p.name.startswith(PACKAGE))
        target = ROOT / f'odoo-{build.replace("%3a", "-")}'
        with built(target) as draft:
            for package in packages:
                run_logged(['dpkg-deb', '-x', str(package), str(draft)], LOGS / 'unpack.log')
            _complete(draft)
        draft = current.with_name('odoo-current.draft')
        draft.unlink(missing_ok=True)
        draft.symlink_to(target.name)
        draft.rename(current)
        shutil.rmtree(apt.folder, ignore_errors=True)


def _complete(prefix):
    placeholder = prefix / PYTHON_FOLDER / PLACEHOLDER
    if not placeholder.exists():
        placeholder.parent.mkdir(parents=True, exist_ok=True)
        placeholder.write_text('')
    if _series_of(prefix / PYTHON_FOLDER) != SERIES:
        raise UserError(f'The downloaded package is not Odoo {SERIES}: {HINT}.')


class PrivateApt:
    """apt with its own sources and folders, reaching the same archive as the machine's own apt."""

    def __init__(self, folder):
        self.folder = folder
        self.packages = folder / 'packages'
        shutil.rmtree(folder, ignore_errors=True)
        for name in ('sources', 'lists/partial', 'cache/archives/partial', 'packages'):
            (folder / name).mkdir(parents=True)
        if os.geteuid() == 0:
            folder.chmod(0o755)
        site = self._archive()
        keyring = next((path for path in KEYRINGS if os.path.exists(path)), None)
        if not keyring:
            raise UserError(f'The package "debian-archive-keyring" is missing: install it, or {HINT}.')
        (folder / 'sources' / 'odoo.sources').write_text(
            f'Types: deb\nURIs: {site}\nSuites: sid {ICON_FONT_SUITE}\nComponents: main\nSigned-By: {keyring}\n'
        )

    @staticmethod
    def _archive():
        command = ['apt-get', 'indextargets', '--format', '$(SITE) $(ORIGIN) $(CODENAME)', 'Created-By: Packages']
        listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
        targets = [line.split(' ') for line in listed]
        for site, origin, codename in (target for target in targets if len(target) == 3):
            if '-security' in codename or '-security' in site:
                continue
            if origin == 'Debian' or (origin.startswith('$(') or not origin) and site.rstrip('/').endswith('/debian'):
                return site
        raise UserError(f'The apt sources of this machine name no Debian archive: {HINT}.')

    def _options(self):
        folder = self.folder
        values = {
            'Dir::Etc::sourcelist': '/dev/null',
            'Dir::Etc::sourceparts': folder / 'sources',
            'Dir::Etc::preferences': '/dev/null',
            'Dir::Etc::preferencesparts': '/dev/null',
            'Dir::State::lists': folder / 'lists',
            'Dir::State::status': '/dev/null',
            'Dir::Cache': folder / 'cache',
            'APT::Sandbox::User': 'root',
            'APT::Update::Post-Invoke::': '',
            'Acquire::Languages': 'none',
            'Acquire::Retries': '3',
        }
        return [part for name, value in values.items() for part in ('-o', f'{name}={value}')]

    def update(self):
        """Fetch the (signed) lists of packages."""
        command = ['apt-get', *self._options(), '--error-on=any', 'update']
        run_logged(command, LOGS / 'odoo-lists.log')

    def download(self):
        """Fetch Odoo and the packages its web client links to; answers the files."""
        versions = [PACKAGE, *COMPANIONS, f'{ICON_FONT}={self._icon_font()}']
        run_logged(['apt-get', *self._options(), 'download', *versions], LOGS / 'odoo-download.log', cwd=self.packages)
        return sorted(self.packages.glob('*.deb'))

    def _icon_font(self):
        command = ['apt-cache', *self._options(), 'madison', ICON_FONT]
        listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        for line in listed.splitlines():
            version = line.split('|')[1].strip()
            if ICON_FONT_SERIES in version:
                return version
        raise UserError(f'The archive has no build {ICON_FONT_SERIES} of "{ICON_FONT}": {HINT}.')
