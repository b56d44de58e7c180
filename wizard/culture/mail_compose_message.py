from markupsafe import Markup

from odoo import api, fields, models

from ...models.profile.res_partner import GROUP_USER

#: An email to more customers than these is a mailing.
CUSTOMERS = 3


class MailComposeMessage(models.TransientModel):
    _inherit = 'mail.compose.message'

    customer_greeting_id = fields.Many2one(
        comodel_name='customer.greeting', readonly=True, ondelete='cascade', groups='base.group_user')

    customer_advice_html = fields.Html(
        string="Good to Know", compute='_compute_customer_advice_html', groups=GROUP_USER,
        sanitize=False)  # made by the server

    @api.depends('composition_mode', 'model', 'res_ids', 'res_domain', 'partner_ids', 'scheduled_date', 'subtype_is_log')
    @api.depends_context('uid', 'lang', 'tz')
    def _compute_customer_advice_html(self):
        for composer in self:
            if composer.composition_mode == 'mass_mail':
                composer.customer_advice_html = composer._advise_mass_mail()
            elif composer.subtype_is_log:
                composer.customer_advice_html = Markup()  # nobody outside reads it
            else:
                composer.customer_advice_html = composer._advise_recipients()

    def _advise_recipients(self):
        """Return alert and card of the customers that the email goes to."""
        service = self.env['customer.advice']
        recipients = self.partner_ids._origin._filtered_access('read')
        customers = recipients.commercial_partner_id._filtered_access('read').filtered('customer_managed')
        moment = self.env['mail.mail']._parse_scheduled_datetime(self.scheduled_date) if self.scheduled_date else False
        moment = moment and moment.replace(tzinfo=None)
        advices = []
        for customer in customers[:CUSTOMERS]:
            day = customer._customer_now(moment or None).date()
            advice = customer._customer_advice(day, self.env['customer.channel']._for_screen('email', 'email'), planned=True)
            # which channel they would prefer stands on the card: the email is being written already
            advices.append((customer, service._alert({**advice, 'hints': []}), service._card(customer, advice)))
        advices = [row for row in advices if row[1] or row[2]]
        return advices and service._render('culture_customers', advices=advices) or Markup()

    def _advise_mass_mail(self):
        """Return a warning that says how many of the recipients' customers an email does not suit today."""
        service, channel = self.env['customer.advice'], self.env['customer.channel']._for_screen('email', 'email')
        total, against, closed = service._count_today(self._mass_mail_partner_ids(), channel)
        values = {'total': total, 'against': against, 'closed': closed}
        warnings = []
        if against:
            warnings.append(self.env._(
                "An email today does not suit the customs of so many of the customers among the recipients: %(against)s of "
                "%(total)s.",
                **values))
        if closed:
            warnings.append(self.env._(
                "Today is a weekend or a public holiday for so many of the customers among the recipients: %(closed)s of "
                "%(total)s.",
                **values))
        if not warnings:
            return Markup()
        return service._render('culture_alert', warnings=warnings, better='', welcome=[], hints=[], level='warning')

    def _mass_mail_partner_ids(self):
        """Return the ids of the contacts that a mailing goes to."""
        if not self.model or self.model not in self.env:
            return []
        records = self.env[self.model]
        if self.res_domain:
            records = records.search(self._evaluate_res_domain())
        else:
            records = records.browse(self._evaluate_res_ids())
        if self.model == 'res.partner':
            return records.ids
        partners = records._filtered_access('read')._mail_get_partners()
        return list({partner_id for found in partners.values() for partner_id in found.ids})

    def _action_send_mail(self, auto_commit=False):
        """Keep the text of a greeting as it goes out, refuse what goes to too many, and log the contact (CUL-4)."""
        greetings = self.customer_greeting_id.filtered(lambda greeting: greeting.state == 'planned')
        for composer in self.filtered(lambda composer: composer.customer_greeting_id in greetings):
            composer.customer_greeting_id.write({
                'subject': composer.subject, 'draft': composer.customer_greeting_id._plain_text(composer.body)})
        result = super()._action_send_mail(auto_commit=auto_commit)
        for greeting in greetings:
            greeting._log_email()
        return result
