import logging

import psycopg2

from odoo import api, models

_logger = logging.getLogger(__name__)

#: What another transaction is the reason for: nothing is wrong with what was to be done.
CONFLICTS = (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected)

#: After so many conflicts in a row something stands in the way that another look does not help against.
MOST_CONFLICTS = 5


class CustomerRoutine(models.AbstractModel):
    """What scheduled actions have in common: they work batch by batch, one transaction for each, until the time is up; what
    fails is set aside, and the others go on (PLT-3).

    Each asks the data what is due and not there yet, so it may be killed, run twice, or run on two servers.
    """

    _name = 'customer.routine'
    _description = "Loop of Scheduled Actions"

    @api.model
    def _work_through(self, things, act, size=1, done=0):
        """Do something with what is known to be due, batch by batch, until all is done or the time of the action is up.

        A batch that another transaction is in the way of is left to that, or to the next run. One that fails is taken back, the
        others are done, and at the end the action fails for that reason, so that somebody hears of it.

        :param things: what can be counted and sliced: records, rows
        :param act: function of a batch
        :param int size: of a batch
        :param int done: what the action did before, to be kept with it
        """
        progress, left, failure = self.env['ir.cron']._commit_progress, len(things), None
        progress(done, remaining=left)
        for start in range(0, len(things), size):
            batch = things[start:start + size]
            if isinstance(batch, models.BaseModel):
                batch = batch.with_prefetch()  # the commit after each batch lets the prefetched rest go stale
            try:
                act(batch)
                self.env.flush_all()
            except CONFLICTS:
                self.env.cr.rollback()  # another process does it
            except Exception as error:
                self.env.cr.rollback()
                _logger.info("A batch of %s failed, and the others go on", len(batch), exc_info=True)
                failure = failure or error
            left -= len(batch)
            if not progress(len(batch), remaining=left):
                break
        if failure:
            raise failure

    @api.model
    def _repeat(self, work, remaining):
        """Do a piece of work again and again until nothing is left, nothing of it is free, or the time of the action is up.

        :param work: function that takes what is due now and free, does it, and returns how many it took
        :param remaining: function that returns how many are due: all of them, for an action that leaves as many as before has
            done nothing, as Odoo sees it, and is switched off after some nights
        """
        progress, left, conflicts = self.env['ir.cron']._commit_progress, remaining(), 0
        progress(remaining=left)
        while left:
            try:
                taken = work()
                self.env.flush_all()
            except CONFLICTS:
                # somebody wrote one of them meanwhile: look again at what is there now
                self.env.cr.rollback()
                conflicts += 1
                if conflicts > MOST_CONFLICTS:
                    raise
                continue
            conflicts, before, left = 0, left, remaining()
            if not progress(max(before - left, 0), remaining=left) or not taken:
                break

    @api.model
    def _keep(self):
        """Keep for good what was done so far, before something that nobody can take back."""
        self.env['ir.cron']._commit_progress()

    @api.model
    def _attempt(self, act, set_aside):
        """Do something; what it wrote until it failed is taken back.

        :param act: function without parameters
        :param set_aside: function of the error, for where it fails
        :return: what the one or the other returns
        :raises psycopg2.OperationalError: in a conflict with another transaction, which is not its fault
        """
        self.env.flush_all()  # what waits to be written is not at fault below
        try:
            with self.env.cr.savepoint():
                return act()
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            return set_aside(error)

    @api.model
    def _by_halves(self, things, act, set_aside):
        """Do something with many at once; the one that it fails of is found by halves, and all others are done.

        :param things: what can be counted and sliced: records, ids, rows
        :param act: function of several of them
        :param set_aside: function of the one that it fails of, and of the error
        :return: what these returned, in the order of the things; one result for all where nothing failed
        :rtype: list
        """
        def halve(error):
            if len(things) == 1:
                return [set_aside(things[0], error)]
            half = len(things) // 2
            return [result for part in (things[:half], things[half:]) for result in self._by_halves(part, act, set_aside)]

        return self._attempt(lambda: [act(things)], halve) if things else []
