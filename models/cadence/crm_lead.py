from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ..profile.res_partner import GROUP_USER
from .customer_followup import GONE

#: What may win a lead, take that back, or say whose it is.
DECIDES = {'stage_id', 'probability', 'active', 'partner_id'}
#: What moves the follow-ups of a lead.
PLANNED_BY = {*DECIDES, 'user_id', 'team_id', 'company_id', 'email_from', 'phone', 'country_id', 'state_id'}


class CrmLead(models.Model):
    """Leads have follow-ups by the cadence of their needs grade, as customers have; one that is won is an event that
    touchpoints wait for, and its history goes along to its customer (SEG-6, LIF-1)."""

    _inherit = 'crm.lead'

    customer_won_at = fields.Datetime(
        string="First Won", readonly=True, copy=False,
        help="When it was won for the first time: who wins it once more does not thank the customer again.")
    customer_followup_ids = fields.One2many(
        comodel_name='customer.followup', inverse_name='lead_id', string="Follow-ups", groups=GROUP_USER)
    customer_next_contact = fields.Date(
        string="Next Contact", compute='_compute_customer_contact', search='_search_customer_next_contact', groups=GROUP_USER)
    customer_last_contact = fields.Date(
        string="Last Contact", compute='_compute_customer_contact', groups=GROUP_USER,
        help="The last time somebody was reached.")
    customer_contact_text = fields.Char(string="What Comes Next", compute='_compute_customer_contact', groups=GROUP_USER)
    customer_contact_state = fields.Selection(
        selection=[('overdue', "Overdue"), ('week', "Due this week"), ('track', "On track"), ('none', "Nothing planned")],
        string="Contact State", compute='_compute_customer_contact', search='_search_customer_contact_state',
        groups=GROUP_USER)

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends_context('uid', 'tz', 'lang')
    @api.depends('customer_followup_ids.state', 'customer_followup_ids.date_planned', 'customer_followup_ids.date_limit')
    def _compute_customer_contact(self):
        coming, last = self._read_customer_contacts()
        reader = self.env['customer.contact.reader']
        for lead in self:
            followup = coming.get(lead._origin.id)
            lead.customer_next_contact = followup and followup[0]
            lead.customer_last_contact = last.get(lead._origin.id)
            lead.customer_contact_state = reader._state(*(
                (followup[2], followup[0], followup[3]) if followup else (False, False, False)))
            lead.customer_contact_text = reader._describe_next(followup[0], followup[1]) if followup \
                else lead._describe_customer_instead()

    def _read_customer_contacts(self):
        """Return the next and the last contact about these leads, of the follow-ups that the user may see.

        :return: by lead id the day, the channel id and the id of the next one and the earliest limit; and the last day
        :rtype: tuple[dict[int, tuple], dict]
        """
        followups, ids = self.env['customer.followup'], self._origin.ids
        if not ids or not followups.has_access('read'):
            return {}, {}
        query = followups._search(Domain('lead_id', 'in', ids) & (
            Domain('state', '=', 'planned') & Domain('partner_id', '=', False)
            | Domain('state', '=', 'done') & Domain('qualifies', '=', True)))
        columns = ('id', 'lead_id', 'state', 'contact_day', 'date_planned', 'date_limit', 'channel_id')
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT ON (lead_id, state) lead_id, state, date_planned, channel_id, id,
                      min(date_limit) OVER (PARTITION BY lead_id, state), max(contact_day) OVER (PARTITION BY lead_id, state)
                 FROM (%s) f ORDER BY lead_id, state, date_planned, id""",
            query.select(*(followups._field_to_sql(query.table, name, query) for name in columns))))
        return (
            {lead_id: (day, channel_id, followup_id, limit) for lead_id, state, day, channel_id, followup_id, limit, __ in rows
             if state == 'planned'},
            {row[0]: row[-1] for row in rows if row[1] == 'done'})

    def _describe_customer_instead(self):
        """Return why nothing is open for the lead, where that is to be said."""
        if not self.customer_grade_id or self.won_status != 'pending':
            return False
        customer = self.partner_id.commercial_partner_id
        if customer.customer_managed and customer.customer_next_text and self.env['customer.lead.planner']._in_force():
            return self.env._("The customer's own next contact counts: %(text)s", text=customer.customer_next_text)
        return False

    def _search_customer_next_contact(self, operator, value):
        if operator in ('in', 'not in') or value is False:
            return NotImplemented
        return Domain('customer_followup_ids', 'any', self._customer_open_domain() & Domain('date_planned', operator, value))

    def _search_customer_contact_state(self, operator, value):
        if operator != 'in':
            return NotImplemented
        today = fields.Date.context_today(self)
        week_end = fields.Date.end_of(today, 'week')
        is_open = self._customer_open_domain()

        def having(domain):
            return Domain('customer_followup_ids', 'any', is_open & domain)
        overdue, soon = having(Domain('date_limit', '<', today)), having(Domain('date_planned', '<=', week_end))
        planned = Domain('customer_followup_ids', 'any', is_open)
        domains = {
            'overdue': overdue, 'week': ~overdue & soon, 'track': ~overdue & ~soon & planned, 'none': ~planned}
        return Domain.OR(domains[key] for key in value if key in domains)

    @api.model
    def _customer_open_domain(self):
        return Domain('state', '=', 'planned') & Domain('partner_id', '=', False)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        with self.env['customer.plan.request']._together():
            leads._customer_signed(leads.browse(), leads.browse())
        return leads

    def write(self, vals):
        if not PLANNED_BY & vals.keys():
            return super().write(vals)
        won, partners = self._filtered_won(), self.sudo().partner_id  # whoever works on leads need not see all contacts
        told = {lead: lead.partner_id for lead in self.sudo()}  # as above
        with self.env['customer.plan.request']._together():
            result = super().write(vals)
            if DECIDES & vals.keys():
                self._customer_signed(won, partners)
            self._customer_follow(won, told)
        return result

    def unlink(self):
        """What was said to a customer stays with it; what was planned for the lead alone goes with it."""
        followups = self.env['customer.followup'].sudo()  # whoever may delete the lead
        followups.search([('lead_id', 'in', self.ids), ('partner_id', '=', False)]).with_context(customer_gone=GONE).unlink()
        followups.search([('lead_id', 'in', self.ids)]).write({'lead_id': False})
        customers = self.sudo()._filtered_won().partner_id.commercial_partner_id  # as above
        result = super().unlink()
        if customers and self.env['res.config.settings']._customer_success('won_leads'):
            customers._refresh_managed()
        return result

    def _filtered_won(self):
        return self.filtered(lambda lead: lead.won_status == 'won')

    def _customer_signed(self, won, partners):
        """Note which of these leads were won, and have their customers planned.

        :param won: those that were before
        :param partners: whose they were before
        """
        now = self._filtered_won()
        if not won and not now:
            return
        for lead in now.filtered(lambda lead: not lead.customer_won_at).sudo():  # nobody writes it
            lead.customer_won_at = lead.date_closed or fields.Datetime.now()
        customers = (self.sudo().partner_id | partners).commercial_partner_id  # as in write
        if self.env['res.config.settings']._customer_success('won_leads'):
            customers._refresh_managed()
        self.env['customer.cadence.event']._happened(('signing',), customers.ids)

    # ------------------------------------------------------------
    # PLANNING
    # ------------------------------------------------------------

    def _customer_grade_changed(self):
        result = super()._customer_grade_changed()
        self._customer_replan()
        return result

    def _customer_replan(self):
        """Have these leads planned, as far as there is something to plan."""
        planner = self.env['customer.lead.planner']
        leads = self.sudo()  # whoever changes a lead changes its plan
        followed = leads.filtered('customer_grade_id') if planner._in_force() else leads.browse()
        if others := leads - followed:
            followed |= self.env['customer.followup'].sudo().search([  # as above
                ('lead_id', 'in', others.ids), ('partner_id', '=', False), '|', ('state', '=', 'planned'),
                '&', ('state', '=', 'cancelled'), ('close_kind', 'in', planner._own_kinds)]).lead_id
        self.env['customer.plan.request']._request(followed.ids, planner=planner._name)

    def _customer_follow(self, won, told):
        """Let follow-ups follow what became of these leads, and let their history go along to their customers.

        :param won: those that were won before
        :param dict told: whose each lead was before
        """
        leads = self.sudo()  # as above
        moved = leads.filtered(lambda lead: lead.partner_id and lead.partner_id != told[lead])
        newly_won = (leads._filtered_won() - won.sudo()).filtered('partner_id')  # as above
        if moved or newly_won:
            # the customers of colleagues, too
            partner_ids = self.env['customer.lead.planner'].sudo()._carry((moved | newly_won).ids)
            self.env['customer.plan.request']._request(partner_ids)
            for lead in moved | newly_won:
                lead._customer_tell_needs()
        self._customer_replan()

    def _customer_tell_needs(self):
        """Write into the history of the customer what the lead was about: where it came from, what is needed and what for."""
        known = [
            (self._fields[name]._description_string(self.env), value) for name, value in (
                ('source_id', self.source_id.name), ('customer_grade_id', self.customer_grade_id and self.customer_grade_note),
                ('customer_core_need', self.customer_core_need), ('customer_solution', self.customer_solution)) if value]
        if not known:
            return
        title = self.env._("Won: %(lead)s", lead=self.name) if self.won_status == 'won' else self.env._(
            "From the lead %(lead)s", lead=self.name)
        self.partner_id.commercial_partner_id.message_post(
            body=Markup("<p>%s</p><ul>%s</ul>") % (
                self._get_html_link(title=title), Markup().join(Markup("<li>%s: %s</li>") % pair for pair in known)),
            subtype_xmlid='mail.mt_note')

    def _merge_dependences(self, opportunities):
        """The follow-ups of leads that are merged go to the one that is left: what was done and agreed stays, of what a cadence
        planned it has its own."""
        result = super()._merge_dependences(opportunities)
        # those of colleagues, too
        followups = self.env['customer.followup'].sudo().search([('lead_id', 'in', opportunities.ids)])
        planned = followups.filtered(lambda f: f.state == 'planned' and f.step_id and not f.partner_id)
        if planned:
            planned._mark_cancelled('merged', '')
        followups.write({'lead_id': self.id})
        self.env['customer.lead.planner'].sudo()._carry(self.ids)  # as above
        self._customer_replan()
        return result

    # ------------------------------------------------------------
    # LOGGING
    # ------------------------------------------------------------

    def action_customer_log(self):
        """Open the dialog that logs a contact about this lead."""
        self._customer_one()
        return self._action_customer_log()

    def _action_customer_log(self, followup=None):
        """Open the dialog that logs a contact, for a follow-up if one is given."""
        self._customer_check_may_log()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Log a contact: %(customer)s", customer=self.sudo().name),  # given to somebody else
            'res_model': 'customer.lead.log',
            'view_mode': 'form',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_lead_id': self.id, 'default_followup_id': followup.id if followup else False},
        }

    def action_view_customer_followups(self):
        """Open the follow-ups of these leads, the history included."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_followup_action')
        action['domain'] = [('lead_id', 'in', self.ids)]
        action['context'] = {}
        return action

    def _customer_check_may_log(self):
        """Refuse to log contacts about leads that the user neither may write nor was given a follow-up of."""
        self.env['customer.followup'].check_access('create')
        if others := self - self._customer_filtered_may_log():
            lead = others[0].sudo()  # whose it is
            raise AccessError(self.env._(
                "%(lead)s is worked on by %(user)s. Ask them or your team leader for it.", lead=lead.name,
                user=lead.user_id.name or self.env._("nobody yet")))

    def _customer_filtered_may_log(self):
        """Return those of these leads about which the user may log contacts."""
        if self.env.su:
            return self
        own = self._filtered_access('write')
        if led := self._customer_led_domain():
            # whoever leads here need not see all leads in sales
            found = self.sudo().with_context(active_test=False).search(led & Domain('id', 'in', (self - own).ids))
            own |= self.browse(found.ids)
        given = self.env['customer.followup'].search([
            ('lead_id', 'in', (self - own).ids), ('state', '=', 'planned'), ('user_id', '=', self.env.uid), '|', '|',
            ('owner_id', '=', self.env.uid), ('absence_id', '!=', False), ('given_by_id', 'not in', [self.env.uid, False])])
        return own | given.lead_id

    @api.model
    def _customer_led_domain(self):
        """Return the domain of the leads that are the user's to look after because of the role: those of the team, or all; None
        for a salesperson."""
        user = self.env.user
        here = Domain('company_id', 'in', [*user._get_company_ids(), False])
        if user.has_group('customer_success.group_customer_success_manager'):
            return here
        if user.has_group('customer_success.group_customer_success_leader'):
            return here & Domain('user_id.customer_team_id.user_id', '=', user.id)
        return None

    def _customer_company(self):
        """Return the company that plans this lead."""
        lead = self.sudo()  # given to somebody else
        return lead.company_id or lead.user_id.company_id or self.env['customer.responsibility']._main_company()

    def _customer_log_contact(
        self, *, channel, contact_at, feedback='', outcome='neutral', followup=None, contact=None, issue_progress='',
        next_step='', next_date=False, next_channel=None, reason=None,
    ):
        """Record a contact about this lead; see ``res.partner._log_contact``. It counts for the lead's cadence, and where the
        lead has a contact, for that customer's as well.

        :return: the record of the contact
        """
        self._customer_check_may_log()
        logger = self.env['customer.contact.logger']
        logger._check_contact(contact_at, next_step, next_date)
        day = fields.Datetime.context_timestamp(self, contact_at).date()
        reached = outcome != 'no_answer'
        owner = self.sudo().partner_id.commercial_partner_id  # given to somebody else
        record = self._customer_contact_record(channel, day, followup) if reached else self.env['customer.followup']
        values = {
            'channel_id': channel.id, 'contact_at': contact_at, 'contact_day': day, 'feedback': feedback, 'outcome': outcome,
            'qualifies': reached, 'issue_progress': issue_progress, 'next_step': next_step, 'partner_id': owner.id,
            **({'contact_id': contact.id} if contact else {}),
            **logger._closing_values(contact_at, None, None if reached else reason)}
        if record:
            record._check_open()
            record.sudo().write(values)  # the columns of the planner are not for people to write
        else:
            record = record.sudo().create({  # as above
                'lead_id': self.id, 'user_id': self.env.uid, 'company_id': self._customer_company().id, **values,
            }).with_env(self.env)
        if next_date:
            # as above
            record.sudo().next_followup_id = self.env['customer.followup'].sudo().create({
                'lead_id': self.id, 'company_id': record.company_id.id, 'channel_id': (next_channel or channel).id,
                'name': next_step, 'date_planned': next_date, 'user_id': record.user_id.id or self.env.uid})
        record._after_close()
        return record

    def _customer_contact_record(self, channel, day, followup=None):
        """Return the open follow-up of this lead that a contact closes, or none."""
        if followup and followup.lead_id == self and not followup.partner_id and (
                not followup.step_id or followup._satisfied_by(channel)):
            return followup
        candidates = self.env['customer.followup'].search([
            ('lead_id', '=', self.id), ('partner_id', '=', False), ('state', '=', 'planned'), ('step_id', '!=', False),
            ('date_anchor', '<=', day)], order='date_planned, id')._satisfied_by(channel)
        return candidates.sorted(lambda candidate: candidate.channel_id != channel)[:1]
