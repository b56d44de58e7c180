import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.local_day import in_company_zone
from ..platform.counted import customers as in_customers
from ..platform.local_text import listed

_logger = logging.getLogger(__name__)


class CustomerHealthRefresh(models.AbstractModel):
    """Measures, scores and snapshots of customers, in a few SQL statements (HEA-1).

    One customer and all customers go through the same statements. Only what differs is written: the current snapshot is a
    stretch of days that lasts until something changes. What is said of the score stands in ``engine/scoring.py``; the
    statement that does it for many is in ``customer_health_refresh_sql.py``, and a test holds them to each other.
    """

    _name = 'customer.health.refresh'
    _description = "Refresh of Customer Health"
    _inherit = ['customer.judging']
    _judged_model = 'customer.health.measure'
    _judged_table = 'customer_health_now'

    # ------------------------------------------------------------
    # ENTRY POINTS
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_refresh(self):
        """Nightly: how do customers buy, who may be lost, in which segment are they, how healthy are they.

        Each step has its own transaction. One that fails leaves the data of yesterday to the next ones, and is shown in
        the run.
        """
        progress = self.env['ir.cron']._commit_progress
        steps = self._steps()
        progress(remaining=len(steps))
        with self.env['customer.run']._measure('health') as run:
            notes = []
            for name, step in steps:
                try:
                    result = step(None)
                except Exception:
                    self.env.cr.rollback()
                    self.env.invalidate_all()
                    _logger.exception("The step “%s” of the health refresh failed", name)
                    result = {'rows': 0, 'failed': 1, 'note': self.env._("failed: %(step)s", step=name)}
                run['done'] += result['rows']
                run['failed'] += result.get('failed', 0)
                notes += filter(None, [result.get('note')])
                progress(1)
            run['note'] = listed(self.env, notes)

    @api.model
    def _refresh(self, partner_ids=None):
        """Measure and score customers anew; write what changes.

        :param partner_ids: ids of managed customers, or None for all
        :return: ``customers`` looked at, ``scored``, ``rows`` written, measures ``failed``
        :rtype: dict[str, int]
        """
        total = {'customers': 0, 'scored': 0, 'rows': 0, 'failed': 0}
        if partner_ids is not None and not partner_ids:
            return total
        if partner_ids is None:
            self.env['customer.statistics']._keep(
                'res_partner', 'sale_order', 'account_move', 'account_move_line', 'customer_followup', 'customer_pulse',
                'customer_reading', 'customer_rhythm', 'customer_segment_change', 'customer_tier_change',
                'customer_health_snapshot', 'customer_warning')
        for __, step in self.sudo()._steps():  # figures are one for all users, and for the addon to write
            result = step(partner_ids)
            for key in total:
                total[key] += result.get(key, 0)
        return total

    @api.model
    def _steps(self):
        """Return what a refresh does, in this order: pairs of a name for people and a function of customers' ids (or None
        for all). The function returns a dict with ``rows`` written, and may add ``failed`` and a ``note`` for the run."""
        return [
            (self.env._("readings of Odoo's apps"), self._step_readings),
            (self.env._("buying rhythm"), self._step_rhythm),
            (self.env._("risk"), self._step_risk),
            (self.env._("segments"), self._step_segments),
            (self.env._("health"), self._step_health),
            (self.env._("segments by health"), self._step_segments_by_health),
        ]

    # ------------------------------------------------------------
    # BEFORE THE SCORE
    # ------------------------------------------------------------

    @api.model
    def _step_readings(self, partner_ids):
        """What Odoo itself counted comes in for all at once, at night."""
        return self.env['customer.reading.taker']._take() if partner_ids is None else {'rows': 0}

    @api.model
    def _step_rhythm(self, partner_ids):
        return {'rows': self.env['customer.churn']._refresh_rhythm(partner_ids)}

    @api.model
    def _step_risk(self, partner_ids):
        """Write how likely customers are lost, where it changed; who is no customer any more has no risk."""
        self.env.flush_all()
        only = SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        # looking is apart from writing: a query alone may use several processes
        rows = self.env.execute_query(SQL(
            """SELECT p.id, r.level
                 FROM res_partner p
            LEFT JOIN (%(risk)s) r ON r.partner_id = p.id
                WHERE p.customer_managed IS TRUE AND p.customer_risk_level IS DISTINCT FROM r.level %(only)s
             ORDER BY p.id""",
            risk=self.env['customer.churn']._risk_sql(partner_ids), only=only))
        if rows:
            self.env.cr.execute(SQL(
                """UPDATE res_partner p
                      SET customer_risk_level = v.level, write_date = %s
                     FROM unnest(%s, %s::varchar[]) AS v (id, level)
                    WHERE p.id = v.id""", self.env.cr.now(), [row[0] for row in rows], [row[1] for row in rows]))
            self.env['res.partner'].invalidate_model(['customer_risk_level', 'write_date'])
        return {'rows': len(rows)}

    @api.model
    def _step_segments(self, partner_ids):
        return self.env['customer.segmenter']._refresh(partner_ids)

    @api.model
    def _step_segments_by_health(self, partner_ids):
        """Place customers by the health that was just found. The score was made with the card of the segment before: a card
        for a segment that health decides on holds from the next night on."""
        if not self.env['customer.segment.rule']._asks_for('health'):
            return {'rows': 0}
        return self.env['customer.segmenter']._refresh(partner_ids, cause='health')

    # ------------------------------------------------------------
    # THE SCORE
    # ------------------------------------------------------------

    @api.model
    def _step_health(self, partner_ids):
        """Take the measures, score and write; measures that fail are set aside and noted on themselves."""
        version = self.env['customer.health.rules']._get_current()
        self.env.flush_all()
        refresh, problems = self._sources_in_force(version.rules, partner_ids, version)
        medians = self._write_medians(refresh, problems) if partner_ids is None else 0
        refresh = self._collect(refresh, problems)
        rows = medians + self._write_snapshots(refresh) + self._write_figures(refresh)
        [[customers, scored]] = self.env.execute_query(SQL("SELECT count(*), count(score) FROM customer_health_now"))
        rows += self._write_left(partner_ids)
        self.env.cr.execute(SQL("DROP TABLE customer_health_now"))
        self._note_problems(problems, refresh.sources)
        if rows:
            self.env['res.partner'].invalidate_model(
                ['customer_health', 'customer_health_band', 'customer_risk_level', 'customer_snapshot_ids', 'write_date'])
            self.env['customer.health.snapshot'].invalidate_model()
            self.env['customer.health.median'].invalidate_model()
        return {
            'customers': customers, 'scored': scored, 'rows': rows, 'failed': len(problems),
            'note': self.env._(
                "%(customers)s, %(scored)s of them scored", customers=in_customers(self.env, customers), scored=scored),
        }

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    @api.model
    def _write_snapshots(self, refresh):
        """End the stretches that are over and begin new ones; a stretch that began today is changed in place."""
        today = fields.Date.context_today(self)
        self.env.cr.execute(SQL(
            """UPDATE customer_health_snapshot s
                  SET date_end = %(today)s::date - 1, write_date = %(now)s
                 FROM customer_health_now n
                WHERE s.id = n.snapshot_id AND n.snapshot_changed AND s.date < %(today)s""",
            today=today, now=self.env.cr.now()))
        columns = ('scorecard_id', 'rules_id', 'state', 'score', 'computed', 'uncapped', 'band', 'coverage', 'groups_known',
                   'cap_id', 'override_id', 'parts', 'signature')
        self.env.cr.execute(SQL(
            # a clock may have been wrong: a stretch that began later is today's
            """INSERT INTO customer_health_snapshot
                           (partner_id, date, date_end, %(columns)s, create_uid, create_date, write_uid, write_date)
                    SELECT id, GREATEST(%(today)s::date, snapshot_date), NULL, %(columns)s,
                           %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM customer_health_now
                     WHERE snapshot_changed
                  ORDER BY id
               ON CONFLICT (partner_id, date) DO UPDATE SET date_end = NULL, %(replaced)s, write_date = %(now)s""",
            columns=SQL(", ").join(map(SQL.identifier, columns)),
            replaced=SQL(", ").join(
                SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name)) for name in columns),
            # the nightly action is nobody; an author costs two foreign keys for every line
            uid=self.env.uid if refresh.partner_ids is not None else None, today=today, now=self.env.cr.now()))
        return self.env.cr.rowcount

    @api.model
    def _write_figures(self, refresh):
        self.env.cr.execute(SQL(
            """UPDATE res_partner p
                  SET customer_health = n.score, customer_health_band = n.band, write_date = %s
                 FROM customer_health_now n
                WHERE n.id = p.id AND n.figures_changed""", self.env.cr.now()))
        return self.env.cr.rowcount

    @api.model
    def _write_left(self, partner_ids):
        """Who is no customer any more has no health: its last stretch ended yesterday."""
        only = SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        today = fields.Date.context_today(self)
        self.env.cr.execute(SQL(
            """UPDATE customer_health_snapshot s
                  SET date_end = GREATEST(%(today)s::date - 1, s.date), write_date = %(now)s
                 FROM res_partner p
                WHERE p.id = s.partner_id AND s.date_end IS NULL AND p.customer_managed IS NOT TRUE %(only)s""",
            today=today, now=self.env.cr.now(), only=only))
        rows = self.env.cr.rowcount
        self.env.cr.execute(SQL(
            """UPDATE res_partner p
                  SET customer_health = NULL, customer_health_band = NULL, customer_risk_level = NULL, write_date = %(now)s
                WHERE p.customer_managed IS NOT TRUE
                  AND (p.customer_health_band IS NOT NULL OR p.customer_risk_level IS NOT NULL) %(only)s""",
            now=self.env.cr.now(), only=only))
        return rows + self.env.cr.rowcount

    @api.model
    def _write_medians(self, refresh, problems):
        """Find out what is usual in each segment, for the measures that put it in place of the unknown.

        :return: how many rows were written
        """
        wanted = {key for key, measure in refresh.rules['measures'].items()
                  if measure['policy'] == 'median' and key in refresh.sources}
        failed = self._probe({key: refresh.sources[key] for key in wanted}, None, problems)
        for key in failed:
            del refresh.sources[key]
        rows = 0
        for key in sorted(wanted - failed, key=int):
            self.env.cr.execute(self._median_sql(refresh, key))
            rows += self.env.cr.rowcount
        self.env.cr.execute(SQL(
            """DELETE FROM customer_health_median m
                WHERE NOT measure_id = ANY(%s)
                   OR NOT EXISTS (SELECT 1 FROM res_partner p WHERE p.customer_segment_id = m.segment_id)""",
            [int(key) for key, measure in refresh.rules['measures'].items() if measure['policy'] == 'median']))
        return rows + self.env.cr.rowcount
