from odoo import api, fields, models
from odoo.tools import SQL

BANDS = [('healthy', "Healthy"), ('watch', "Watch"), ('risk', "At risk"), ('none', "Not scored")]


#: So many weeks of customers are thinned out in one go.
GC_LIMIT = 20000


class CustomerHealthSnapshot(models.Model):
    """The health of a customer over a stretch of days on which nothing changed, with what it was made of (HEA-2).

    The current stretch has no last day. Where there is no score the column is empty, so that averages leave it out.
    """

    _name = 'customer.health.snapshot'
    _description = "Health of a Customer"
    _order = 'date desc, id desc'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    date = fields.Date(string="From", required=True, readonly=True, index=True)
    date_end = fields.Date(string="Until", readonly=True, help="Empty: it is like this today.")
    scorecard_id = fields.Many2one(comodel_name='customer.health.scorecard', readonly=True, ondelete='set null')
    rules_id = fields.Many2one(comodel_name='customer.health.rules', readonly=True, ondelete='set null')
    state = fields.Selection(
        selection=[('scored', "Scored"), ('thin', "Too little is known"), ('no_card', "No scorecard fits")],
        required=True, readonly=True)
    score = fields.Float(
        readonly=True, digits=(5, 2), aggregator='avg', falsy_value=None,
        help="The score that is shown, 0 to 100.")
    computed = fields.Float(
        string="Computed Score", readonly=True, digits=(5, 2), aggregator='avg', falsy_value=None,
        help="What the measures and caps give.")
    uncapped = fields.Float(string="Before Caps", readonly=True, digits=(5, 2), aggregator='avg', falsy_value=None)
    band = fields.Selection(selection=BANDS, required=True, readonly=True)
    coverage = fields.Integer(string="Known (%)", readonly=True, aggregator='avg')
    groups_known = fields.Integer(readonly=True, aggregator='avg')
    cap_id = fields.Many2one(comodel_name='customer.health.cap', readonly=True, ondelete='set null')
    override_id = fields.Many2one(comodel_name='customer.health.override', readonly=True, ondelete='set null')
    parts = fields.Json(string="Made Of", readonly=True)
    signature = fields.Char(
        readonly=True, help="Points and state of all measures in short: whether something changed is seen by it.")
    parts_html = fields.Html(
        string="Made of These Measures", compute='_compute_parts_html', sanitize=False,
        help="What each measure said at the beginning of these days, and what it gave.")

    _current_uniq = models.UniqueIndex("(partner_id) WHERE date_end IS NULL", "A customer has one current health.")
    _day_uniq = models.UniqueIndex("(partner_id, date)", "A customer has one health a day.")

    @api.autovacuum
    def _gc_snapshots(self):
        """Keep every stretch of the last days (setting *daily history*), and before that one a week: the last of the week
        stands for all that began in it, so that no day is without health."""
        days = self.env['res.config.settings']._customer_success('health_daily_days')
        self.flush_model()
        weeks = self.env.execute_query(SQL(
            """SELECT (array_agg(id ORDER BY date DESC))[1], array_agg(id ORDER BY id), min(date)
                 FROM customer_health_snapshot
                WHERE date_end < %(before)s
             GROUP BY partner_id, date_trunc('week', date)
               HAVING count(*) > 1
                LIMIT %(limit)s""",
            before=fields.Date.subtract(fields.Date.context_today(self), days=days), limit=GC_LIMIT + 1))
        remaining, weeks = len(weeks) > GC_LIMIT, weeks[:GC_LIMIT]
        kept = [week[0] for week in weeks]
        gone = [snapshot_id for last_id, ids, __ in weeks for snapshot_id in ids if snapshot_id != last_id]
        if kept:
            # first the others go, whose day the kept one takes over
            self.env.cr.execute(SQL("DELETE FROM customer_health_snapshot WHERE id = ANY(%s)", gone))
            self.env.cr.execute(SQL(
                """UPDATE customer_health_snapshot s
                      SET date = v.date, write_date = %s
                     FROM unnest(%s, %s::date[]) AS v (id, date)
                    WHERE s.id = v.id""", self.env.cr.now(), kept, [week[2] for week in weeks]))
            self.invalidate_model()
        return len(gone), remaining

    # ------------------------------------------------------------
    # WHY
    # ------------------------------------------------------------

    @api.depends('parts', 'rules_id', 'scorecard_id')
    @api.depends_context('lang')
    def _compute_parts_html(self):
        why = self.env['customer.health.why']
        for snapshot in self:
            snapshot.parts_html = self.env['ir.qweb']._render(
                'customer_success.customer_health_parts', {'measures': why._measures_then(snapshot)})

    def action_why(self):
        """Explain the health of this customer as it is today."""
        self._customer_one()
        return self.partner_id.action_customer_health()
