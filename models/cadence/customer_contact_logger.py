from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class CustomerContactLogger(models.AbstractModel):
    """Keeps contacts with customers: in the follow-up that they close, or in a record of their own (CAD-6)."""

    _name = 'customer.contact.logger'
    _description = "Keeps Contacts"

    def _log(
        self, partner, channel, contact_at, feedback, outcome, contact, followup, issue_progress, next_step, next_date,
        next_channel, share_with, meeting, reason, approach, insight,
    ):
        """Keep a contact; see ``res.partner._log_contact``.

        :param partner: the customer
        :return: the record of the contact
        """
        logger, env = self.with_env(partner.env), partner.env
        logger._check_contact(contact_at, next_step, next_date)
        contact_day = fields.Datetime.context_timestamp(partner, contact_at).date()
        reached = outcome != 'no_answer'
        record = self._record_of_contact(partner, channel, contact_day, followup, meeting, reached)
        record = self._keep_contact(partner, record, {
            'channel_id': channel.id, 'contact_id': contact.id if contact else False,
            'contact_at': contact_at, 'contact_day': contact_day, 'feedback': feedback, 'outcome': outcome,
            'qualifies': reached, 'issue_progress': issue_progress, 'next_step': next_step,
            **logger._closing_values(contact_at, meeting, None if reached else reason),
        })
        env['customer.meeting']._note_recorded(record, meeting)
        if next_date:
            record.sudo().next_followup_id = self._open_next_step(  # columns of the planner are not for people to write
                partner, next_step, next_date, next_channel or channel, contact, record)
        env['customer.insight']._keep_of(record, insight)
        if share_with:
            self._share(record, share_with)
        record._after_close()
        if not reached:
            self._take_approach(partner, record, followup, contact_day, approach)
            env['customer.followup.attempts']._tell_unanswered(record)
        return record

    @api.model
    def _check_contact(self, contact_at, next_step, next_date):
        """Refuse contacts to come, and next steps without words or on a day that is past."""
        if contact_at > fields.Datetime.now():
            raise ValidationError(self.env._(
                "This contact lies in the future. Log it when it has taken place, or plan a next step for it."))
        if next_date and not (next_step or '').strip():
            raise ValidationError(self.env._("Please say what the next step on %(day)s is.", day=next_date))
        if next_date and not self.env.su:
            self.env['customer.followup.opener']._check_next_day(fields.Date.to_date(next_date))

    @api.model
    def _closing_values(self, contact_at, meeting, reason):
        """Return the values of a contact that say when and by whom it is recorded, of which meeting, and why nobody answered."""
        return {
            'state': 'done', 'closed_at': fields.Datetime.now(), 'closed_by_id': self.env.uid,
            'recorded_late': self._is_recorded_late(contact_at), **({'meeting_id': meeting.id} if meeting else {}),
            **({'reason_id': reason.id} if reason else {})}

    @api.model
    def _is_recorded_late(self, contact_at):
        """Return whether a contact of that moment is recorded later than the settings allow, if it is recorded now."""
        hours = self.env['res.config.settings']._customer_success('record_hours')
        return fields.Datetime.now() - contact_at > timedelta(hours=hours)

    # ------------------------------------------------------------
    # IN WHICH RECORD
    # ------------------------------------------------------------

    def _record_of_contact(self, partner, channel, contact_day, followup, meeting, reached):
        """Return the record that a contact is kept in: the one that was made by itself, else the open follow-up that it closes,
        if it closes one."""
        record = partner.env['customer.followup']
        if not followup or followup.step_id:
            record = self._counted_record(partner, channel, contact_day, meeting)
        if not record and reached:
            record = self._contact_record(partner, channel, contact_day, followup)
        return record

    def _keep_contact(self, partner, record, values):
        """Write a contact into the open follow-up it closes, or into a record of its own, and return that."""
        if record:
            if record.state == 'planned':
                record._check_open()
            record.sudo().write(values)  # the columns of the planner are not for people to write
            return record
        return record.sudo().create({  # as above
            'partner_id': partner.id, 'user_id': partner.env.uid, 'company_id': partner._planning_company().id, **values,
        }).with_env(partner.env)

    def _counted_record(self, partner, channel, contact_day, meeting=None):
        """Return the record of this very contact that was made by itself, and of which nobody has told anything yet, or none:
        whoever tells of it completes that, and makes no second one."""
        counted = Domain('partner_id', '=', partner.id) & Domain('state', '=', 'done') & Domain(
            'outcome', '=', False) & Domain('counted_by_id', '!=', False)
        same = Domain('channel_id', '=', channel.id) & Domain('contact_day', '=', contact_day)
        if meeting:
            same |= Domain('meeting_id', '=', meeting.id)
        # whoever may log may complete it, whoever is responsible
        found = partner.env['customer.followup'].sudo().search(counted & same, limit=1)
        return found.with_env(partner.env)

    def _contact_record(self, partner, channel, contact_day, followup=None):
        """Return the open follow-up that a contact closes, or none."""
        if followup and (not followup.step_id or followup._satisfied_by(channel) and (
                not followup.date_anchor or followup.date_anchor <= contact_day)):
            return followup
        candidates = partner.env['customer.followup'].search([
            ('partner_id', '=', partner.id), ('state', '=', 'planned'), ('step_id', '!=', False),
            ('date_anchor', '<=', contact_day),
        ], order='date_planned, id')._satisfied_by(channel)
        # one that took its fallback channel comes first: what is planned on its own channel is counted anyway
        return candidates.sorted(lambda candidate: (
            candidate.channel_id != channel,
            candidate.channel_id == candidate.step_id.sudo().channel_id))[:1]  # which cadence applies is no secret

    def _share(self, record, users):
        """Tell colleagues what was said: they get the record of this contact as a message, whatever they may open."""
        record.ensure_one()
        # of several readers with several languages it is the writer's
        languages = set(users.mapped('lang'))
        own = record.with_context(lang=languages.pop()) if len(languages) == 1 else record
        record.message_post(
            body=own.env._(
                "%(customer)s, %(channel)s: %(feedback)s",
                customer=own.whose, channel=own.channel_id.name, feedback=record.feedback or "–"),
            partner_ids=users.partner_id.ids,
            message_type='comment',
            subtype_xmlid='mail.mt_note',
        )

    # ------------------------------------------------------------
    # WHAT COMES NEXT
    # ------------------------------------------------------------

    def _take_approach(self, partner, record, followup, contact_day, values):
        """Change the next follow-up because nobody answered: the one that was worked on, else the touchpoint that the contact
        would have stood for, else the next one; where nothing is planned, one opens.

        :param partner: the customer
        :param record: the attempt
        :param dict values: the arguments of ``customer.followup.attempts._change_approach``, or nothing: it stays as it is
        """
        if not values:
            return
        approach = values['approach']
        record.sudo().write({'approach_id': approach.id, 'approach_change': approach.change})  # kept by the planner
        if approach.change == 'stop':
            return
        coming = followup if followup and followup.state == 'planned' else self._contact_record(
            partner, record.channel_id, contact_day)
        coming = coming or partner.env['customer.followup'].search(
            [('partner_id', '=', partner.id), ('state', '=', 'planned')], order='date_planned, id', limit=1)
        if not coming:
            coming = self._open_next_step(
                partner, values['text'] or approach.name, values['day'], values['channel'], values['contact'], record)
        partner.env['customer.followup.attempts']._change_approach(coming, **values)
        record.sudo().next_followup_id = coming  # as above

    def _open_next_step(self, partner, next_step, next_date, channel, contact, record):
        """Open the follow-up for what was agreed, with the person who agreed on it.

        Who was given what was just done was given what follows of it; what was agreed on while standing in goes back with
        the absence.
        """
        # whoever may log may open it, with what the planner keeps
        return partner.env['customer.followup'].sudo().create({
            'partner_id': partner.id,
            'company_id': record.company_id.id,
            'contact_id': contact.id if contact else False,
            'channel_id': channel.id,
            'name': next_step,
            'date_planned': next_date,
            'user_id': record.user_id.id or partner.env.uid,
            **self._next_step_people(partner, record),
        }).with_env(partner.env)

    def _next_step_people(self, partner, record):
        """Return how the next step of a contact came to its person."""
        # the contact may have been recorded for a colleague
        person, values = record.sudo().user_id or partner.env.user, {}
        if record.absence_id:
            absent = record.sudo().absence_id.user_id  # who is away is no secret
            values = {'absence_id': record.absence_id.id, 'owner_id': absent.id,
                      'given_by_id': record.given_by_id.id if absent != partner.user_id else False}
        elif person != partner.user_id and record.given_by_id:
            values = {'given_by_id': record.given_by_id.id}
        return values
