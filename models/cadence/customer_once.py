from odoo import fields, models

from ..platform.locks import wait_for_update


class CustomerOnce(models.AbstractModel):
    """A message that leaves at most once, whenever the server is killed (CAD-10).

    Odoo notes that a message left after the mail server took it: killed in between, it would send it again. So it is noted
    before, for good, that it is about to be sent. What is found so at the next run may have left: it is not sent again, and
    left to a person.
    """

    _name = 'customer.once'
    _description = "Message That Leaves Once"

    customer_delivery = fields.Selection(
        selection=[('waiting', "In the queue"), ('begun', "About to leave"), ('unknown', "Not known whether it left")],
        string="Automatic Touch", readonly=True, copy=False, help="Messages that left by themselves are sent at most once.")

    def _customer_begin(self, keep):
        """Note that these are about to be sent, and lock them meanwhile.

        :param bool keep: for good, past what happens next; without it whoever sends them has the transaction
        :return: those that may be sent; another worker has the others, or had them
        """
        free = self.try_lock_for_update()
        free.invalidate_recordset(['state', 'customer_delivery'])
        begun = free.filtered(lambda message: message.state == 'outgoing' and message.customer_delivery == 'waiting')
        begun.write({'customer_delivery': 'begun'})
        if keep and begun:
            self.env['customer.routine']._keep()  # what happens next may be the end of the process
            wait_for_update(begun)
        return begun

    def _customer_say_unknown(self):
        return self.env._(
            "The server stopped while this was being sent. Nobody knows whether it arrived, so it is not sent again.")
