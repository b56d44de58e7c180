import base64

from ..common import CustomerCase
from . import sheets


class ImportCase(CustomerCase):
    """Sheets on their way, of Lena, who leads the team of Anna."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.country_id = cls.env.ref('base.cn')
        cls.names = ["华信贸易有限公司", "Hansen GmbH", "Nordwind Logistik"]
        cls.huaxin, cls.hansen, cls.nordwind = cls.env['res.partner'].concat(*(cls._customer(name) for name in cls.names))
        cls.env.flush_all()

    def _import(self, data, kind='followups', user=None, name="sheet.xlsx", **vals):
        """Return a sheet that was read and previewed, with the likely answers."""
        record = self.env['customer.import'].with_user(user or self.lena).create({
            'kind': kind, 'file': base64.b64encode(data), 'name': name, **vals})
        record.action_read()
        record.action_ask()
        record.action_preview()
        return record

    def _table(self, *rows, **options):
        return self._import(sheets.table(rows), **options)

    def _contacts(self):
        return self.env['customer.followup'].search([('state', '=', 'done'), ('partner_id', 'in', (
            self.huaxin | self.hansen | self.nordwind).ids)], order='contact_day, id')

    def _reasons(self, record):
        return {row.number: row.column for row in record.bad_ids}
