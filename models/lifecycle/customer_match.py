from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..base.local_day import in_company_zone


class CustomerMatch(models.Model):
    """An offer of one customer that fits a need of another one: proposed, introduced, and what came of it (LIF-6).

    A pair is proposed when both are of one category and of different customers, neither is over, and both may be contacted. Of
    a need the best few are proposed, and others when these were taken up or dismissed. A proposal that nobody has taken up goes
    when that holds no longer.
    """

    _name = 'customer.match'
    _inherit = ['customer.kept']
    _description = "Introduction of Two Customers"
    _order = 'score desc, id desc'

    offer_id = fields.Many2one(
        comodel_name='customer.supply', string="What Is Offered", required=True, readonly=True, index=True, ondelete='cascade')
    need_id = fields.Many2one(
        comodel_name='customer.supply', string="What Is Needed", required=True, readonly=True, index=True, ondelete='cascade')
    offerer_id = fields.Many2one(related='offer_id.partner_id', string="Who Offers", store=True, index=True)
    needer_id = fields.Many2one(related='need_id.partner_id', string="Who Needs", store=True, index=True)
    category_id = fields.Many2one(related='need_id.category_id', store=True)
    score = fields.Integer(readonly=True, aggregator=None, help="How well both fit: the same country and language come first.")
    reason = fields.Text(compute='_compute_reason', help="Why these two.")
    state = fields.Selection(
        selection=[('proposed', "Proposed"), ('introduced', "Introduced"), ('worked', "It worked"), ('failed', "Came to nothing"),
                   ('dismissed', "Does not fit")],
        string="Status", default='proposed', required=True, readonly=True, index=True)
    introduced_on = fields.Date(readonly=True)
    introduced_by_id = fields.Many2one(comodel_name='res.users', readonly=True, ondelete='set null')
    outcome = fields.Text(string="What It Brought", help="What came of the introduction.")
    followup_ids = fields.Many2many(comodel_name='customer.followup', string="Follow-ups", readonly=True)

    _pair_uniq = models.Constraint('UNIQUE (offer_id, need_id)', "These two were proposed already.")

    @api.depends('offer_id', 'need_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for match in self:
            match.display_name = self.env._(
                "%(offerer)s for %(needer)s", offerer=match.offerer_id.display_name or "–",
                needer=match.needer_id.display_name or "–")

    @api.depends('offer_id.name', 'need_id.name', 'category_id')
    @api.depends_context('lang')
    def _compute_reason(self):
        for match in self:
            # the other side may be a colleague's: what it offers or needs is what the introduction is about
            shown = match.sudo()
            offerer, needer = shown.offerer_id, shown.needer_id
            # who they are stands beside it
            lines = [self.env._(
                "%(category)s: “%(offer)s” for “%(need)s”.", need=shown.need_id.name, offer=shown.offer_id.name,
                category=shown.category_id.name)]
            if offerer.country_id and offerer.country_id == needer.country_id:
                lines.append(self.env._("Both are in %(country)s.", country=offerer.country_id.name))
            match.reason = " ".join(lines)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def _open_to_people(self):
        return {'outcome'}

    def _say_kept(self, names):
        return self.env._(
            "%(fields)s of an introduction follows from the offers and needs of both customers. Change these, or use the "
            "buttons.", fields=names)

    # ------------------------------------------------------------
    # PROPOSING
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_propose(self):
        """Nightly: who fits with whom today?"""
        with self.env['customer.run']._measure('match') as run:
            run['done'] = self._propose()
            run['note'] = self.env._("Pairs proposed: %(count)s", count=run['done'])

    @api.model
    def _propose(self, supply_ids=None):
        """Propose the pairs that fit and take back proposals that fit no longer, in two statements.

        :param supply_ids: ids of offers and needs, None for all
        :return: how many were proposed
        """
        for model in ('customer.supply', 'customer.match', 'res.partner'):
            self.env[model].flush_model()
        needs, touched = SQL(), SQL()
        if supply_ids is not None:
            own = list(supply_ids)
            needs = SQL(
                """AND n.id IN (SELECT q.id FROM customer_supply q WHERE q.id = ANY(%(ids)s) OR q.category_id IN (
                                SELECT category_id FROM customer_supply WHERE id = ANY(%(ids)s) AND kind = 'offer'))""", ids=own)
            touched = SQL(
                "AND (m.offer_id = ANY(%(ids)s) OR m.need_id IN (SELECT n.id FROM customer_supply n WHERE TRUE %(needs)s))",
                ids=own, needs=needs)
        fits = self._fits_sql(needs)
        self.env.cr.execute(SQL(
            """DELETE FROM customer_match m
                WHERE m.state = 'proposed' %s
                  AND NOT EXISTS (SELECT 1 FROM (%s) AS f WHERE f.offer_id = m.offer_id AND f.need_id = m.need_id)""",
            touched, fits))
        self.env.cr.execute(SQL(
            """INSERT INTO customer_match (offer_id, need_id, offerer_id, needer_id, category_id, score, state,
                                           create_date, write_date)
                    SELECT offer_id, need_id, offerer_id, needer_id, category_id, score, 'proposed', %(now)s, %(now)s
                      FROM (%(fits)s) AS f
                  ORDER BY score DESC, offer_id, need_id
               ON CONFLICT (offer_id, need_id) DO NOTHING""", fits=fits, now=self.env.cr.now()))
        count = self.env.cr.rowcount
        self.invalidate_model()
        return count

    @api.model
    def _fits_sql(self, needs):
        """Return SQL for the pairs to propose: of each need the best that nobody has decided about, newer offers first among
        equals.

        :param SQL needs: a condition on the needs ``n``, with AND before it
        """
        return SQL(
            """SELECT * FROM (
                      SELECT fitting.*, row_number() OVER (
                             PARTITION BY need_id ORDER BY score DESC, date DESC, offer_id DESC) AS place
                        FROM (SELECT o.id AS offer_id, n.id AS need_id, o.partner_id AS offerer_id, n.partner_id AS needer_id,
                                     n.category_id, o.date,
                                     CASE WHEN a.country_id = b.country_id THEN 2 ELSE 0 END
                                     + CASE WHEN a.lang = b.lang THEN 1 ELSE 0 END AS score
                                FROM customer_supply o
                                JOIN customer_supply n
                                  ON n.category_id = o.category_id AND n.kind = 'need' AND n.partner_id <> o.partner_id
                                JOIN res_partner a ON a.id = o.partner_id
                                JOIN res_partner b ON b.id = n.partner_id
                               WHERE o.kind = 'offer' AND o.active AND n.active
                                 AND COALESCE(o.date_to, 'infinity') >= %(today)s AND COALESCE(n.date_to, 'infinity') >= %(today)s
                                 AND a.customer_managed IS TRUE AND b.customer_managed IS TRUE
                                 AND a.customer_do_not_contact IS NOT TRUE AND b.customer_do_not_contact IS NOT TRUE
                                 AND NOT EXISTS (SELECT 1 FROM customer_match d
                                                  WHERE d.offer_id = o.id AND d.need_id = n.id AND d.state <> 'proposed')
                                 %(needs)s) AS fitting) AS ranked
                WHERE place <= %(most)s""",
            today=fields.Date.context_today(self), needs=needs,
            most=self.env['res.config.settings']._customer_success('match_most'))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_introduce(self):
        """Introduce both customers to each other: a follow-up with each, of its own account manager."""
        self._refuse_unless('proposed')
        self.check_access('write')
        channel = self.env['customer.channel']._for_screen('call', 'phone')
        if not channel:
            raise UserError(self.env._("There is no channel for calls any more, and customers are introduced by phone. Ask an "
                                       "administrator to use one again."))
        for match in self:
            if not (match.offerer_id | match.needer_id)._filtered_worked_with():
                match.needer_id._check_works_with()  # which says who looks after it
            # of both sides, of which one may be a colleague's
            everything = match.sudo()
            everything._refuse_stopped()
            followups = everything._open_followup(everything.offer_id, everything.need_id, channel) \
                + everything._open_followup(everything.need_id, everything.offer_id, channel)
            everything.write({
                'state': 'introduced', 'introduced_on': fields.Date.context_today(self), 'introduced_by_id': self.env.uid,
                'followup_ids': [Command.set(followups.ids)]})
        return True

    def _refuse_stopped(self):
        """Refuse to introduce who is not to be contacted, or is no customer any more, since the proposal was made."""
        for partner in self.offerer_id | self.needer_id:
            if partner.customer_do_not_contact or not partner.customer_managed:
                raise UserError(self.env._(
                    "%(customer)s is not to be contacted, or no customer under care any more. Dismiss the proposal.",
                    customer=partner.display_name))

    def _open_followup(self, own, other, channel):
        """Open the follow-up that tells one side of the other.

        :param own: the offer or need of the customer it is with
        :param other: that of the other one
        :param channel: customer.channel on which it is done
        :return: customer.followup
        """
        partner = own.partner_id
        company = partner._planning_company()
        owner = self.env['customer.responsibility']._owner('manager', partner.user_id, company)
        told = self.with_context(lang=owner.lang or self.env.lang)
        values = {'customer': other.partner_id.display_name, 'what': other.name}
        name = told.env._("Introduce %(customer)s, who needs: %(what)s", **values) if own.kind == 'offer' \
            else told.env._("Introduce %(customer)s, who offers: %(what)s", **values)
        return self.env['customer.followup'].create({
            'partner_id': partner.id, 'company_id': company.id, 'contact_id': own.contact_id.id,
            'channel_id': channel.id, 'name': name,
            'date_planned': fields.Date.add(fields.Date.context_today(self), days=3),
            **({'user_id': owner.id} if owner else {})})

    def action_worked(self):
        """Note that the introduction brought both something."""
        return self._end('worked')

    def action_failed(self):
        """Note that nothing came of the introduction."""
        return self._end('failed')

    def _end(self, state):
        self._refuse_unless('introduced')
        self.check_access('write')
        for match in self:
            if not (match.outcome or '').strip():
                raise UserError(self.env._(
                    "Add a sentence on what came of it: %(match)s. The next introduction is better for it.",
                    match=match.display_name))
        self._keep({'state': state})
        return True

    def action_dismiss(self):
        """Take a pair off the proposals for good: it does not fit."""
        self._refuse_unless('proposed')
        self.check_access('write')
        self._keep({'state': 'dismissed'})
        return True

    def _refuse_unless(self, state):
        wrong = self.filtered(lambda match: match.state != state)
        if wrong:
            names = dict(self._fields['state']._description_selection(self.env))
            raise UserError(self.env._(
                "%(match)s is “%(state)s” already.", match=wrong[0].display_name, state=names[wrong[0].state]))
