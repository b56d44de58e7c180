from odoo import api, fields, models


class CustomerOnboardingSigning(models.AbstractModel):
    """Who signed, and for whom an onboarding begins with it (LIF-1)."""

    _name = 'customer.onboarding.signing'
    _description = "Signings That Begin Onboardings"

    @api.model
    def _orders_confirmed(self, orders):
        """Begin the onboardings of confirmed orders, or let those go on whose order is confirmed again.

        :param orders: sale.order
        """
        onboardings = self.env['customer.onboarding'].sudo()  # whoever confirms an order need not see customer care
        if not self.env['customer.onboarding.plan']._plan_ids():
            return
        for order in orders.sudo():  # as above
            partner = order.customer_commercial_id
            own = onboardings.search([('order_id', '=', order.id)])
            if own.state == 'cancelled' and own.close_kind == 'order' and not self._running(partner, own.company_id):
                own._take_up()
            elif not own and partner and self._is_new(order, partner):
                onboardings._begin(partner, partner._planning_company(), self._signed_at(order), order=order)

    @api.model
    def _orders_cancelled(self, orders):
        """Close the onboardings of orders that were cancelled or set back; where the customer ordered more meanwhile, they go
        on for that.

        :param orders: sale.order
        """
        running = self.env['customer.onboarding'].sudo().search([  # as above
            ('order_id', 'in', orders.ids), ('state', '=', 'running')])
        for onboarding in running:
            if other := self._other_order(onboarding):
                onboarding.message_post(body=onboarding.env._(
                    "%(order)s was cancelled. The onboarding goes on for %(other)s.",
                    order=onboarding.order_id.name, other=other.name))
                onboarding.order_id = other
            else:
                onboarding._close('order')

    @api.model
    def _other_order(self, onboarding):
        """Return the order for which an onboarding goes on whose own was cancelled, or none: the first one since. One that was
        cancelled as well, and is confirmed again, may have a closed onboarding of its own; that gives it up."""
        orders = self.env['sale.order'].sudo().search([  # as above
            ('customer_commercial_id', '=', onboarding.partner_id.id), ('state', '=', 'sale'),
            ('date_order', '>=', onboarding.started_at)], order='date_order, id')
        theirs = onboarding.search([('order_id', 'in', orders.ids)])
        closed = theirs.filtered(lambda other: other.state == 'cancelled' and other.close_kind != 'person')
        order = (orders - (theirs - closed).order_id)[:1]
        closed.filtered(lambda other: other.order_id == order).order_id = False
        closed.flush_recordset(['order_id'])
        return order

    @api.model
    def _leads_won(self, leads):
        """Begin the onboardings of customers whose leads were won; an order of theirs is what they signed.

        :param leads: crm.lead
        """
        if not self.env['customer.onboarding.plan']._plan_ids():
            return
        onboardings = self.env['customer.onboarding'].sudo()  # as above
        for lead in leads.sudo():  # as above
            partner = lead.partner_id.commercial_partner_id
            own = onboardings.search([('lead_id', '=', lead.id)])
            if own.state == 'cancelled' and own.close_kind == 'order' and not self._running(partner, own.company_id):
                own._take_up()
            elif not own and partner.customer_managed and not self._ordered_before(partner):
                if not onboardings.search_count([('partner_id', '=', partner.id), ('close_kind', '!=', 'order')], limit=1):
                    onboardings._begin(
                        partner, partner._planning_company(), lead.customer_won_at or fields.Datetime.now(), lead=lead)

    @api.model
    def _leads_not_won(self, leads):
        """Close the onboardings of leads that are not won after all, unless the customer has ordered.

        :param leads: crm.lead
        """
        self.env['customer.onboarding'].sudo().search([  # as above
            ('lead_id', 'in', leads.ids), ('state', '=', 'running'), ('order_id', '=', False)])._close('order')

    # ------------------------------------------------------------
    # WHO IS NEW
    # ------------------------------------------------------------

    @api.model
    def _signed_at(self, order):
        """Return when an order was signed: when it was confirmed for the first time."""
        return min(filter(None, (order.customer_confirmed_at, order.date_order)))

    @api.model
    def _running(self, partner, company):
        """Return the running onboarding of a customer."""
        return self.env['customer.onboarding'].sudo().search([  # as above
            ('partner_id', '=', partner.id), ('company_id', '=', company.id), ('state', '=', 'running')])

    @api.model
    def _is_new(self, order, partner):
        """Return whether an onboarding begins with an order: the customer has not signed before, or was lost since.

        The running onboarding of a lead becomes that of its order.
        """
        company = partner._planning_company()
        running = self._running(partner, company)
        if running:
            if not running.order_id:
                running.order_id = order
            return False
        if self._was_lost(partner, order):
            return True
        onboarded = self.env['customer.onboarding'].sudo().search_count([  # as above
            ('partner_id', '=', partner.id), '|', ('close_kind', '=', False), ('close_kind', '!=', 'order')], limit=1)
        return not onboarded and not self._ordered_before(partner, order)

    @api.model
    def _ordered_before(self, partner, order=None):
        """Return the last order that a customer confirmed before an order, or ever."""
        domain = [('customer_commercial_id', '=', partner.id), ('state', '=', 'sale')]
        if order:
            domain += [('id', '!=', order.id), ('date_order', '<=', order.date_order)]
        return self.env['sale.order'].sudo().search(domain, order='date_order desc, id desc', limit=1)  # as above

    @api.model
    def _was_lost(self, partner, order):
        """Return whether a customer was lost before an order, so that it is welcomed anew: somebody had marked it as lost, or its
        last order is older than the plan says."""
        company = partner._planning_company()
        moment = self._signed_at(order)
        day = fields.Date.subtract(moment.date(), days=1)  # it may be another day where the customer is
        if self.env['customer.loss'].sudo().search_count([  # of whoever looked after it then
                ('partner_id', '=', partner.id), ('date', '<=', moment.date()), '|', ('state', '=', 'lost'),
                ('won_back_on', '>=', day)], limit=1):
            return True
        plan = self.env['customer.onboarding.plan']._plan_for(company, moment.date())
        before = self._ordered_before(partner, order)
        return bool(plan.again_days and before and (moment - before.date_order).days >= plan.again_days)
