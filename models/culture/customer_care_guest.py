from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..cadence.selection_order import order_by_selection
from ..platform.local_text import listed

#: What a person may write on a guest; everything else follows from invitation and attendance.
OPEN_TO_PEOPLE = {'event_id', 'partner_id', 'note'}

#: The guest's state by the answer of the attendee.
ANSWERS = {'needsAction': 'invited', 'tentative': 'tentative', 'accepted': 'accepted', 'declined': 'declined'}


class CustomerCareGuest(models.Model):
    """A person on the guest list of a care event (CUL-5)."""

    _name = 'customer.care.guest'
    _description = "Guest of a Care Event"
    _inherit = ['customer.kept']
    _order = 'event_id, customer_id, id'
    _rec_name = 'partner_id'

    event_id = fields.Many2one(
        comodel_name='customer.care.event', string="Care Event", required=True, index=True, ondelete='cascade')
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Guest", required=True, index=True, ondelete='cascade',
        domain=[('commercial_partner_id.customer_managed', '=', True)])
    customer_id = fields.Many2one(
        comodel_name='res.partner', compute='_compute_customer_id', store=True, precompute=True,
        required=True, index=True, ondelete='cascade', help="Whose guest it was, also when the person moves on.")
    user_id = fields.Many2one(related='customer_id.user_id', string="Account Manager")
    tier_id = fields.Many2one(related='customer_id.customer_tier_id')
    country_id = fields.Many2one(related='customer_id.country_id')
    email = fields.Char(related='partner_id.email')
    function = fields.Char(related='partner_id.function')
    note = fields.Char(help="Dietary needs, company at the table, who brings whom …")
    state = fields.Selection(
        selection=[
            ('to_invite', "To invite"), ('invited', "Invited"), ('tentative', "Perhaps"), ('accepted', "Is coming"),
            ('declined', "Not coming"), ('attended', "Attended"), ('absent', "Did not come"),
        ], compute='_compute_state', store=True, index=True)
    attendance = fields.Selection(
        selection=[('attended', "Attended"), ('absent', "Did not come")], readonly=True, copy=False)
    attendee_id = fields.Many2one(
        comodel_name='calendar.attendee', string="Invitation", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null')
    invited_on = fields.Datetime(readonly=True, copy=False)
    followup_id = fields.Many2one(
        comodel_name='customer.followup', string="Contact Logged", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null')
    company_id = fields.Many2one(related='event_id.company_id')
    event_state = fields.Selection(related='event_id.state', string="State of the Event")
    event_kind_id = fields.Many2one(related='event_id.kind_id', string="Kind of Event")
    date_begin = fields.Datetime(related='event_id.date_begin', store=True)

    _event_partner_uniq = models.Constraint(
        'UNIQUE (event_id, partner_id)', "This person is on the guest list already.")

    @api.constrains('event_id')
    def _check_event(self):
        for event in self.event_id:
            if event.state == 'cancelled':
                raise UserError(self.env._("%(event)s is cancelled: it has no guests any more.", event=event.name))
        self.event_id._check_capacity()

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('partner_id')
    def _compute_customer_id(self):
        for guest in self:
            guest.customer_id = guest.partner_id.commercial_partner_id

    @api.depends('attendance', 'attendee_id.state')
    def _compute_state(self):
        for guest in self:
            guest.state = guest.attendance or ANSWERS.get(guest.attendee_id.state, 'to_invite')

    def _read_group_orderby(self, order, groupby_terms, query):
        return order_by_selection(super()._read_group_orderby, self, ['state'], order, groupby_terms, query)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if {'event_id', 'partner_id'} & vals.keys() and self.filtered(lambda guest: guest.state != 'to_invite'):
            raise UserError(self.env._("This guest is invited already. Take the guest off the list and add another one."))
        return super().write(vals)

    def _open_to_people(self):
        return OPEN_TO_PEOPLE

    def _say_kept(self, names):
        return self.env._(
            "These fields of a guest follow from invitation and attendance, and can't be written: %(names)s.", names=names)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_attended(self):
        if attended := self.filtered(lambda guest: guest.attendance == 'attended'):
            raise UserError(self.env._(
                "%(person)s attended. Put down “Did not come” first if that is wrong.", person=attended[0].partner_id.name))

    def unlink(self):
        """Whoever is taken off the list is told, and has no meeting any more."""
        events = self.event_id
        for guest in self.sudo().filtered('attendee_id'):  # meetings of the account managers
            if guest.state in ('invited', 'tentative', 'accepted') and guest.event_id.state == 'invited':
                guest.event_id._notify(guest, 'cancelled')
        attendees = self.sudo().attendee_id  # as above
        result = super().unlink()
        for meeting, leaving in attendees.grouped('event_id').items():
            if self.search_count([('attendee_id', 'in', (meeting.attendee_ids - leaving).ids)], limit=1):
                meeting.with_context(skip_attendee_notification=True).write({
                    'partner_ids': [Command.unlink(person.id) for person in leaving.partner_id]})
            else:
                meeting.active = False
        events.exists()._spread_cost()
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_invite(self):
        """Invite those of these guests who are not invited yet."""
        for event, guests in self.grouped('event_id').items():
            event._invite(guests)
        return True

    def action_accepted(self):
        """The guest said so, by phone for example."""
        self._answer('accepted')
        return True

    def action_declined(self):
        """The guest said so, by phone for example."""
        self._answer('declined')
        return True

    def action_attended(self):
        """Put down that these guests attended; a contact is logged with each customer, once."""
        self._set_attendance('attended')
        return True

    def action_absent(self):
        """Put down that these guests did not come; that never counts as a contact."""
        self._set_attendance('absent')
        return True

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _answer(self, answer):
        self.check_access('write')
        if waiting := self.filtered(lambda guest: not guest.attendee_id):
            raise UserError(self.env._(
                "%(person)s is not invited yet. Send the invitation first, then put down the answer.",
                person=waiting[0].partner_id.name))
        self.sudo().attendee_id.state = answer  # meetings of the account managers

    def _set_attendance(self, attendance):
        self.check_access('write')
        if self.filtered(lambda guest: guest.event_id.state == 'cancelled'):
            raise UserError(self.env._("A cancelled event has no attendance."))
        self.event_id._check_begun()
        # people write the attendance by the buttons only
        self.filtered(lambda guest: guest.attendance != attendance).sudo().write({'attendance': attendance})
        self.event_id._after_attendance()

    def _check_invitable(self):
        """Refuse to invite people who can't or must not be mailed."""
        # whoever put them on the list chose them
        why_not = self.env['customer.addressee']._refused(
            [(guest.partner_id.id, guest.customer_id.id) for guest in self], 'email', chosen=True)
        gone = self.env._("These guests are not with the customer any more: %(names)s. Take them off the list.")
        problems = {
            'no_address': self.env._("These guests have no email address: %(names)s. Add one, or take them off the list."),
            'stopped': self.env._("These guests must not be contacted: %(names)s. Take them off the list."),
            'opted_out': self.env._(
                "These guests do not want emails: %(names)s. Invite them in person, and take them off the list."),
            'archived': gone, 'moved': gone,
        }
        for key, problem in problems.items():
            if people := self.partner_id.filtered(lambda person, key=key: why_not.get(person.id) == key):
                raise UserError(problem % {'names': listed(self.env, people.mapped('name'))})

    @api.model
    def _of_attendees(self, attendees):
        """Return the guests who are invited by these attendees of meetings, whoever's guests they are."""
        return self.sudo().search([('attendee_id', 'in', attendees.ids)])  # the calendar is for everybody

    def _lose_invitation(self):
        """These guests are on the list, and not invited any more."""
        guests = self.exists().filtered(lambda guest: not guest.attendance)
        guests.write({'attendee_id': False, 'invited_on': False})
