from odoo import api, models
from odoo.tools import SQL

from ..segmentation.target_measure import MEMBERS, WINDOWS, Measure


class CustomerTargetMeasurer(models.AbstractModel):
    """How many customers of a tier are lost (SEG-8, LIF-4)."""

    _inherit = 'customer.target.measurer'

    @api.model
    def _measures(self):
        return super()._measures() | {'churn': Measure(
            label=self.env._("Churn"), counted=self.env._("customers"), better='lower', sql=self._churn_sql,
            open=self._open_lost, definition=self.env._(
                "Customers lost in the period and not won back in it, in percent of the customers at its start. Lost is whom "
                "somebody marked as lost; who was lost before is no customer at the start. n: customers at the start."))}

    @api.model
    def _lost_sql(self, windows):
        """Return SQL with the customers that were lost in each period and not won back by its end: ``window_id``,
        ``partner_id``, and the loss.

        :param SQL windows: a relation of periods
        """
        self.env['customer.loss'].flush_model()
        return SQL(
            """SELECT DISTINCT ON (w.id, l.partner_id) w.id AS window_id, l.partner_id, l.id
                 FROM %s w JOIN customer_loss l ON l.date BETWEEN w.start AND w.stop
                WHERE l.state <> 'withdrawn' AND COALESCE(l.won_back_on > w.stop, TRUE)
             ORDER BY w.id, l.partner_id, l.date DESC, l.id DESC""", windows)

    @api.model
    def _churn_sql(self, target):
        """Customers lost in the period in percent of those at its start.

        *At the start* are the customers of the tier on the evening before, without those whose loss was open by then. *Lost in
        the period* are those of them with a loss in it that was neither withdrawn nor ended by an order until its end: who left
        and came back was not lost. n is the customers at the start, hits the lost ones.
        """
        return SQL(
            """SELECT m.window_id, 100.0 * count(lost.partner_id) / count(*) AS value, count(*) AS n,
                      count(lost.partner_id) AS hits
                 FROM %(members)s m
                 JOIN %(windows)s w ON w.id = m.window_id
            LEFT JOIN (%(lost)s) AS lost ON lost.window_id = m.window_id AND lost.partner_id = m.partner_id
                WHERE NOT EXISTS (SELECT FROM customer_loss before
                                   WHERE before.partner_id = m.partner_id AND before.date < w.start
                                     AND before.state <> 'withdrawn' AND COALESCE(before.won_back_on >= w.start, TRUE))
             GROUP BY m.window_id""", members=MEMBERS, windows=WINDOWS, lost=self._lost_sql(WINDOWS))

    @api.model
    def _open_lost(self, target, value):
        """Return the action that shows who was lost."""
        self.env.flush_all()
        window = SQL("(SELECT 0 AS id, %s::date AS start, %s::date AS stop)", value.start, value.stop)
        rows = self.env.execute_query(SQL(
            """SELECT lost.id FROM (%s) AS lost
                 JOIN (%s) AS m ON m.window_id = lost.window_id AND m.partner_id = lost.partner_id
                WHERE NOT EXISTS (SELECT FROM customer_loss before
                                   WHERE before.partner_id = m.partner_id AND before.date < %s
                                     AND before.state <> 'withdrawn' AND COALESCE(before.won_back_on >= %s, TRUE))""",
            self._lost_sql(window), self._members_sql(target, window), value.start, value.start))
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_loss_action')
        return {**action, 'domain': [('id', 'in', sorted(row[0] for row in rows))], 'context': {}, 'name': target.display_name}
