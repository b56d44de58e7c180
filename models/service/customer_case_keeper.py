import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.local_day import in_company_zone
from ..platform.counted import plural

_logger = logging.getLogger(__name__)

#: Clocks marked, and cases told about, in one transaction.
BATCH = 500

#: So many missed deadlines at a time are an activity each for whoever leads; more are one activity that counts them.
ONE_BY_ONE = 5


class CustomerCaseKeeper(models.AbstractModel):
    """Looks at the clocks of cases at the minute at which one of them says something (SRV-1).

    The scheduled action is woken for the next warning or deadline, and asks the data: which clocks run and are over, which
    are near their end and nobody was warned, of which breach nobody was told. So it does not matter how often, or after what
    interruption, it is asked; and it looks at what is due by index, however many cases are open. When it ends it wakes itself
    for what comes next; should a server have slept, it comes by itself every quarter of an hour.
    """

    _name = 'customer.case.keeper'
    _description = "Keeper of Deadlines"

    @api.model
    def _wake(self, moment):
        """Have the scheduled action run at a moment, or at once where that has passed."""
        cron = self.env.ref('customer_success.ir_cron_cases', raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger(max(moment, fields.Datetime.now()))  # whoever opens a case may set an alarm

    @api.model
    def _wake_next(self):
        """Have the scheduled action run when the next clock says something."""
        self.env['customer.case.clock'].flush_model()
        [[moment]] = self.env.execute_query(SQL(
            """SELECT LEAST((SELECT min(due) FROM customer_case_clock WHERE state = 'running'),
                            (SELECT min(warn_at) FROM customer_case_clock WHERE state = 'running' AND NOT warned))"""))
        if moment:
            self._wake(moment)

    @api.model
    @in_company_zone
    def _cron_keep(self):
        """Warn, decide, tell, and open what is to be asked; a batch per transaction."""
        progress = self.env['ir.cron']._commit_progress
        with self.env['customer.run']._measure('cases') as run:
            counts = {'failed': 0, 'warned': 0, 'told': 0, 'planned': 0}
            for name, work in (
                ('failed', self._mark_failed), ('warned', self._mark_warned), ('told', self._tell_failed),
                ('planned', self._plan_stale),
            ):
                while done := work():
                    counts[name] += done
                    if not progress(done) or done < BATCH:
                        break
            back, asked = self._take_offers_back(), self._open_missing()
            progress(back + asked)
            run['failed'] = self.env['customer.case'].search_count([('problem', '!=', False)])
            run['done'] = sum(counts.values()) + back + asked
            run['note'] = self.env._(
                "missed: %(failed)s, near: %(warned)s, planned anew: %(planned)s, hand-overs given back: %(back)s",
                failed=counts['failed'], warned=counts['warned'], planned=counts['planned'], back=back)
        self._wake_next()

    # ------------------------------------------------------------
    # MARKING
    # ------------------------------------------------------------

    @api.model
    def _mark_failed(self):
        """Decide the clocks whose time is over: they failed at that minute, whenever it is noticed.

        A case that somebody is working on right now is looked at when that is done: people lock the case first and its clocks
        then, so nobody waits for the other.

        :return: how many
        """
        self._flush()
        rows = self.env.execute_query(SQL(
            """WITH over AS (
                   SELECT k.id FROM customer_case_clock k JOIN customer_case o ON o.id = k.case_id
                    WHERE k.state = 'running' AND k.due <= %(now)s
                 ORDER BY k.due, k.id LIMIT %(limit)s FOR UPDATE OF k, o SKIP LOCKED),
                    failed AS (
                   UPDATE customer_case_clock c
                      SET state = 'failed', ended_at = c.due, stale = FALSE, write_date = %(now)s
                     FROM over WHERE over.id = c.id
                RETURNING c.id, c.case_id, c.cycle),
                    shown AS (
                   UPDATE customer_case o
                      SET next_due = (SELECT min(k.due) FROM customer_case_clock k
                                       WHERE k.case_id = o.id AND k.state = 'running'
                                         AND k.id NOT IN (SELECT id FROM failed)),
                          breached = breached OR f.now
                     FROM (SELECT f.case_id, bool_or(f.cycle = o2.cycle) AS now
                             FROM failed f JOIN customer_case o2 ON o2.id = f.case_id GROUP BY f.case_id) AS f
                    WHERE f.case_id = o.id)
               SELECT id FROM failed""", now=fields.Datetime.now(), limit=BATCH))
        self._invalidate()
        return len(rows)

    @api.model
    def _mark_warned(self):
        """Warn whoever is in charge of cases whose time is nearly used up; where nobody is, whoever leads.

        :return: how many
        """
        self._flush()
        rows = self.env.execute_query(SQL(
            """UPDATE customer_case_clock SET warned = TRUE, write_date = %(now)s
                WHERE id IN (SELECT id FROM customer_case_clock
                              WHERE state = 'running' AND NOT warned AND warn_at <= %(now)s
                           ORDER BY warn_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
            RETURNING id""", now=fields.Datetime.now(), limit=BATCH))
        self._invalidate()
        clocks = self.env['customer.case.clock'].browse(row_id for row_id, in rows).exists()
        self._work_safely(clocks, self._warn)
        return len(rows)

    @api.model
    def _flush(self):
        self.env['customer.case.clock'].flush_model()
        self.env['customer.case'].flush_model()

    @api.model
    def _invalidate(self):
        self.env['customer.case.clock'].invalidate_model(['state', 'ended_at', 'stale', 'warned', 'write_date', 'met_percent'])
        self.env['customer.case'].invalidate_model(['next_due', 'breached'])

    # ------------------------------------------------------------
    # TELLING
    # ------------------------------------------------------------

    @api.model
    def _work_safely(self, records, act):
        """Do something with clocks or cases; where that fails, one by one, and set aside the case that it fails of.

        :param records: customer.case.clock or customer.case
        :param act: function of such records
        """
        def work(some):
            act(some)
            cases = some.case_id if some._name == 'customer.case.clock' else some
            cases.exists().filtered('problem').problem = False  # whatever it was is over

        def set_aside(one, error):
            case = one
            if one._name == 'customer.case.clock':
                one.told, case = True, one.case_id
            _logger.info("Case %s could not be told about", case.id, exc_info=error)
            case.problem = str(error)[:500]

        self.env['customer.routine']._by_halves(records, work, set_aside)

    @api.model
    def _tell_failed(self):
        """Tell whoever leads of missed deadlines of which nobody was told yet.

        :return: how many
        """
        clocks = self.env['customer.case.clock'].search(
            Domain('state', '=', 'failed') & Domain('told', '=', False), order='due, id', limit=BATCH).try_lock_for_update()
        self._work_safely(clocks, self._escalate)
        return len(clocks)

    @api.model
    def _warn(self, clocks):
        """Give whoever is in charge an activity."""
        rows, leaders, present = [], self._leaders(clocks.case_id), {}
        for clock in clocks:
            case = clock.case_id
            key = case.user_id, case.company_id
            if key not in present:
                present[key] = self._present(*key)
            if user := present[key] or leaders[case]:
                says = clock.with_context(lang=user.lang or self.env.lang)
                rows.append((case, user, None, says._say_near(), None))
        self.env['customer.case']._create_tasks('case', rows)

    @api.model
    def _escalate(self, clocks):
        """Give whoever leads an activity, of many missed deadlines one that counts them."""
        told, leaders = {}, self._leaders(clocks.case_id)
        for clock in clocks:
            if leader := leaders[clock.case_id]:
                told.setdefault(leader, []).append(clock)
        rows = []
        for leader, own in told.items():
            if len(own) > ONE_BY_ONE:
                self._tell_many(leader, own)
                continue
            rows += [(clock.case_id, leader, None, clock.with_context(lang=leader.lang)._say_missed(), None)
                     for clock in own]
        self.env['customer.case']._create_tasks('missed', rows)
        clocks.write({'told': True})

    @api.model
    def _tell_many(self, leader, clocks):
        """Give a leader one activity about many missed deadlines."""
        self.env['customer.task']._give_list(
            'customer_success.mail_activity_type_case_missed', leader,
            [(clock.case_id.display_name, lambda says, clock=clock: clock.with_env(says)._say_missed()) for clock in clocks],
            lambda says, count: plural(
                count, says._("A deadline was missed"), says._("%(count)s deadlines were missed", count=count)))

    @api.model
    def _leaders(self, cases):
        """Return by case who hears of what goes wrong with it: the leader of whoever is in charge, else a manager.

        It is asked once for all cases of the same person.
        """
        known, leaders = {}, {}
        for case in cases:
            key = case.user_id or case.partner_id.user_id, case.company_id, case.user_id
            if key not in known:
                known[key] = self.env['customer.responsibility']._to_tell(*key)
            leaders[case] = known[key]
        return leaders

    @api.model
    def _present(self, user, company):
        """Return who does the work of a user today."""
        return self.env['customer.responsibility']._stands_for(user, company) if user else user

    @api.model
    def _tell(self, case, why):
        """Give whoever leads an activity about a case.

        :param why: function of an environment that says what in its language
        """
        if leader := self._leaders(case)[case]:
            case._give_task('missed', leader, lambda own: why(own.env))

    # ------------------------------------------------------------
    # KEEPING UP
    # ------------------------------------------------------------

    @api.model
    def _plan_stale(self):
        """Plan clocks anew whose rule has changed.

        :return: how many
        """
        clocks = self.env['customer.case.clock'].search([('stale', '=', True)], order='id', limit=BATCH).try_lock_for_update()
        self._work_safely(clocks, lambda some: some._replan())
        # what could not be planned is not tried again at once
        clocks.exists().filtered('stale').write({'stale': False})
        return len(clocks)

    @api.model
    def _take_offers_back(self):
        """Give cases back that were offered to somebody who has not answered in time.

        :return: how many
        """
        hours = self.env['res.config.settings']._customer_success('case_offer_hours')
        cases = self.env['customer.case'].search(
            Domain('offered_to_id', '!=', False) & Domain('offered_at', '<=', fields.Datetime.now() - timedelta(hours=hours)),
            limit=BATCH)
        self._work_safely(cases, self._give_back)
        return len(cases)

    @api.model
    def _give_back(self, cases):
        """Give offered cases back to whoever offered them."""
        for case in cases:
            self.env['customer.case.assigner']._give_back_offer(case, lambda says, user=case.offered_to_id: says._(
                "%(user)s has not answered. It stays with you.", user=user.name))

    @api.model
    def _open_missing(self):
        """Open revisits and promises that somebody skipped or cancelled: the customer still waits.

        :return: how many
        """
        def ask(cases):
            self.env['customer.case.agenda']._open_revisits(cases)
            self.env['customer.case.agenda']._open_promises(cases)
        cases = self.env['customer.case.agenda']._unasked(BATCH)
        self._work_safely(cases, ask)
        return len(cases)

    def _refresh_deadlines(self, cases):
        """Keep on these cases when they are due next, and whether a deadline of the present cycle was missed."""
        if not cases:
            return
        cases.env['customer.case.clock'].flush_model(['state', 'due', 'cycle', 'case_id'])
        cases.flush_recordset(['cycle', 'next_due', 'breached'])
        cases.env.cr.execute(SQL(
            """UPDATE customer_case c SET next_due = w.due, breached = w.breached
                 FROM (SELECT o.id, min(k.due) FILTER (WHERE k.state = 'running') AS due,
                              COALESCE(bool_or(k.state = 'failed' AND k.cycle = o.cycle), FALSE) AS breached
                         FROM customer_case o LEFT JOIN customer_case_clock k ON k.case_id = o.id
                        WHERE o.id = ANY(%s) GROUP BY o.id) AS w
                WHERE w.id = c.id AND (c.next_due, c.breached) IS DISTINCT FROM (w.due, w.breached)""", cases.ids))
        cases.invalidate_recordset(['next_due', 'breached'])
