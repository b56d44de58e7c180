import re

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import hanzi, names

#: What two contacts are compared by.
KINDS = ('email', 'phone', 'vat', 'name')

#: What they are only looked for by, as a sheet does: two people of one name are common.
PERSON = 'person'

#: A tax number of so few signs is none: people type "/" where there is none.
SHORTEST_VAT = 5

#: A change of one of these is another comparison.
COMPARED_FIELDS = {'name', 'email', 'phone', 'vat', 'country_id', 'is_company', 'parent_id', 'active', 'company_id'}


class CustomerDuplicateKey(models.Model):
    """What a contact is compared by: email and phone as Odoo normalises them, the tax number, the name of a company without
    its legal form and in either way of writing Chinese (PRO-6); and the name of a person who belongs to no company, by which
    sheets find one (REP-5).

    It stands beside the contacts, so that a database with many is not written anew. Each contact that was looked at has one
    row of the kind *name*, an empty one where there is none; who has none yet is looked at by night.
    """

    _name = 'customer.duplicate.key'
    _description = "What Contacts Are Compared By"
    _log_access = False
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Contact", required=True, readonly=True, index=True, ondelete='cascade')
    kind = fields.Selection(
        selection=[('email', "Email"), ('phone', "Phone"), ('vat', "Tax ID"), ('name', "Name of the company"),
                   (PERSON, "Name of the person")],
        required=True, readonly=True)
    value = fields.Char(string="Compared Text", readonly=True)

    _value_idx = models.Index("(kind, value) WHERE value IS NOT NULL")

    @api.model
    def _keys_of(self, partner):
        """Return what a contact is compared by, by kind; also of one that is not saved yet.

        :rtype: dict[str, str]
        """
        if not partner.active:
            return {}
        found = {'email': partner.email_normalized, 'phone': partner.phone_sanitized}
        vat = re.sub(r'[^0-9A-Z]', '', (partner.vat or '').upper())
        if len(vat) >= SHORTEST_VAT:
            found['vat'] = vat
        if partner.is_company and partner.name:
            found['name'] = self._name_key(partner.name)
        return {kind: value for kind, value in found.items() if value}

    @api.model
    def _name_key(self, name):
        """Return what a name is looked for by, '' where it has no letters.

        :param str name: of a company or a person
        :rtype: str
        """
        return hanzi.simplified(names.key(name, self.env['customer.legal.form']._forms()))

    @api.model
    def _remember(self, partners):
        """Keep what these contacts are compared by; two statements for all of them.

        :param partners: res.partner that are saved, with the right to read them
        """
        rows = []
        for partner in partners:
            keys = self._keys_of(partner)
            rows += [(partner.id, kind, keys.get(kind)) for kind in KINDS if kind == 'name' or kind in keys]
            if partner.active and not partner.is_company and not partner.parent_id and partner.name:
                rows.append((partner.id, PERSON, self._name_key(partner.name)))
        self.env.cr.execute(SQL("DELETE FROM customer_duplicate_key WHERE partner_id = ANY(%s)", partners.ids))
        if rows:
            ids, kinds, values = (list(column) for column in zip(*rows, strict=True))
            self.env.cr.execute(SQL(
                "INSERT INTO customer_duplicate_key (partner_id, kind, value) SELECT * FROM unnest(%s, %s, %s::varchar[])",
                ids, kinds, values))
            # they are joined next, by all three
            self.env['customer.statistics']._keep_columns(len(rows), self._table, 'partner_id', 'kind', 'value')
        self.invalidate_model()

    @api.model
    def _forget_names(self):
        """Have the names looked at anew by night."""
        self.env.cr.execute(SQL("DELETE FROM customer_duplicate_key WHERE kind IN ('name', %s)", PERSON))
        self.invalidate_model()

    @api.model
    def _unknown(self, limit):
        """Return contacts that were not looked at yet.

        :param int limit: how many at most
        """
        rows = self.env.execute_query(SQL("SELECT p.id FROM %s ORDER BY p.id LIMIT %s", self._unknown_sql(), limit))
        return self.env['res.partner'].browse(partner_id for partner_id, in rows)

    @api.model
    def _count_unknown(self):
        """Return how many contacts were not looked at yet."""
        return self.env.execute_query(SQL("SELECT count(*) FROM %s", self._unknown_sql()))[0][0]

    @api.model
    def _unknown_sql(self):
        return SQL(
            """res_partner p WHERE p.active AND NOT EXISTS (
                      SELECT 1 FROM customer_duplicate_key k WHERE k.partner_id = p.id AND k.kind = 'name')""")
