import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import format_date

from ..base.local_day import in_company_zone

_logger = logging.getLogger(__name__)

#: So many hours after the hour of the settings the morning is over: what could not be sent by then waits for tomorrow.
MORNING_HOURS = 4

#: So many warnings are listed; the rest is counted.
LISTED = 25


class CustomerWarningDigest(models.Model):
    """The email of a morning with the open warnings of a user: what was sent to whom (HEA-3).

    A user gets it once a day, in the morning where the user is, on a working day, and only if there is something that nobody
    has taken on. The line and the email come into being together, and there is one line for a user and day.
    """

    _name = 'customer.warning.digest'
    _description = "Warnings Sent by Email"
    _order = 'day desc, id desc'
    _rec_name = 'user_id'

    user_id = fields.Many2one(
        comodel_name='res.users', string="Sent To", required=True, readonly=True, index=True, ondelete='cascade')
    day = fields.Date(required=True, readonly=True, help="Where the user is.")
    warnings = fields.Integer(readonly=True, aggregator=None)
    mail_id = fields.Many2one(comodel_name='mail.mail', readonly=True, index='btree_not_null', ondelete='set null')

    _day_uniq = models.UniqueIndex("(user_id, day)", "A user gets one email with warnings a day.")

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_send(self):
        """Write to everybody for whom it is morning and who has open warnings, one email per transaction."""
        with self.env['customer.run']._measure('digest') as run:
            def send(users):
                if result := self._send_safely(users[0].with_prefetch()):
                    run[result] += 1

            self.env['customer.routine']._work_through(self._due_users(), send)
            run['note'] = self.env._("emails: %(count)s", count=run['done'])

    @api.model
    def _due_users(self):
        """Return the users who are to be written to now."""
        domain = [('state', '=', 'open'), ('user_id.customer_warn_digest', '=', True), ('user_id.email', '!=', False)]
        owners = [user for user, in self.env['customer.warning']._read_group(domain, ['user_id'])
                  if user.has_group('customer_success.group_customer_success_user')]
        days = {user: self._morning(user) for user in owners}
        sent = {(digest.user_id.id, digest.day) for digest in self.search([('day', 'in', [d for d in days.values() if d])])}
        return [user for user, day in days.items() if day and (user.id, day) not in sent]

    @api.model
    def _morning(self, user):
        """Return the day of a user if it is the morning of a working day there, else None.

        :param user: res.users
        """
        now = self.env['customer.clock']._now(user)
        hour = self.env['res.config.settings']._customer_success('warn_digest_hour')
        if not user.active or not hour <= now.hour < hour + MORNING_HOURS:
            return None
        day = now.date()
        away = self.env['customer.absence'].search_count([
            ('user_id', '=', user.id), ('date_from', '<=', day), ('date_to', '>=', day)], limit=1)
        calendar = user.resource_ids[:1].calendar_id or user.company_id.resource_calendar_id
        if away or not self.env['resource.calendar']._customer_is_working(calendar.id, user.company_id.id)(day):
            return None
        return day

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    @api.model
    def _send_safely(self, user):
        """Write to a user, or go on with the others when that fails; the next hour it is tried again.

        :return: ``done`` if an email was written, ``failed`` if it could not be, else None
        """
        def fail(error):
            if isinstance(error, psycopg2.errors.UniqueViolation):
                return None  # another process wrote to this user
            _logger.exception("The warnings of %s could not be sent", user.login)
            return 'failed'

        return self.env['customer.routine']._attempt(lambda: 'done' if self._send(user) else None, fail)

    @api.model
    def _send(self, user):
        """Put the email of today for a user into the queue.

        :return: whether there was anything to write
        """
        day = self._morning(user)
        # what the user sees, in all companies of the user
        digests = self.with_user(user).with_context(
            lang=user.lang, tz=self.env['customer.clock']._zone(user), allowed_company_ids=user.company_ids.ids)
        warnings = digests.env['customer.warning'].search([
            ('state', '=', 'open'), ('user_id', '=', user.id),
            '|', ('snooze_until', '=', False), ('snooze_until', '<=', day)])
        if not day or not warnings:
            return False
        subject, body = digests._render(warnings, day)
        mail = self.env['mail.mail'].create({
            'subject': subject, 'body_html': body, 'auto_delete': True, 'email_to': user.email_formatted,
            'email_from': user.company_id.email_formatted or self.env.user.email_formatted})
        self.create({'user_id': user.id, 'day': day, 'warnings': len(warnings), 'mail_id': mail.id})
        self.env.flush_all()
        return True

    @api.model
    def _render(self, warnings, day):
        """Return subject and body of the email for the current user, in the user's language.

        :param warnings: customer.warning, the worst first
        :param day: today, where the user is
        :rtype: tuple[str, Markup]
        """
        # when it was written last is not for the user to read
        last = self.sudo().search([('user_id', '=', self.env.uid), ('day', '<', day)], limit=1).day
        red = len(warnings.filtered(lambda warning: warning.level == '3'))
        subject = (self.env._("A warning to look at") if len(warnings) == 1
                   else self.env._("%(count)s warnings to look at", count=len(warnings)))
        if red:
            subject = self.env._("%(subject)s, %(red)s red", subject=subject, red=red)
        body = self.env['ir.qweb']._render('customer_success.customer_warning_digest_mail', {
            'warnings': warnings[:LISTED], 'hello': self.env._("Good morning %(name)s,", name=self.env.user.name),
            'what': self.env._(
                "%(day)s. These customers need somebody's attention, and nobody has taken them on yet:",
                day=format_date(self.env, day, date_format='full')),
            'more': len(warnings) > LISTED and self.env._("… and %(count)s more.", count=len(warnings) - LISTED),
            'levels': dict(warnings._fields['level']._description_selection(self.env)),
            'colors': {'1': '#d9a400', '2': '#e06c00', '3': '#c9302c'},
            'is_new': lambda warning: not last or warning.news_on and warning.news_on >= last,
            'url': self.get_base_url(), 'date': lambda value: format_date(self.env, value)})
        return subject, body

    @api.autovacuum
    def _gc_digests(self):
        """Forget what was sent more than 90 days ago."""
        old = self.search([('day', '<', 'today -90d')], limit=10000)
        old.unlink()
        return len(old), len(old) == 10000
