from odoo import api, models

from .customer_planner import BATCH

#: What is counted of the planning: follow-ups, and customers who could not be planned.
COUNTED = ('opened', 'moved', 'cancelled', 'failed')


class CustomerPlanner(models.AbstractModel):
    """Works off the queue, and keeps what came of it with the cadences whose change asked for it (CAD-4)."""

    _inherit = 'customer.planner'

    @api.model
    def _work_queue(self):
        """Work the whole queue in this transaction.

        :return: ``opened``, ``moved``, ``cancelled``, ``failed``
        :rtype: dict[str, int]
        """
        total = dict.fromkeys(COUNTED, 0)
        while True:
            planner, claimed = self._claim_next(BATCH)
            if not claimed:
                return total
            for key, value in planner._plan_claimed(claimed).items():
                total[key] += value

    @api.model
    def _plan_claimed(self, claimed):
        """Plan what was taken out of the queue.

        :param claimed: see ``customer.plan.request._claim``
        :return: see :meth:`_work_queue`
        """
        total = dict.fromkeys(COUNTED, 0)
        for cadence_id, attempts in claimed.items():
            for key, value in self._plan_because(cadence_id, list(attempts), attempts).items():
                total[key] += value
        return total

    @api.model
    def _plan_because(self, cadence_id, partner_ids, attempts=None):
        """Plan customers, and keep what came of it with the cadence whose change asked for it.

        :param cadence_id: id of the cadence, or None where it was something else
        :return: see :meth:`_work_queue`
        """
        counts = self._plan_safely(partner_ids, attempts)
        if cadence_id and any(counts.values()):
            self.env['customer.cadence.outcome'].create({'cadence_id': cadence_id, **counts})
        return counts
