"""The potential is computed from now on. In a database that was there before, what somebody judged stays in force with its reason
and its day, and is in the history; where nobody judged, the computed potential is shown and counts for nothing until a manager
switches it on in the settings: no customer goes into another segment because the addon was updated."""
import logging

_logger = logging.getLogger(__name__)

COUNTS = 'customer_success.potential_counts'


def migrate(cr, version):
    if not version:
        return
    # a grade without a reason would be taken for a computed one
    cr.execute(
        """UPDATE res_partner SET customer_potential_reason = '–'
            WHERE customer_potential IS NOT NULL AND COALESCE(btrim(customer_potential_reason), '') = ''
              AND NOT EXISTS (SELECT 1 FROM ir_config_parameter WHERE key = %s)""", [COUNTS])
    cr.execute(
        """INSERT INTO customer_potential_change (partner_id, date, new_potential, cause, reason, create_uid, create_date,
                                                  write_uid, write_date)
                SELECT p.id, COALESCE(p.customer_potential_date, now()::date), p.customer_potential, 'judged',
                       p.customer_potential_reason, 1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
                  FROM res_partner p
                 WHERE p.customer_potential IS NOT NULL AND p.customer_potential_reason IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM customer_potential_change c WHERE c.partner_id = p.id)
              ORDER BY p.id""")
    judged = cr.rowcount
    # what would propose something of many customers at once is an offer
    cr.execute(
        """UPDATE customer_action_rule r SET active = FALSE
             FROM ir_model_data d
            WHERE d.module = 'customer_success' AND d.name = 'customer_action_rule_potential_high'
              AND d.model = 'customer.action.rule' AND d.res_id = r.id AND r.write_date = r.create_date
              AND NOT EXISTS (SELECT 1 FROM ir_config_parameter WHERE key = %s)""", [COUNTS])
    cr.execute(
        """INSERT INTO ir_config_parameter (key, value, create_uid, create_date, write_uid, write_date)
                SELECT %s, 'False', 1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
                 WHERE NOT EXISTS (SELECT 1 FROM ir_config_parameter WHERE key = %s)""", [COUNTS, COUNTS])
    if cr.rowcount:
        _logger.info(
            "Potential is computed from now on and shown; it counts for segments only when “Computed Potential Counts” is "
            "switched on in the settings. Judgements that stay in force: %s", judged)
