from odoo import api, fields, models

#: What is learned where a customer has something, by the outcome of the contact.
LEARNED = {'need': 'need', 'problem': 'pain'}

#: So long may a line be; what is longer stands in the note as well.
LINE = 200


class CustomerInsight(models.Model):
    """Insights from contacts: what is logged as a need or a problem stands among them, and nowhere else (PRO-4)."""

    _inherit = 'customer.insight'

    followup_id = fields.Many2one(
        comodel_name='customer.followup', string="Logged Contact", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', help="The contact in which it was said.")

    @api.model
    def _stamps(self):
        return super()._stamps() | {'followup_id'}

    @api.model
    def _keep_of(self, record, values=None):
        """Keep what was learned in a contact.

        :param record: the customer.followup of the contact
        :param dict values: of the insight, besides what the contact says; False for none. By default a need and a problem are
            one, where something was said
        :return: the insight, or none
        """
        said = (record.feedback or '').strip()
        if values is None and said and record.outcome in LEARNED:
            values = {'kind': LEARNED[record.outcome]}
        if not values:
            return self.browse()
        line, __, more = said.partition('\n')
        person = record.contact_id.filtered(lambda person: person.commercial_partner_id == record.partner_id)
        # whoever may log a contact may say what was learned, also when standing in for a colleague
        return self.sudo().create({
            'name': line[:LINE].strip() or record.display_name, 'note': said if len(line) > LINE else more.strip() or False,
            'partner_id': record.partner_id.id, 'contact_id': person.id, 'date': record.contact_day, 'user_id': self.env.uid,
            'followup_id': record.id, **values})
