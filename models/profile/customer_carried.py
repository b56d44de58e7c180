from odoo import api, fields, models
from odoo.tools import SQL

from .customer_carry import BUSINESS


class CustomerCarried(models.Model):
    """What went along when a customer became a part of another one, so that it can come back (PRO-1).

    A company that is one of its own again takes back what it brought: the mark *company* went off and on, or the department
    became a company. A person who leaves does not take the business along; but a move that is set right within a day was a
    mistake, and leaves no trace. What came meanwhile stays where it was done.
    """

    _name = 'customer.carried'
    _description = "Business That Went Along"
    _order = 'id desc'
    _rec_name = 'source_id'

    source_id = fields.Many2one(
        comodel_name='res.partner', string="Brought By", required=True, readonly=True, index=True, ondelete='cascade')
    target_id = fields.Many2one(
        comodel_name='res.partner', string="Brought To", required=True, readonly=True, index=True, ondelete='cascade')
    moment = fields.Datetime(string="Brought On", required=True, readonly=True)
    was_company = fields.Boolean(
        readonly=True, help="It was a company: as one of its own again it takes back what it brought, whenever that is.")
    rows = fields.Json(string="Records Brought", readonly=True, help="Ids of what went along, by table and column.")
    documents = fields.Json(string="Documents Brought", readonly=True, help="Which documents went along.")
    given = fields.Json(
        string="Written There", readonly=True, help="What was written on the customer that goes on: before and after.")
    left = fields.Json(
        string="Written Here", readonly=True, help="What was written on the one that is a part of it: before and after.")

    @api.model
    def _keep(self, source, target, was_company, rows, documents, given, left):
        """Remember what went along.

        :param bool was_company: the source was a company until now
        :param rows: ids by table and column
        :param documents: what ``_carry_documents`` returned
        :param given: values before and after of the target, by field
        :param left: the same of the source
        """
        self.search([('source_id', '=', source.id)]).unlink()
        self.create({
            'source_id': source.id, 'target_id': target.id, 'moment': fields.Datetime.now(),
            'was_company': was_company,
            'rows': {place: ids for place, ids in rows.items() if ids},
            'documents': documents, 'given': self._to_json(target, given), 'left': self._to_json(source, left),
        })

    @api.model
    def _to_json(self, partner, changes):
        def plain(name, value):
            field = partner._fields[name]
            return fields.Date.to_string(value) if field.type == 'date' and value else field.convert_to_write(value, partner)

        return {name: [plain(name, value) for value in pair] for name, pair in changes.items()}

    @api.model
    def _take_back(self, partners):
        """Give back to partners that are customers of their own again what is still where it was brought.

        :param partners: partners that belonged to another customer until now
        """
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        kept = self.search([('source_id', 'in', partners.ids)]).filtered(
            lambda kept: kept.was_company or kept.moment >= yesterday)
        for line in kept:
            source, target = line.source_id, line.target_id
            line._bring_back()
            line.unlink()
            self.env['customer.carry']._settle(source + target)

    def _bring_back(self):
        self.ensure_one()
        carry, source, target = self.env['customer.carry'], self.source_id, self.target_id
        self.env.flush_all()
        for place, ids in (self.rows or {}).items():
            table, column = place.split('.')
            other = next((other for name, its, other in carry._columns(BUSINESS) if (name, its) == (table, column)), None)
            self.env.cr.execute(SQL(
                "UPDATE %s SET %s = %s WHERE %s = ANY(%s) AND %s = %s", SQL.identifier(table), SQL.identifier(column),
                source.id, SQL.identifier(other or 'id'), ids, SQL.identifier(column), target.id))
        self.env.invalidate_all()
        for partner, changes in ((target, self.given or {}), (source, self.left or {})):
            # what somebody changed meanwhile stays
            unchanged = {name: pair[0] for name, pair in changes.items()
                         if self._to_json(partner, {name: (partner[name], partner[name])})[name][1] == pair[1]}
            user_id = unchanged.pop('user_id', None)
            carry._write_values(partner, unchanged)
            if user_id is not None:
                partner.user_id = user_id
        carry._carry_documents(target.id, source.id, self.documents)
