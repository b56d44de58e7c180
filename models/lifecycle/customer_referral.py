from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

from ..base.local_day import in_company_zone
from ..platform.counted import days
from ..platform.local_text import day_text, listed, quoted

#: What may still change by itself; a reward that was given may be clawed back.
RUNNING = ('lead', 'customer', 'ordered', 'paid', 'rewarded')


class CustomerReferral(models.Model):
    """Who referred whom to us, and what came of it: from the lead to the reward (LIF-5).

    A referral goes on by what the customer that was referred does: it becomes a customer, orders, pays. After the hold the
    reward is given, once for a pair and programme; what is credited in time takes it back. Where there is none to give, a
    sentence says why.
    """

    _name = 'customer.referral'
    _inherit = ['mail.thread', 'mail.activity.mixin', 'customer.guarded', 'customer.task']
    _task_types = {'claw_back': 'mail_activity_type_referral'}
    _description = "Referral"
    _order = 'date desc, id desc'
    _rec_name = 'partner_id'

    program_id = fields.Many2one(
        comodel_name='customer.referral.program', string="Referral Programme", required=True, index=True, ondelete='restrict',
        default=lambda self: self.env['customer.referral.program'].search([], limit=1))
    referrer_id = fields.Many2one(
        comodel_name='res.partner', string="Referred By", required=True, index=True, ondelete='cascade', tracking=True,
        domain=[('customer_managed', '=', True)], help="The customer that named us, and gets the reward.")
    referrer_contact_id = fields.Many2one(
        comodel_name='res.partner', string="Person Who Named Us", index='btree_not_null', ondelete='set null',
        domain="[('commercial_partner_id', '=', referrer_id)]")
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="New Customer", index='btree_not_null', ondelete='cascade', tracking=True,
        help="Who was referred to us. Empty as long as there is only a lead.")
    lead_id = fields.Many2one(
        comodel_name='crm.lead', index='btree_not_null', ondelete='set null',
        help="The lead or opportunity that it began with; its customer is the one that was referred.")
    date = fields.Date(
        string="Referred On", required=True, default=fields.Date.context_today, tracking=True,
        help="Orders and payments from this day on count.")
    note = fields.Text(help="How it came about.")
    user_id = fields.Many2one(related='referrer_id.user_id', string="Account Manager")
    state = fields.Selection(
        selection=[
            ('lead', "Is a lead"), ('customer', "Is a customer"), ('ordered', "Has ordered"), ('paid', "Has paid"),
            ('rewarded', "Rewarded"),
            ('refused', "Refused"), ('clawed_back', "Clawed back")],
        string="Status", default='lead', required=True, readonly=True, copy=False, tracking=True, index=True)
    refusal = fields.Selection(
        selection=[
            ('same', "The same customer"), ('address', "The same email address"), ('domain', "The same email domain"),
            ('phone', "The same phone number"), ('known', "A customer before"), ('taken', "Referred by somebody before")],
        string="Refused Because", readonly=True, copy=False)
    other_id = fields.Many2one(
        comodel_name='customer.referral', string="Earlier Referral", readonly=True, copy=False, ondelete='set null')
    ordered_on = fields.Date(readonly=True, copy=False)
    paid_on = fields.Date(readonly=True, copy=False, help="The day on which enough was found to be paid.")
    paid_amount = fields.Monetary(
        string="Paid Without Taxes", currency_field='currency_id', readonly=True, copy=False,
        help="What was invoiced since and is paid, less what was credited in time, in the main company's currency.")
    due_on = fields.Date(string="Reward Due On", readonly=True, copy=False, help="The payment and the hold of the programme.")
    rewarded_on = fields.Date(readonly=True, copy=False)
    currency_id = fields.Many2one(related='program_id.currency_id')
    followup_id = fields.Many2one(
        comodel_name='customer.followup', string="Thank-You", readonly=True, copy=False, ondelete='set null')
    expense_id = fields.Many2one(
        comodel_name='customer.care.expense', string="Booked Gift", readonly=True, copy=False, ondelete='set null')
    problem = fields.Char(readonly=True, copy=False, help="Why the reward could not be given last night.")
    text = fields.Char(string="How It Stands", compute='_compute_text')

    # one reward for a customer and a programme, whoever referred it and how often
    _pair_uniq = models.UniqueIndex(
        "(program_id, partner_id) WHERE state <> 'refused' AND partner_id IS NOT NULL",
        "This customer was referred in this programme already. There is one reward, for whoever was first.")

    @api.constrains('partner_id', 'lead_id')
    def _check_whom(self):
        for referral in self:
            if not referral.partner_id and not referral.lead_id:
                raise ValidationError(self.env._("Say who was referred: choose a contact, or the lead that it began with."))

    @api.constrains('date')
    def _check_date(self):
        for referral in self:
            if referral.date > fields.Date.context_today(referral):
                raise ValidationError(self.env._("A referral can't be in the future. Choose the day on which you heard of it."))

    @api.depends('state', 'refusal', 'other_id', 'paid_on', 'due_on', 'rewarded_on', 'problem', 'program_id', 'partner_id',
                 'lead_id')
    @api.depends_context('lang')
    def _compute_text(self):
        for referral in self:
            referral.text = referral.problem or referral._describe()

    @api.depends('partner_id', 'lead_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for referral in self:
            referral.display_name = (
                referral.partner_id.display_name or referral.lead_id.display_name or self.env._("A lead that was deleted"))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def _open_to_people(self):
        return {'program_id', 'referrer_id', 'referrer_contact_id', 'partner_id', 'lead_id', 'date', 'note'} | {
            name for name in self._fields if name.startswith(('message_', 'activity_'))}

    def _say_kept(self, names):
        return self.env._(
            "%(fields)s of a referral follows from orders and payments and can't be changed by hand.", fields=names)

    @api.model_create_multi
    def create(self, vals_list):
        """Note referrals; whoever can't be rewarded for one is told why."""
        for vals in vals_list:
            self._guard(vals)
        completed, referrals = [self._complete(vals) for vals in vals_list], self.browse()
        if self._is_guarded():
            self.env['res.partner'].browse(
                [values['referrer_id'] for values in completed if values.get('referrer_id')])._check_works_with()
        for values in completed:
            # one after the other: of two for one customer the second one finds the first
            values |= self._if_taken(values.get('program_id') or self.default_get(['program_id']).get('program_id'),
                                     values.get('partner_id'))
            referrals += super().create([values])
            referrals.flush_model()
        if self._is_guarded():
            referrals._check_person()
        referrals._judge()
        return referrals

    def write(self, vals):
        self._guard(vals)
        if self._is_guarded() and {'program_id', 'referrer_id', 'partner_id', 'date'} & vals.keys():
            self._refuse_decided()
        vals = self._complete(vals, by_lead=self._is_guarded())
        if {'program_id', 'partner_id'} & vals.keys() and 'state' not in vals:
            for referral in self:
                program_id, partner_id = (vals.get(name, referral[name].id) for name in ('program_id', 'partner_id'))
                if taken := self._if_taken(program_id, partner_id, referral.ids):
                    referral._set(taken)
        result = super().write(vals)
        if self._is_guarded() and {'program_id', 'referrer_id', 'partner_id', 'lead_id', 'date'} & vals.keys():
            self._check_works_with_referrer()
            self._judge()
        if self._is_guarded() and {'referrer_id', 'referrer_contact_id'} & vals.keys():
            self._check_person()
        return result

    def _check_person(self):
        """Refuse as who named us a contact of somebody else."""
        for referral in self:
            referral.referrer_contact_id._check_belongs_to(referral.referrer_id)

    @api.model
    def _complete(self, vals, by_lead=True):
        """Return the values with customers in the place of their contacts.

        :param bool by_lead: the customer of a lead is who was referred
        """
        vals = dict(vals)
        partners = self.env['res.partner']
        if by_lead and vals.get('lead_id') and not vals.get('partner_id'):
            partner = self.env['crm.lead'].browse(vals['lead_id']).partner_id
            if partner:
                vals['partner_id'] = partner.id
        if vals.get('partner_id'):
            vals['partner_id'] = partners.browse(vals['partner_id']).commercial_partner_id.id
        if vals.get('referrer_id'):
            person = partners.browse(vals['referrer_id'])
            vals['referrer_id'] = person.commercial_partner_id.id
            if person != person.commercial_partner_id:
                vals.setdefault('referrer_contact_id', person.id)
        return vals

    @api.model
    def _if_taken(self, program_id, partner_id, but=()):
        """Return the values of a referral of a customer that somebody referred before, nothing where nobody did.

        :param but: ids of the referral itself
        """
        if not (program_id and partner_id):
            return {}
        everybody = self.sudo()  # a customer is referred once, whoever looks after the other one
        first = everybody.search([
            ('program_id', '=', program_id), ('partner_id', '=', partner_id), ('state', '!=', 'refused'),
            ('id', 'not in', list(but))], limit=1)
        return {'state': 'refused', 'refusal': 'taken', 'other_id': first.id} if first else {}

    def _check_works_with_referrer(self):
        if self._is_guarded():
            self.referrer_id._check_works_with()

    def _refuse_decided(self):
        """Refuse to change what a reward was given for."""
        decided = self.filtered(lambda referral: referral.state in ('rewarded', 'clawed_back'))
        if decided:
            raise UserError(self.env._(
                "The reward was given for this referral: %(referrals)s. It stays as it is; note a new one.",
                referrals=listed(self.env, [quoted(self.env, referral.display_name) for referral in decided])))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_rewarded(self):
        self._refuse_decided()

    # ------------------------------------------------------------
    # WHO GETS NONE
    # ------------------------------------------------------------

    def _judge(self):
        """Say of these referrals whether they may be rewarded at all, and where they stand."""
        for referral in self.filtered(lambda referral: referral.state in ('lead', 'customer', 'ordered', 'paid', 'refused')):
            refusal, other = referral._find_refusal()
            values = {'refusal': refusal, 'other_id': other.id, 'state': 'refused' if refusal else 'lead'}
            if refusal or referral.state == 'refused':
                referral._set(values)
        self._settle(self.ids)

    def _set(self, values):
        """Write what people don't: it follows from what they wrote."""
        return self.sudo().write(values)  # readonly for everybody

    def _find_refusal(self):
        """Return why this referral is refused, and the earlier one that has the reward; ``(False, none)`` where it is not."""
        self.ensure_one()
        none = self.browse()
        if reason := self._find_self_referral():
            return reason, none
        if not self.partner_id:
            return False, none
        if taken := self._if_taken(self.program_id.id, self.partner_id.id, self.ids):
            return 'taken', self.browse(taken['other_id'])
        [[known]] = self.env.execute_query(SQL(
            "SELECT EXISTS (SELECT FROM (%s) AS d WHERE d.bought AND d.day < %s)", self._documents_sql(self.partner_id.ids),
            self.date))
        return ('known' if known else False), none

    def _find_self_referral(self):
        """Return why somebody would be rewarded for itself: a key of :attr:`refusal`, or False."""
        ours, theirs = self._family(self.referrer_id), self._family(self.partner_id)
        if self.referrer_id == self.partner_id or ours & theirs:
            return 'same'
        lead = self.lead_id.sudo()  # what it says of whom is compared, and not shown
        emails = {
            'ours': set(filter(None, ours.mapped('email_normalized'))),
            'theirs': set(filter(None, [*theirs.mapped('email_normalized'), email_normalize(lead.email_from or '')]))}
        if emails['ours'] & emails['theirs']:
            return 'address'
        public = self._public_domains()
        domains = [{email.rpartition('@')[2] for email in emails[side]} - public for side in ('ours', 'theirs')]
        if domains[0] & domains[1]:
            return 'domain'
        phones = set(filter(None, ours.mapped('phone_sanitized')))
        if phones & set(filter(None, [*theirs.mapped('phone_sanitized'), lead.phone_sanitized])):
            return 'phone'
        return False

    @api.model
    def _family(self, partner):
        """Return a customer with all its contacts, and the companies above it: whoever is of one family does not refer it."""
        partner = partner.sudo()  # who is compared is not shown
        if not partner:
            return partner
        top = partner
        while top.parent_id:
            top = top.parent_id
        return partner.with_context(active_test=False).search([('id', 'child_of', top.ids)])

    @api.model
    def _public_domains(self):
        """Return the email domains of providers that everybody has an address of."""
        text = self.env['res.config.settings']._customer_success('public_mail_domains') or ''
        return {word.strip().lower().lstrip('@') for word in text.replace('\n', ',').split(',') if word.strip()}

    # ------------------------------------------------------------
    # WHERE IT STANDS
    # ------------------------------------------------------------

    @api.model
    def _documents_sql(self, partner_ids):
        """Return SQL with what customers bought: ``id``, ``day``, ``counts``, ``bought``."""
        self.env['customer.document']._flush()
        reader = self.env['customer.purchase.reader'].sudo()  # orders of all companies
        scheme = self.env['customer.tier.scheme'].sudo()._get_current()  # one ranking for everybody
        return SQL("SELECT id, day, counts, bought FROM (%s) AS documents (id, day, counts, bought, amount, pending)",
                   reader._documents_sql(scheme, partner_ids, amounts=False))

    @api.model
    def _settle(self, ids=None):
        """Make referrals true to what the referred customers did, in a few statements; write what changes.

        :param ids: ids of referrals, None for all that run
        :return: how many changed
        """
        self._follow_leads(ids)
        self.flush_model()
        self.env['customer.document']._flush()
        only = SQL("AND r.id = ANY(%s)", list(ids)) if ids is not None else SQL()
        partner_ids = [partner_id for partner_id, in self.env.execute_query(SQL(
            "SELECT DISTINCT partner_id FROM customer_referral r WHERE r.state IN %s AND r.partner_id IS NOT NULL %s",
            RUNNING, only))]
        if not partner_ids:
            return 0
        changed = self.env.execute_query(SQL(
            """UPDATE customer_referral r
                  SET state = v.new_state, ordered_on = v.ordered_on, paid_amount = v.amount, write_date = %(now)s,
                      paid_on = CASE WHEN v.new_state IN ('paid', 'rewarded', 'clawed_back')
                                     THEN COALESCE(r.paid_on, %(today)s) END,
                      due_on = CASE WHEN v.new_state IN ('paid', 'rewarded', 'clawed_back')
                                    THEN COALESCE(r.paid_on, %(today)s) + v.hold_days END
                 FROM (%(verdict)s) AS v
                WHERE v.id = r.id AND (v.new_state, v.ordered_on, round(v.amount, 2))
                      IS DISTINCT FROM (r.state, r.ordered_on, round(COALESCE(r.paid_amount, 0), 2))
            RETURNING r.id, r.state, v.old_state""",
            now=self.env.cr.now(), today=fields.Date.context_today(self), verdict=self._verdict_sql(partner_ids, only)))
        if changed:
            self.invalidate_model()
            for name, reached in (('_thank', 'ordered'), ('_tell_claw_back', 'clawed_back')):
                moved = [row[0] for row in changed if row[1] != row[2] and (
                    row[1] == reached or reached == 'ordered' and row[1] == 'paid')]
                # follow-ups and notes are for colleagues
                getattr(self.sudo().browse(sorted(moved)), name)()
        return len(changed)

    @api.model
    def _follow_leads(self, ids):
        """Note the customers that leads became; then it is known whether they may be rewarded."""
        everybody = self.sudo()  # leads of colleagues
        domain = Domain('partner_id', '=', False) & Domain('lead_id.partner_id', '!=', False) & Domain('state', 'in', RUNNING)
        if ids is not None:
            domain &= Domain('id', 'in', list(ids))
        for referral in everybody.search(domain):
            referral.write({'partner_id': referral.lead_id.partner_id.id})
            refusal, other = referral._find_refusal()
            if refusal:
                referral.write({'state': 'refused', 'refusal': refusal, 'other_id': other.id})

    @api.model
    def _verdict_sql(self, partner_ids, only):
        """Return SQL with where referrals stand: ``id``, ``old_state``, ``new_state``, ``ordered_on``, the ``amount`` paid and
        the ``hold_days``.

        :param partner_ids: ids of the customers that were referred
        :param SQL only: which referrals ``r``, after AND
        """
        amounts = self.env['customer.money'].sudo()  # invoices of all companies
        money, join = amounts._invoice_money_sql(SQL("m.amount_untaxed_signed"), amounts._missing_rates())
        return SQL(
            """SELECT k.id, k.state AS old_state, k.ordered_on, k.amount, k.hold_days,
                      CASE WHEN k.rewarded_on IS NOT NULL
                           THEN CASE WHEN k.enough OR k.over AND k.stays THEN 'rewarded' ELSE 'clawed_back' END
                           WHEN k.enough THEN 'paid' WHEN k.ordered_on IS NOT NULL THEN 'ordered'
                           WHEN k.customer_managed THEN 'customer' ELSE 'lead' END AS new_state
                 FROM (SELECT r.id, r.state, r.rewarded_on, g.hold_days, p.customer_managed, bought.ordered_on,
                              COALESCE(paid.amount, 0) AS amount,
                              -- afterwards only what was credited in time takes a reward back: neither what is booked anew,
                              -- nor a payment that is
                              r.paid_on + g.claw_back_days < %(today)s::date AS over,
                              paid.credited IS NOT TRUE OR paid.kept > 0 AND paid.kept >= COALESCE(g.minimum_amount, 0) AS stays,
                              bought.ordered_on IS NOT NULL AND COALESCE(paid.amount, 0) > 0
                              AND COALESCE(paid.amount, 0) >= COALESCE(g.minimum_amount, 0) AS enough
                         FROM customer_referral r
                         JOIN customer_referral_program g ON g.id = r.program_id
                         JOIN res_partner p ON p.id = r.partner_id
                    LEFT JOIN (SELECT r.id, min(d.day) AS ordered_on
                                 FROM customer_referral r JOIN (%(documents)s) AS d ON d.id = r.partner_id
                                WHERE d.bought AND d.day >= r.date GROUP BY r.id) AS bought ON bought.id = r.id
                    LEFT JOIN (SELECT r.id, sum(i.amount) FILTER (WHERE i.is_paid) AS amount, sum(i.amount) AS kept,
                                      bool_or(i.move_type = 'out_refund') AS credited
                                 FROM customer_referral r
                                 JOIN customer_referral_program g ON g.id = r.program_id
                                 JOIN (SELECT m.commercial_partner_id AS partner_id, m.invoice_date AS day, m.move_type,
                                              m.move_type = 'out_refund'
                                              OR m.payment_state IN ('paid', 'in_payment', 'reversed') AS is_paid,
                                              %(money)s AS amount
                                         FROM account_move m %(join)s
                                        WHERE m.commercial_partner_id = ANY(%(partners)s) AND m.state = 'posted'
                                          AND m.move_type IN ('out_refund', 'out_invoice')) AS i
                                   ON i.partner_id = r.partner_id AND i.day >= r.date
                                WHERE i.move_type = 'out_invoice' OR r.paid_on IS NULL
                                   OR i.day <= r.paid_on + g.claw_back_days
                             GROUP BY r.id) AS paid ON paid.id = r.id
                        WHERE r.state IN %(running)s %(only)s) AS k""",
            documents=self._documents_sql(partner_ids), money=money, join=join, partners=partner_ids, running=RUNNING, only=only,
            today=fields.Date.context_today(self))

    # ------------------------------------------------------------
    # THE REWARD
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_reward(self):
        """Nightly: where do the referrals stand, and whose reward is due?"""
        with self.env['customer.run']._measure('referral') as run:
            run['done'] = self._settle()
            due = self.search([('state', '=', 'paid'), ('due_on', '<=', fields.Date.context_today(self))])

            def set_aside(referral, error):
                referral._set({'problem': self.env['customer.fact']._problem(error)})
                return {'failed': 1}
            results = self.env['customer.routine']._by_halves(due, lambda referrals: referrals._reward(), set_aside)
            run['failed'] = sum(result.get('failed', 0) for result in results)
            run['note'] = self.env._("Rewards given: %(count)s", count=sum(result.get('given', 0) for result in results))

    def action_reward(self):
        """Give the reward now, without waiting for the hold."""
        self._settle(self.ids)
        for referral in self:
            referral.referrer_id._check_works_with()
            if referral.state != 'paid':
                raise UserError(self.env._(
                    "There is no reward to give for %(referral)s. %(text)s", referral=referral.display_name, text=referral.text))
        self._reward()
        return True

    def _reward(self):
        """Give the rewards of these referrals: book gifts, and see that the referrer hears of it.

        :return: how many were ``given``
        """
        today = fields.Date.context_today(self)
        for referral in self.sudo():  # rewards follow from payments, whoever looks after whom
            program, expense = referral.program_id, False
            if program.reward_kind == 'gift':
                expense = referral._book_gift()
            referral.write({
                'state': 'rewarded', 'rewarded_on': today, 'problem': False, 'expense_id': expense and expense.id})
            if referral.followup_id.state != 'planned':
                referral._open_followup(today)
            if referral.followup_id.state == 'planned':
                referral.followup_id.name = referral._thanks_text(referral.followup_id.user_id, with_reward=True)
        return {'given': len(self)}

    def _book_gift(self):
        """Book the gift on the care budget of the referrer, and return the entry."""
        self.ensure_one()
        own = self.with_context(lang=self.referrer_id.user_id.lang or self.env.lang)  # who reads it on the budget
        program, partner, person = own.program_id, own.referrer_id, own.referrer_contact_id
        company = partner._planning_company()
        main = self.env['customer.registry']._main_company()
        amount = program.currency_id._convert(program.worth, company.currency_id, main, fields.Date.context_today(self))
        return self.env['customer.care.expense'].create({
            'partner_id': partner.id, 'kind_id': program.care_kind_id.id,
            'contact_id': person.id if person.commercial_partner_id == partner else False,  # may have left since
            'name': program.reward, 'date': fields.Date.context_today(self), 'company_id': company.id, 'amount': amount,
            'user_id': partner.user_id.id or self.env.uid,
            'reason': own.env._("Referred %(customer)s to us", customer=own.partner_id.display_name)})

    def _thank(self):
        """Open the follow-up that says thank you, for referrals whose customer ordered."""
        today = fields.Date.context_today(self)
        for referral in self.filtered(lambda referral: not referral.followup_id):
            referral._open_followup(fields.Date.add(today, days=referral.program_id.thanks_days))

    def _open_followup(self, day):
        """Open a follow-up with the referrer, as an agreed next step of its account manager.

        :param date day: when it is due
        """
        self.ensure_one()
        partner, channel = self.referrer_id, self.program_id.thanks_channel_id
        if not (partner.customer_managed and channel) or partner.customer_do_not_contact:
            return
        company = partner._planning_company()
        owner = self.env['customer.responsibility']._owner('manager', partner.user_id, company)
        self.followup_id = self.env['customer.followup'].create({
            'partner_id': partner.id, 'company_id': company.id, 'channel_id': channel.id,
            'contact_id': self.referrer_contact_id.id, 'name': self._thanks_text(owner), 'date_planned': day,
            **({'user_id': owner.id} if owner else {})})

    def _thanks_text(self, user, with_reward=False):
        """Return what the follow-up with the referrer is about.

        :param user: res.users who does it, in whose language it is
        """
        record = self.with_context(lang=user.lang or self.env.lang)
        values = {'customer': record.partner_id.display_name, 'reward': record.program_id.reward}
        if with_reward:
            return record.env._("Say thank you for %(customer)s, and hand over: %(reward)s", **values)
        return record.env._("Say thank you: %(customer)s, whom they referred to us, has ordered", **values)

    def _tell_claw_back(self):
        """See that whoever looks after the referrer hears that the reward is taken back."""
        for referral in self:
            company = referral.referrer_id._planning_company()
            owner = self.env['customer.responsibility']._owner('manager', referral.referrer_id.user_id, company)
            referral.message_post(body=referral.with_context(lang=owner.lang or self.env.lang)._describe())
            if owner:
                referral._give_task('claw_back', owner, lambda own: own._describe())

    def _describe(self):
        """Return how this referral stands, in a sentence."""
        self.ensure_one()
        program, customer = self.program_id, self.display_name
        values = {'customer': customer, 'referrer': self.referrer_id.display_name, 'reward': program.reward}

        def day(value):
            return day_text(self.env, value, 'yMMMd') if value else "–"
        if self.state == 'refused':
            return self._describe_refusal(values)
        if self.state == 'lead' and not self.partner_id and not self.lead_id:
            return self.env._("The lead was deleted. Choose who was referred to us, or delete this referral.")
        if self.state == 'lead':
            return self.env._("%(customer)s is no customer yet.", **values)
        if self.state == 'customer':
            return self.env._("%(customer)s has not ordered since.", **values)
        if self.state == 'ordered':
            return self.env._("Ordered on %(day)s; the reward waits for the payment.", day=day(self.ordered_on))
        if self.state == 'paid':
            return self.env._("Paid; the reward (%(reward)s) is given on %(day)s.", day=day(self.due_on), **values)
        if self.state == 'rewarded':
            return self.env._("Rewarded on %(day)s: %(reward)s.", day=day(self.rewarded_on), **values)
        return self.env._(
            "The reward (%(reward)s) of %(day)s is taken back: what was paid was credited within %(days)s.",
            day=day(self.rewarded_on), days=days(self.env, program.claw_back_days), **values)

    def _describe_refusal(self, values):
        """Return why there is no reward, in a sentence.

        :param dict values: names for it
        """
        other = self.other_id.sudo()  # of a colleague's customer: only who was first is told
        return {
            'same': lambda: self.env._("No reward: %(customer)s and %(referrer)s are one customer.", **values),
            'address': lambda: self.env._(
                "No reward: %(customer)s and %(referrer)s have the same email address.", **values),
            'domain': lambda: self.env._(
                "No reward: %(customer)s and %(referrer)s have the same email domain, so they seem to be one company.",
                **values),
            'phone': lambda: self.env._("No reward: %(customer)s and %(referrer)s have the same phone number.", **values),
            'known': lambda: self.env._("No reward: %(customer)s had bought from us before.", **values),
            'taken': lambda: self.env._(
                "No reward: %(customer)s was referred on %(day)s already, by %(first)s.",
                day=day_text(self.env, other.date, 'yMMMd') if other else "–", first=other.referrer_id.display_name or "–",
                **values),
        }[self.refusal or 'same']()
