from odoo import api, fields, models
from odoo.fields import Domain

from ..platform.counted import plural


class CustomerCaseOpener(models.AbstractModel):
    """What a new case needs: its customer as a whole, its company and number, and the case that it repeats (SRV-1, SRV-3)."""

    _name = 'customer.case.opener'
    _description = "Opening of Cases"

    @api.model
    def _complete_values(self, vals):
        """Fill in what a new case needs: its customer as a whole, its company, and who is in charge of it.

        Whoever writes it down is (首问负责制). What nobody wrote down goes to the customer's account manager, or who stands in.

        :param dict vals: is filled
        """
        if self.env['customer.case']._is_guarded():  # neither values nor defaults out of a context get past the buttons
            vals.update(dict.fromkeys(self._kept_fields(), False))
            vals.update({'state': 'new', 'cycle': 1, 'opened_at': fields.Datetime.now()})
        contact = self.env['res.partner'].browse(vals.get('contact_id') or vals.get('partner_id'))
        partner = self.env['res.partner'].browse(vals.get('partner_id')).commercial_partner_id or contact.commercial_partner_id
        vals['partner_id'] = partner.id
        if contact and contact != partner:
            vals['contact_id'] = contact.id
        if not vals.get('company_id'):
            vals['company_id'] = partner._planning_company().id if partner else self.env.company.id
        if 'user_id' not in vals or not vals['user_id'] and not self.env.su:
            vals['user_id'] = self.env['customer.case.assigner']._first_responsible(
                partner, self.env['res.company'].browse(vals['company_id'])).id
        if vals.get('user_id') == self.env.uid and not self.env.su:
            vals.update({'state': 'working', 'taken_at': fields.Datetime.now()})
        if not vals.get('number'):
            company = self.env['res.company'].browse(vals['company_id'])
            # whoever opens a case has it numbered
            vals['number'] = self.env['ir.sequence'].sudo().with_company(company).next_by_code('customer.case')

    @api.model
    def _kept_fields(self):
        """Return the stored fields that people have no say in, apart from those that begin with something."""
        return [name for name, field in self.env['customer.case']._fields.items()
                if field.store and field.readonly and not field.compute and field.type not in ('one2many', 'many2many')
                and name not in ('state', 'cycle', 'opened_at', *models.MAGIC_COLUMNS)]

    # ------------------------------------------------------------
    # RECURRENCE
    # ------------------------------------------------------------

    def _find_previous(self, cases):
        """Link cases to the last one of the same customer with the same root cause, if that is not too long ago."""
        days = cases.env['res.config.settings']._customer_success('case_recurrence_days')
        for case in cases.sudo():  # the case before may have been a colleague's; the link is for the rule to write
            found = case.browse()
            if case.partner_id and case.cause_id:
                found = case.search(
                    Domain('partner_id', '=', case.partner_id.id) & Domain('cause_id', '=', case.cause_id.id)
                    & Domain('state', '!=', 'withdrawn') & Domain('id', '!=', case.id)
                    & Domain('opened_at', '<=', case.opened_at)
                    & Domain('opened_at', '>=', fields.Datetime.subtract(case.opened_at, days=days)),
                    order='opened_at desc, id desc', limit=1)
            if case.previous_id != found and not (found and found.previous_id == case):
                case.previous_id = found

    def _times_before(self, cases):
        """Return how often it has happened before, in words, or ''."""
        cases.ensure_one()
        count, case = 0, cases.sudo().previous_id  # as above
        while case and count < 99:
            count, case = count + 1, case.previous_id
        return plural(
            count, cases.env._("It has happened once before."),
            cases.env._("It has happened %(count)s times before.", count=count)) if count else ''
