from odoo import api, fields, models
from odoo.tools import SQL

#: Open clocks that are planned anew at once when a rule changes; more are done by the scheduled action.
AT_ONCE = 200


class CustomerCaseReplanner(models.AbstractModel):
    """Has deadlines planned anew, because a rule has changed, or what decides which rule holds (SRV-1).

    One statement finds the clocks that are concerned, whatever has changed and of however many customers.
    """

    _name = 'customer.case.replanner'
    _description = "Replanner of Deadlines"

    # ------------------------------------------------------------
    # WHAT HAS CHANGED
    # ------------------------------------------------------------

    @api.model
    def _replan_open(self, since=None):
        """Plan open clocks anew because a setting has changed, or working hours have.

        :param datetime since: working hours have changed from then on; None: something that all clocks follow
        """
        self._replan_where(SQL("TRUE") if since is None else SQL(
            """(k.due IS NULL OR k.due >= %s)
               AND EXISTS (SELECT 1 FROM customer_sla_policy p WHERE p.id = k.policy_id AND p.hours <> 'always')""", since))

    @api.model
    def _replan_by(self, policies):
        """Plan the open clocks anew that run by policies, or may do so now.

        :param policies: customer.sla.policy that were made or changed
        """
        fits = [policy._fits_sql() for policy in policies if policy.active]
        self._replan_where(SQL(
            "(k.policy_id = ANY(%s) OR %s)", policies.ids, SQL(" OR ").join(fits) if fits else SQL("FALSE")))

    @api.model
    def _replan_of(self, customers, *names):
        """Plan the open clocks of cases anew whose customers have changed in something that a policy may ask for.

        :param SQL customers: a query of their ids
        :param str names: what has changed, of ``customer.sla.policy._watched``
        """
        if self.env['customer.sla.policy']._watched().intersection(names):
            self._replan_where(SQL("o.partner_id IN (%s)", customers))

    @api.model
    def _replan_of_partners(self, partners, names):
        """Plan the open clocks of cases anew whose customer, or company, somebody has written on.

        :param partners: res.partner
        :param names: see :meth:`_replan_of`
        """
        self._replan_of(SQL(
            """SELECT id FROM res_partner WHERE id = ANY(%(ids)s)
                UNION SELECT o2.partner_id FROM customer_case o2 JOIN res_company y ON y.id = o2.company_id
                       WHERE %(company)s AND y.partner_id = ANY(%(ids)s)""",
            ids=partners.ids, company='of_company' in names), *names)

    @api.model
    def _replan_around(self, countries, first):
        """Plan the open clocks anew whose policies count the public holidays of countries.

        :param countries: res.country
        :param date first: the first day that has changed
        """
        if self.env['customer.sla.policy']._watched() & {'of_customer', 'of_company'}:
            self._replan_where(SQL(
                """(k.due IS NULL OR k.due >= %s)
                   AND EXISTS (SELECT 1 FROM customer_sla_policy p JOIN res_company y ON y.id = o.company_id
                                 JOIN res_partner there
                                      ON there.id = CASE WHEN p.holidays = 'of_customer' THEN o.partner_id ELSE y.partner_id END
                                WHERE p.id = k.policy_id AND p.hours <> 'always' AND p.holidays <> 'of_hours'
                                  AND there.country_id = ANY(%s))""",
                fields.Date.subtract(first, days=1), countries.ids))

    # ------------------------------------------------------------
    # HOW
    # ------------------------------------------------------------

    @api.model
    def _replan_where(self, condition):
        """Plan open clocks anew: at once where there are few, else by the scheduled action.

        :param SQL condition: on a clock ``k``, its case ``o`` and the customer ``c`` of that
        """
        self.env['res.partner'].flush_model([
            'customer_tier_id', 'customer_segment_id', 'customer_demand_type_id', 'category_id', 'country_id', 'state_id'])
        self.env['customer.case'].flush_model(['partner_id', 'company_id', 'case_type', 'priority'])
        self.env['customer.sla.policy'].flush_model()
        self.env['customer.case.clock'].flush_model()
        self.env.cr.execute(SQL(
            """UPDATE customer_case_clock clock SET stale = TRUE
                 FROM (SELECT k.id FROM customer_case_clock k
                         JOIN customer_case o ON o.id = k.case_id
                    LEFT JOIN res_partner c ON c.id = o.partner_id
                        WHERE k.state IN ('running', 'paused') AND NOT k.stale AND k.kind <> 'node' AND %s) AS found
                WHERE found.id = clock.id""", condition))
        if not self.env.cr.rowcount:
            return
        self.env['customer.case.clock'].invalidate_model(['stale'])
        stale = self.env['customer.case.clock'].search([('stale', '=', True)], limit=AT_ONCE + 1)
        if len(stale) <= AT_ONCE:
            stale._replan()
        else:
            self.env['customer.case.keeper']._wake(fields.Datetime.now())
