import re

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date, html2plaintext, plaintext2html
from odoo.tools.mail import is_html_empty

from ...engine import greetings
from ..platform.counted import persons
from ..platform.local_text import labelled
from .customer_greeting_facts import CONTACTS

#: What a person may write on a greeting; everything else follows from its follow-up and the scheduled action.
OPEN_TO_PEOPLE = {'draft', 'subject'}

#: Channels on which the text itself goes out; on the others somebody speaks.
WRITTEN_MEDIA = {'email', 'sms', 'other'}


class CustomerGreeting(models.Model):
    """A greeting of a person on an occasion, once a year, with its text (CUL-4).

    The year is that of the calendar the occasion belongs to: the lunar year of a lunar birthday, the Hijri year of an Eid.
    The row is there once the greeting opened; it stays, so that nobody is greeted twice.
    """

    _name = 'customer.greeting'
    _description = "Greeting"
    _inherit = ['customer.guarded']
    _order = 'date desc, id desc'
    _rec_names_search = ['partner_id', 'contact_id']

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Whose Occasion", required=True, readonly=True, index=True, ondelete='cascade')
    partner_name = fields.Char(related='partner_id.name', string="Person")
    contact_name = fields.Char(related='contact_id.name', string="Greeting To")
    customer_id = fields.Many2one(
        comodel_name='res.partner', required=True, readonly=True, index=True, ondelete='cascade')
    contact_id = fields.Many2one(
        comodel_name='res.partner', string="To", readonly=True, index='btree_not_null', ondelete='set null',
        help="Who is greeted. Empty: the company as a whole.")
    kind_id = fields.Many2one(
        comodel_name='customer.occasion.kind', string="Occasion", required=True, readonly=True, index=True,
        ondelete='restrict')
    occasion_id = fields.Many2one(
        comodel_name='customer.occasion', string="Noted As", readonly=True, index='btree_not_null', ondelete='set null')
    festival_id = fields.Many2one(
        comodel_name='customer.festival', readonly=True, index='btree_not_null', ondelete='restrict')
    year = fields.Integer(required=True, readonly=True, help="In the calendar the occasion belongs to.")
    moment = fields.Integer(readonly=True, help="Tells apart what happens only once; 0 for what comes every year.")
    date = fields.Date(required=True, readonly=True, index=True)
    since = fields.Integer(string="First Time (year)", readonly=True)
    years = fields.Integer(compute='_compute_years', help="How many years it is this time; 0: not known.")
    company_id = fields.Many2one(comodel_name='res.company', required=True, readonly=True, index=True)
    followup_ids = fields.One2many(
        comodel_name='customer.followup', inverse_name='greeting_id', string="Follow-ups", readonly=True)
    followup_id = fields.Many2one(
        comodel_name='customer.followup', string="Follow-up", compute='_compute_followup_id')
    user_id = fields.Many2one(related='followup_ids.user_id', string="Responsible")
    state = fields.Selection(
        selection=[('planned', "To be greeted"), ('sent', "Greeted"), ('skipped', "Not greeted"), ('failed', "Set aside")],
        required=True, default='planned', readonly=True)
    sent_at = fields.Datetime(string="Greeted On", readonly=True)
    problem = fields.Char(string="Why Not Greeted", readonly=True)
    withdrawn = fields.Boolean(
        readonly=True, help="Taken back because the occasion, the day or the customer is another one now. It may open again.")
    # the text
    subject = fields.Char()
    draft = fields.Text(string="Text")
    edited = fields.Boolean(readonly=True, help="A person wrote the text.")
    written = fields.Boolean(readonly=True, help="The text itself went out, as an email or a message.")
    text_key = fields.Char(compute='_compute_text_key', store=True)
    fact = fields.Char(readonly=True, help="What the draft says that is known of this person.")
    fact_source = fields.Selection(
        selection=[('note', "Note"), ('contact', "Last contact"), ('since', "Cooperation"), ('none', "Nothing known")],
        string="Quotes", default='none', readonly=True)
    fact_day = fields.Date(readonly=True)
    hint = fields.Char(compute='_compute_hint')
    aside = fields.Text(
        string="For Your Eyes", compute='_compute_aside',
        help="What is noted of this person: for whoever writes the greeting, and not in the letter.")

    _once_uniq = models.UniqueIndex(
        "(partner_id, kind_id, COALESCE(festival_id, 0), year, moment)",
        "There is already a greeting of this person on this occasion in this year.")
    _text_idx = models.Index("(kind_id, year, text_key)")
    _open_idx = models.Index("(date) WHERE state IN ('planned', 'failed')")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('partner_id', 'kind_id', 'festival_id', 'year')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for greeting in self:
            greeting.display_name = labelled(self.env, greeting._person().name, f'{greeting._what()} {greeting.year}')

    @api.depends('since', 'year')
    def _compute_years(self):
        for greeting in self:
            greeting.years = max(greeting.year - greeting.since, 0) if greeting.since else 0

    @api.depends('followup_ids')
    def _compute_followup_id(self):
        for greeting in self:
            greeting.followup_id = greeting.followup_ids[:1]

    @api.depends('draft')
    def _compute_text_key(self):
        for greeting in self:
            greeting.text_key = greeting._fingerprint(greeting.draft)

    def _fingerprint(self, draft):
        """Return what makes a text the same as another one, see ``engine.greetings``."""
        self.ensure_one()
        sender = self.sudo().user_id  # the name of a colleague is no part of the text either
        names = [self.partner_id.name, self.contact_id.name, self.customer_id.name, sender.name]
        return greetings.fingerprint(
            draft or '', filter(None, names), self.env['customer.greeting.address']._get_address())

    @api.depends('occasion_id.note', 'occasion_id.may_tell', 'contact_id', 'partner_id', 'customer_id')
    @api.depends_context('uid', 'lang')
    def _compute_aside(self):
        """What the draft does not say: the note of the occasion, and the last contacts that the user may see."""
        for greeting in self:
            occasion = greeting.occasion_id
            lines = [self.env._("Note: %(note)s", note=occasion.note)] if occasion.note and not occasion.may_tell else []
            lines += [self.env._(
                "%(day)s, %(channel)s: %(said)s", day=format_date(self.env, contact.contact_day),
                channel=contact.channel_id.name, said=contact.feedback.strip().split('\n')[0])
                for contact in greeting._known_contacts()]
            greeting.aside = "\n".join(lines)

    def _known_contacts(self):
        """Return the last contacts with this person that the user may see and that are not for the letter; with the
        customer where nobody is named."""
        self.ensure_one()
        followups, person = self.env['customer.followup'], self._person()
        if not followups.has_access('read'):
            return followups
        people = person.ids if person != self.customer_id else self.customer_id.child_ids.ids + person.ids
        return followups.search(
            Domain('partner_id', '=', self.customer_id.id) & Domain('state', '=', 'done') & Domain('qualifies', '=', True)
            & Domain('contact_id', 'in', [*people, False]) & Domain('feedback', 'not in', (False, ''))
            & Domain('may_tell', '=', False) & Domain('greeting_id', '=', False),
            order='contact_at desc, id desc', limit=CONTACTS)

    @api.depends('fact_source', 'fact_day', 'edited', 'state', 'aside')
    @api.depends_context('uid', 'lang')
    def _compute_hint(self):
        for greeting in self:
            if greeting.edited or greeting.state != 'planned':
                greeting.hint = False
            elif greeting.fact_source == 'note':
                greeting.hint = self.env._("Quotes the note on the occasion: read it as the person will.")
            elif greeting.fact_source == 'contact':
                greeting.hint = self.env._(
                    "Quotes what was said on %(day)s: read it as the person will.",
                    day=format_date(self.env, greeting.fact_day))
            elif greeting.aside:
                greeting.hint = self.env._("Nothing in it is about this person yet: say in your own words what you know.")
            elif greeting.fact_source == 'since':
                greeting.hint = self.env._("Mentions how long you have worked together. Add something personal if you can.")
            else:
                greeting.hint = self.env._("Nothing personal is known: add a sentence of your own.")

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.constrains('draft', 'edited', 'state', 'written')
    def _check_same_text(self):
        """Refuse the same text for more people than the setting says (CUL-4).

        What counts is what went out and what somebody wrote; drafts that nobody touched yet do not.
        """
        limit = self.env['res.config.settings']._customer_success('greeting_same_text')
        for greeting in self:
            if not greeting.text_key or not greeting._text_counts():
                continue
            # the same text to customers of colleagues is the same text
            others = self.sudo().search([
                ('kind_id', '=', greeting.kind_id.id), ('year', '=', greeting.year),
                ('festival_id', '=', greeting.festival_id.id), ('text_key', '=', greeting.text_key),
                ('id', '!=', greeting.id)]).filtered(lambda other: other._text_counts())
            if len(others) >= limit:
                raise ValidationError(self.env._(
                    "This text for %(occasion)s %(year)s already goes to %(persons)s, and no more than %(limit)s may get the "
                    "same. Add a sentence that is only for %(person)s: what you talked about last, or what they are proud of.",
                    persons=persons(self.env, len(others)), occasion=greeting._what(), year=greeting.year, limit=limit,
                    person=greeting._person().name))

    def _text_counts(self):
        """Return whether this text goes to its person, or went."""
        self.ensure_one()
        return self.edited and self.state == 'planned' or self.written and self.state == 'sent'

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._(
                "Greetings open by themselves. Note the occasion on the contact, and its greeting opens in time."))
        return super().create(vals_list)

    def write(self, vals):
        """People write the text; the rest follows from the follow-up."""
        self._guard(vals)
        if 'draft' in vals and 'edited' not in vals:
            if closed := self.filtered(lambda greeting: greeting.state not in ('planned', 'failed')):
                raise ValidationError(self.env._(
                    "%(greeting)s is closed: its text stays as it was.", greeting=closed[0].display_name))
            vals = {**vals, 'edited': True}
        return super().write(vals)

    def _open_to_people(self):
        return OPEN_TO_PEOPLE

    def _say_kept(self, names):
        return self.env._("These fields of a greeting follow from its follow-up and can't be written: %(names)s.", names=names)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_followup(self):
        """Open the follow-up of this greeting."""
        self._customer_one()
        return self.followup_id._customer_open()

    def action_redraft(self):
        """Write the drafts of these greetings anew, with what is known now."""
        self.check_access('write')
        # the words of colleagues with the same customer may be quoted
        self.env['customer.greeter'].sudo()._draft(self.filtered(lambda greeting: greeting.state == 'planned').sudo())
        return True

    def action_retry(self):
        """Open the greetings that were set aside."""
        self.check_access('write')
        failed = self.filtered(lambda greeting: greeting.state == 'failed')
        failed.sudo().unlink()  # they come back from what they follow from
        self.env['customer.greeter']._wake()
        return True

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _person(self):
        """Return who is greeted: the person, else the company."""
        self.ensure_one()
        return self.contact_id or self.partner_id

    def _what(self):
        """Return what is greeted on: the festival, else the kind."""
        self.ensure_one()
        return self.festival_id.name or self.kind_id.name or ''

    def _language(self):
        """Return the language the person is written to in."""
        self.ensure_one()
        installed = {code for code, __ in self.env['res.lang'].get_installed()}
        wanted = (self._person().lang, self.customer_id.lang, self.company_id.partner_id.lang)
        return next((lang for lang in wanted if lang in installed), 'en_US')

    def _draft_html(self):
        """Return the draft as the body of an email."""
        self.ensure_one()
        return plaintext2html(self.draft) if self.draft else Markup()

    @api.model
    def _plain_text(self, html):
        """Return the text of an email body, the way the draft is kept."""
        if is_html_empty(html):
            return ''
        text = html2plaintext(str(html).replace('</p>', '<br/><br/></p>'), include_references=False)
        return re.sub(r'\n\s*\n', '\n\n', text).strip()

    def _close_with(self, state, medium):
        """Follow what became of the follow-up.

        :param str state: of the follow-up: ``done``, ``skipped`` or ``cancelled``
        :param str medium: of the channel it was done on
        """
        for greeting in self.filtered(lambda greeting: greeting.state == 'planned'):
            greeting.write({
                'state': 'sent', 'sent_at': fields.Datetime.now(), 'written': medium in WRITTEN_MEDIA,
            } if state == 'done' else {'state': 'skipped'})

    def _log_email(self):
        """Log that this greeting went out by email, as whoever sent it."""
        self.ensure_one()
        followup = self.followup_id
        if followup.state != 'planned':
            return
        email = followup.channel_id if followup.medium == 'email' else self.env['customer.channel'].search(
            [('medium', '=', 'email')], limit=1) or followup.channel_id
        self.customer_id._log_contact(
            channel=email, contact_at=fields.Datetime.now(), followup=followup, contact=self.contact_id,
            feedback=self.env._("Greeting sent: %(subject)s", subject=self.subject or self._what()))
