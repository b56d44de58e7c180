from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import ormcache

from ...engine import phrases


class CustomerChannel(models.Model):
    """A way to be in touch: call, visit, email, … and what else a contact on it stands for (CAD-2, CAD-4)."""

    _name = 'customer.channel'
    _inherit = ['customer.named', 'customer.cached']
    _description = "Contact Channel"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    icon = fields.Char(default='fa-comment-o', help="Name of a Font Awesome icon, like fa-phone.")
    medium = fields.Selection(
        selection=[
            ('phone', "Phone"),
            ('email', "Email"),
            ('sms', "Text message"),
            ('meeting', "In person"),
            ('other', "Other"),
        ],
        string="Form of Contact",
        required=True,
        default='other',
        help="Email and text message honour the blacklists: a customer on one is not planned on this channel.",
    )
    guidance = fields.Text(translate=True, help="When to take this channel. Shown to whoever logs or plans a contact.")
    satisfies_ids = fields.Many2many(
        comodel_name='customer.channel',
        relation='customer_channel_equivalence',
        column1='channel_id',
        column2='counts_as_id',
        string="Also Counts As",
        help="A contact on this channel also counts for follow-ups planned on these: a visit stands for a call, a call "
             "does not stand for a visit.",
    )

    activity_type_ids = fields.Many2many(
        comodel_name='mail.activity.type',
        relation='customer_channel_activity_type',
        string="Activities That Count",
        help="Whoever marks such an activity on a contact, a lead or an order as done has been in touch with the customer: "
             "it is logged as a contact on this channel, with what was written.",
    )

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a channel with this name.")

    @api.model
    @ormcache('self.env.lang')
    def _get_names(self):
        """Return the names of all channels by id, in the user's language: they stand on every contact form."""
        every = self.sudo().with_context(active_test=False).search([])  # names are no secret
        return {channel.id: channel.name for channel in every}

    @api.model
    def _for_screen(self, name, medium):
        """Return the channel that a screen of Odoo itself stands for: the shipped one, else the first of its medium.

        :param str name: end of the external id of a shipped channel
        :param str medium: see :attr:`medium`
        """
        shipped = self.env.ref(f'customer_success.customer_channel_{name}', raise_if_not_found=False)
        return shipped if shipped and shipped.active else self.search([('medium', '=', medium)], limit=1)

    @api.model_create_multi
    def create(self, vals_list):
        channels = super().create(vals_list)
        channels._replan()
        return channels

    def write(self, vals):
        result = super().write(vals)
        if {'satisfies_ids', 'medium'} & vals.keys():
            self._replan()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        # contacts of customers the user doesn't see hold the channel too
        followups = self.env['customer.followup'].sudo()
        for channel in self:
            # as above, and cadences of other companies
            steps = self.env['customer.cadence.step'].sudo().with_context(active_test=False).search([
                '|', '|', ('channel_id', '=', channel.id), ('alternative_channel_ids', 'in', channel.ids),
                ('fallback_channel_id', '=', channel.id)])
            count = followups.search_count([('channel_id', '=', channel.id)])
            if steps or count:
                raise UserError(self.env._(
                    "The channel %(channel)s is in use (touchpoints: %(steps)s, follow-ups: %(count)s). "
                    "Archive it instead: it is no longer offered, and the history stays.",
                    channel=channel.name, steps=len(steps), count=count))

    def _replan(self):
        """What counts for what changed: have the customers planned anew whose cadence uses a channel."""
        steps = self.env['customer.cadence.step'].sudo().search([])  # all companies' cadences use the same channels
        steps.cadence_id._replan()

    @api.model
    def _says_nobody_reached(self, feedback):
        """Return whether a person wrote that nobody was reached; asked where nobody said what the outcome was.

        :param feedback: what was written, if anything
        """
        words = self.env['res.config.settings']._customer_success('no_answer_words')
        return bool(feedback) and phrases.says(feedback, phrases.phrases(words))
