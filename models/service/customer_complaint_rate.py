from odoo import api, fields, models
from odoo.tools import SQL

#: Complaints of so many days make the rate.
DAYS = 365


class CustomerComplaintRate(models.AbstractModel):
    """A class of customers that knows how much they complain (SRV-1, SEG-4)."""

    _name = 'customer.complaint.rate'
    _description = "Complaint Rate of a Class of Customers"

    complaint_rate = fields.Float(
        string="Complaints per 100 Customers", compute='_compute_complaint_rate', digits=(16, 1),
        help="Complaints that came in within the last 365 days, of 100 customers. Cases that were withdrawn don't count.")

    #: The column of a customer that says which class it is in.
    _customer_column = None

    @api.depends_context('tz')
    def _compute_complaint_rate(self):
        rates = self._complaint_rates()
        for record in self:
            record.complaint_rate = rates.get(record._origin.id, 0)

    def _complaint_rates(self):
        """Return the rates of these classes by id, of all customers, whoever asks: it is one figure for all users.

        :rtype: dict[int, float]
        """
        if not self._origin:
            return {}
        self.env['res.partner'].flush_model(['customer_managed', self._customer_column])
        self.env['customer.case'].flush_model(['partner_id', 'case_type', 'state', 'opened_at'])
        return dict(self.env.execute_query(SQL(
            """SELECT p.%(column)s, round(100.0 * COALESCE(sum(c.number), 0) / count(*), 1)::float8
                 FROM res_partner p
            LEFT JOIN (SELECT partner_id, count(*) AS number
                         FROM customer_case
                        WHERE case_type = 'complaint' AND state <> 'withdrawn' AND opened_at > %(since)s
                     GROUP BY partner_id) AS c ON c.partner_id = p.id
                WHERE p.customer_managed IS TRUE AND p.%(column)s = ANY(%(ids)s)
             GROUP BY p.%(column)s""",
            column=SQL.identifier(self._customer_column), ids=self._origin.ids,
            since=fields.Datetime.subtract(fields.Datetime.now(), days=DAYS))))
