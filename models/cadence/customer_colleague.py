from odoo import models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html


class CustomerColleague(models.AbstractModel):
    """Customers of colleagues: whose they are, and how those hear what one is told (S1)."""

    _name = 'customer.colleague'
    _description = "Customers of Colleagues"

    def _looked_after_by(self, partner):
        """Return the name of the account manager, where that one left of whoever has the work now, else of the company."""
        partner.ensure_one()
        user = partner.sudo().user_id  # a colleague, perhaps of another company
        company = partner._planning_company()
        if user and not user.active:
            # as above
            user = partner.env['customer.responsibility']._owner('manager', user, company).sudo()
        return user.name or company.sudo().name  # as above

    def _tell(self, customer, note):
        """Tell whoever looks after this customer something: as a message on the customer and an activity for today.

        :param customer: res.partner
        :param str note: what there is to tell
        :return: the message
        """
        env, responsibility, company = customer.env, customer.env['customer.responsibility'], customer._planning_company()
        manager = customer.sudo().user_id  # a colleague, perhaps of another company
        doer = responsibility._doer('manager', manager, company)
        if not doer:
            raise UserError(env._(
                "Nobody is there who looks after %(customer)s. Ask your team leader who takes it.",
                customer=customer.display_name))
        told = responsibility._owner('manager', manager, company) | doer
        # a note is no change of the customer, and colleagues may do without the right to change it
        customer = customer.sudo()
        message = customer.message_post(
            body=plaintext2html(note), message_type='comment', subtype_xmlid='mail.mt_note',
            partner_ids=told.sudo().partner_id.ids)  # the address of a colleague, perhaps of another company
        says = customer.with_context(lang=doer.sudo().lang)  # as above
        says.with_context(mail_activity_quick_update=True).activity_schedule(  # the message notifies already
            'mail.mail_activity_data_todo', summary=says.env._("From %(user)s", user=env.user.name),
            note=plaintext2html(note), user_id=doer.id)
        return message
