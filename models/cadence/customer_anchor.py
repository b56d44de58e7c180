from odoo import api, models
from odoo.tools import SQL


class CustomerAnchor(models.AbstractModel):
    """From which day a touch counts: what was done and skipped, and what a contact stands for."""

    _name = 'customer.anchor'
    _description = "Last Contact per Touchpoint"

    @api.model
    def _latest_sql(self, partner_ids, touches=None):
        """Return SQL with the last qualifying contact, the last skipped touch and the last return per customer and touchpoint.

        What counts for a touchpoint: what was done for it, whatever the channel; and contacts on its channel, on its
        alternatives, and on every channel that the equivalence table says stands for one of these. The fallback channel
        counts only where it was taken: a call that stands in for a dinner must not make every call one. A skip counts until
        somebody was reached after it was decided.

        :param partner_ids: ids of customers
        :param SQL touches: the follow-ups that are looked at, where it is not those of customers; with the columns of a
            follow-up, ``partner_id`` among them
        """
        touches = touches or SQL("SELECT * FROM customer_followup WHERE partner_id = ANY(%s)", partner_ids)
        return SQL(
            """SELECT partner_id, step_id, contact, back,
                      CASE WHEN contact >= skipped_on AND recorded_at >= skipped_at THEN NULL ELSE skip END AS skip
                 FROM (SELECT partner_id, step_id, max(contact) AS contact, max(recorded_at) AS recorded_at,
                              max(skip) AS skip, max(skipped_at) AS skipped_at, max(skipped_on) AS skipped_on,
                              max(back) AS back
                         FROM (SELECT f.partner_id, k.step_id, f.contact_day AS contact, f.closed_at AS recorded_at,
                                      NULL::date AS skip, NULL::timestamp AS skipped_at, NULL::date AS skipped_on,
                                      NULL::date AS back
                                 FROM (%(touches)s) f
                                 JOIN (%(counts)s) k ON k.channel_id = f.channel_id
                                WHERE f.state = 'done' AND f.qualifies
                                UNION ALL
                               SELECT f.partner_id, f.step_id, f.contact_day, f.closed_at, NULL, NULL, NULL, NULL
                                 FROM (%(touches)s) f
                                WHERE f.state = 'done' AND f.qualifies AND f.step_id IS NOT NULL
                                UNION ALL
                               SELECT f.partner_id, f.step_id, NULL, NULL, f.contact_day, f.closed_at, %(closed_on)s, NULL
                                 FROM (%(touches)s) f
                                WHERE f.state = 'skipped' AND f.step_id IS NOT NULL
                                UNION ALL
                               SELECT f.partner_id, f.step_id, NULL, NULL, NULL, NULL, NULL, f.date_back
                                 FROM (%(touches)s) f
                                WHERE f.date_back IS NOT NULL AND f.step_id IS NOT NULL AND f.event_date IS NULL
                              ) AS happened
                     GROUP BY partner_id, step_id) AS latest""",
            counts=self._counts_sql(), touches=touches, closed_on=self._closed_on_sql(),
        )

    @api.model
    def _closed_on_sql(self):
        """Return SQL for the day on which a follow-up ``f`` was closed, where the person was who closed it."""
        clock = self.env['customer.clock']
        return clock._day_sql(SQL("f.closed_at"), clock._user_zone_sql(SQL("f.closed_by_id"), SQL("f.company_id")))

    @api.model
    def _counts_sql(self):
        """Return SQL with the pairs ``step_id``, ``channel_id``: a contact on the channel counts for the touchpoint."""
        direct = SQL(
            """SELECT id AS step_id, channel_id FROM customer_cadence_step
                UNION SELECT customer_cadence_step_id, customer_channel_id FROM customer_cadence_step_alternative""")
        return SQL(
            """SELECT step_id, channel_id FROM (%(direct)s) AS d
                UNION SELECT d.step_id, e.channel_id FROM (%(direct)s) AS d
                        JOIN customer_channel_equivalence e ON e.counts_as_id = d.channel_id""",
            direct=direct)
