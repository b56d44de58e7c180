from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .mail_activity import MODELS

#: Records in whose chatter we write with customers.
CHATTER = (*MODELS, 'customer.followup')


class CustomerContactRule(models.Model):
    """What counts as a contact by itself, with nobody logging it: emails in the chatter and meetings in the calendar (CAD-6).

    Counted is what happens from the day on which the rule is used; what was there before stays as it is.
    """

    _name = 'customer.contact.rule'
    _description = "What Counts by Itself"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        selection=[('email_in', "Email from the customer"), ('email_out', "Email to the customer"), ('meeting', "Meeting")],
        string="What Counts", required=True, default='email_in',
        help="An email from the customer: written by one of its people, by no machine, and not in answer to an internal note. "
             "An email to the customer: written by a colleague to one of its people, and delivered; no internal note, no mass "
             "mailing, nothing that the system sent by itself. A meeting: it is over, took place, and is not private.")
    channel_id = fields.Many2one(
        comodel_name='customer.channel', index='btree_not_null', ondelete='restrict',
        help="As what it counts. Empty for meetings: by video where the meeting has a link and no place, else a visit.")
    place = fields.Selection(
        selection=[('sales', "Contacts, leads, orders and follow-ups"), ('all', "Any record")], string="In the Chatter Of",
        required=True, default='sales')
    attendance = fields.Selection(
        selection=[('accepted', "Somebody of the customer has accepted"), ('invited', "Nobody there has declined")],
        string="Who Attends", required=True, default='accepted')

    def _place_sql(self, alias):
        """Return SQL that is true for messages in whose place emails count.

        :param str alias: of the message
        """
        model = SQL.identifier(alias, 'model')
        return SQL("%s = ANY(%s)", model, list(CHATTER)) if self.place == 'sales' else SQL("%s IS NOT NULL", model)

    @api.constrains('kind', 'channel_id')
    def _check_channel(self):
        for rule in self:
            if rule.kind != 'meeting' and not rule.channel_id:
                raise ValidationError(self.env._("Please say as which channel “%(rule)s” counts.", rule=rule.name))
