"""Development tooling of the addon: everything `dev/run`, `dev/test`, `dev/bench` and `dev/odoo` need.

Only the standard library is imported here, because these commands run before anything is installed.
"""
