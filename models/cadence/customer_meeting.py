from odoo import api, fields, models
from odoo.tools import format_date

from ..platform.local_text import labelled


class CustomerMeeting(models.Model):
    """A meeting with a customer that is over: its record, or the question for it (CAD-6).

    There is one for each meeting and customer, so that its organiser is asked once. It is made when the organiser is asked,
    when the meeting is recorded, or when somebody says that it did not take place.
    """

    _name = 'customer.meeting'
    _description = "Meeting with a Customer"
    _inherit = ['mail.thread', 'mail.activity.mixin', 'customer.task']
    _order = 'ended_at desc, id desc'
    _mail_post_access = 'read'
    _task_types = {'record': 'mail_activity_type_record'}

    event_id = fields.Many2one(
        comodel_name='calendar.event', string="Meeting", required=True, readonly=True, ondelete='cascade')
    name = fields.Char(related='event_id.name', related_sudo=False)
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    contact_id = fields.Many2one(
        comodel_name='res.partner', string="With", readonly=True, index='btree_not_null', ondelete='set null')
    company_id = fields.Many2one(comodel_name='res.company', readonly=True, index='btree_not_null', ondelete='cascade')
    user_id = fields.Many2one(
        comodel_name='res.users', string="Who Was Asked", readonly=True, index='btree_not_null', ondelete='set null',
        help="Who organised the meeting; where that one does not work with customers, the account manager.")
    day = fields.Date(readonly=True, help="On which it took place, where its organiser was.")
    ended_at = fields.Datetime(string="Ended", readonly=True)
    state = fields.Selection(
        selection=[('asked', "Not recorded"), ('recorded', "On record"), ('void', "Did not take place")],
        required=True, readonly=True, default='asked')
    followup_id = fields.Many2one(
        comodel_name='customer.followup', string="Record", readonly=True, index='btree_not_null', ondelete='set null')

    _event_uniq = models.UniqueIndex('(event_id, partner_id)', "This meeting has its record already.")
    _asked_idx = models.Index("(partner_id, day) WHERE state = 'asked'")

    @api.depends('event_id', 'partner_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for meeting in self:
            meeting.display_name = labelled(self.env, meeting.partner_id.display_name, meeting.event_id.display_name)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_log(self):
        """Open the dialog that logs the contact, filled in from the meeting."""
        self._customer_one()
        self.check_access('read')
        return self.event_id._customer_log(self.partner_id)

    def action_void(self):
        """Say that these meetings did not take place: they are no contacts, and nobody is asked again."""
        self.check_access('read')
        self._void()
        return True

    def action_view_record(self):
        """Open the record of this meeting."""
        self._customer_one()
        return self.followup_id._customer_open()

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _void(self):
        """Keep that these meetings did not take place. What counted by itself for them is an attempt then."""
        self.partner_id._check_may_log()
        # what the calendar counted is nobody's to write; the rows are kept by the addon
        counted = self.env['customer.followup'].sudo().search([
            ('meeting_id', 'in', self.event_id.ids), ('partner_id', 'in', self.partner_id.ids),
            ('counted_by_id', '!=', False), ('outcome', '=', False)])
        if counted:
            self.env['customer.followup.closer']._uncount(counted, self.env._("The meeting did not take place."))
        self.sudo().write({'state': 'void'})  # as above
        self._tasks().unlink()

    @api.model
    def _note_recorded(self, record, event=None):
        """Close the questions that a contact answers: those for the meetings of its day, and for the meeting it is about.

        :param record: the customer.followup of the contact
        :param event: calendar.event that was recorded, if one was
        """
        meetings = self.sudo()  # whoever was asked: a colleague's record answers as well
        reached = record.outcome != 'no_answer'
        asked = meetings.search([
            ('partner_id', '=', record.partner_id.id), ('state', '=', 'asked'), ('day', '=', record.contact_day),
        ]) if reached else meetings.browse()
        if event:
            own = meetings.search([('event_id', '=', event.id), ('partner_id', '=', record.partner_id.id)])
            asked |= own or meetings.create(event._customer_meeting_values(record.partner_id))
        if asked:
            asked.write({'state': 'recorded' if reached else 'void', 'followup_id': record.id})
            asked._tasks().unlink()

    def _ask(self):
        """Ask for the records of these meetings, each with an activity for who is asked."""
        self._give_tasks(
            'record', [(meeting, meeting.user_id) for meeting in self],
            # no word of what it was about: colleagues who see the customer see the question as well
            lambda own: own.env._(
                "What was said in the meeting of %(day)s?", day=format_date(own.env, own.day)))

    @api.autovacuum
    def _gc_meetings(self):
        """Forget meetings of more than two years ago: their records stay."""
        old = self.search([('ended_at', '<', 'today -730d')], limit=10000)
        old.unlink()
        return len(old), len(old) == 10000
