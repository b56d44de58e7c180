"""Everything that is missing gets set up here, in the order in which the parts need each other."""

from . import cache, system
from .databases import Databases
from .odoo_process import Odoo
from .odoo_tree import find_tree
from .postgres import ensure_postgres
from .python_env import ensure_python


def ensure_environment(browser=False):
    """Odoo, its Python, the database server (and the browser); answers the databases to work with."""
    cache.prepare()
    if browser:
        system.ensure_browser()
    tree = find_tree()
    python = ensure_python(tree)
    server = ensure_postgres(python)
    odoo = Odoo(python, tree, server)
    odoo.write_config()
    return Databases(server, odoo)
