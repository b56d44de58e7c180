import base64
from typing import NamedTuple

from odoo import Command, api, models
from odoo.tools import SQL, file_open

#: What stands before the names of what this makes, in the external ids.
MARK = 'customer_pivots_'


class Page(NamedTuple):
    """A page of pivots.

    :param label: function of an environment that returns its title in the language of it
    :param sequence: where it stands
    """

    label: object
    sequence: int


class CustomerPivotPage(models.AbstractModel):
    """The pages beside the dashboard for who wants pivots, in Odoo's own app *Dashboards* (REP-2).

    The addon doesn't need that app: where it is there, the pages are made, whichever of the two came first, and where it is taken
    away they go with it. Each has one sheet with two pivots and two charts: a page with sheets to click on is left before its
    figures are there, and one with many pivots is slow. Everything is read with the rights of whoever looks.
    """

    _name = 'customer.pivot.page'
    _description = "Pages of Pivots"

    @api.model
    def _pages(self):
        """Return the pages, by the name of their file in ``data/reporting/pivots``.

        :rtype: dict[str, Page]
        """
        return {
            'value': Page(lambda env: env._("Value and Tiers"), 10),
            'health': Page(lambda env: env._("Health and Losses"), 20),
            'service': Page(lambda env: env._("Contacts and Cases"), 30),
        }

    @api.model
    def _is_there(self):
        """Return whether Odoo's app for such pages is installed."""
        return 'spreadsheet.dashboard' in self.env

    @api.model
    def _keep(self):
        """Make the pages, or bring them up to date, where the app is there; forget them where it is not any more.

        :return: ids of the pages, in their order
        """
        keeper = self.sudo()  # what the addon brings along is for nobody to make
        if not self._is_there():
            keeper.env['ir.model.data'].search([('module', '=', 'customer_success'), ('name', '=like', f'{MARK}%')]).unlink()
            return []
        # two people may open them at the same time
        self.env.execute_query(SQL("SELECT pg_advisory_xact_lock(hashtext(%s))", 'customer_success.pivots'))
        group = keeper._keep_one('spreadsheet.dashboard.group', 'group', lambda env: env._("Customer Success"), {'sequence': 110})
        return [keeper._keep_page(name, page, group).id for name, page in self._pages().items()]

    @api.model
    def _keep_page(self, name, page, group):
        with file_open(f'customer_success/data/reporting/pivots/{name}_dashboard.json', 'rb') as stream:
            content = base64.b64encode(stream.read())
        record = self._keep_one('spreadsheet.dashboard', name, page.label, {
            'dashboard_group_id': group.id, 'sequence': page.sequence, 'is_published': True,
            'group_ids': [Command.set(self.env.ref('customer_success.group_customer_success_leader').ids)]})
        if record.with_context(bin_size=False).spreadsheet_binary_data != content:
            record.spreadsheet_binary_data = content
        return record

    @api.model
    def _keep_one(self, model, name, label, values):
        """Return a record of the app that the addon keeps, with its name in each language in use; what somebody changed of it
        since it was made stays so.

        :param str name: in its external id
        :param label: function of an environment
        :param dict values: of a new one
        """
        xml_id = f'customer_success.{MARK}{name}'
        if record := self.env.ref(xml_id, raise_if_not_found=False):
            return record
        record = self.env[model].create({'name': label(self.with_context(lang='en_US').env), **values})
        for lang, __ in self.env['res.lang'].get_installed():
            record.with_context(lang=lang).name = label(self.with_context(lang=lang).env)
        self.env['ir.model.data']._update_xmlids([{'xml_id': xml_id, 'record': record, 'noupdate': True}])
        return record

    @api.autovacuum
    def _gc_pages(self):
        """Make or forget the pages as the app comes and goes.

        :return: how many there are, and that nothing is left to do
        """
        return len(self._keep()), False
