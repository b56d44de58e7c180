"""Cases that were there before get a number in the order in which they came, and those that were reopened know when somebody
worked on them before."""
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    for sequence in env['ir.sequence'].search([('code', '=', 'customer.case'), ('company_id', '!=', False)]):
        # those that somebody opened since the columns are there have one already
        first = sequence.number_next_actual
        cr.execute(
            """UPDATE customer_case c SET number = %s || lpad(n.place, GREATEST(%s, length(n.place)), '0')
                 FROM (SELECT id, (row_number() OVER (ORDER BY opened_at, id) + %s - 1)::text AS place
                         FROM customer_case WHERE company_id = %s AND number IS NULL) AS n
                WHERE n.id = c.id""",
            [sequence.prefix or '', sequence.padding, first, sequence.company_id.id])
        if cr.rowcount:
            sequence.number_next_actual = first + cr.rowcount
    # a cycle begins with its clocks, and ends when the solution is done, at the latest when the next one begins
    cr.execute(
        """WITH cycles AS (
                SELECT c.id, k.cycle, CASE WHEN k.cycle = 1 THEN c.opened_at ELSE min(k.date_start) END AS begun,
                       max(k.done_at) FILTER (WHERE k.kind = 'solution') AS ended
                  FROM customer_case c JOIN customer_case_clock k ON k.case_id = c.id AND k.kind IN ('response', 'solution')
                 WHERE c.cycle > 1 AND c.reopened_at IS NULL
              GROUP BY c.id, k.cycle),
                stretches AS (
                SELECT id, cycle, begun, COALESCE(ended, lead(begun) OVER (PARTITION BY id ORDER BY cycle)) AS ended FROM cycles)
           UPDATE customer_case c
              SET reopened_at = s.reopened, former_stretches = s.former
             FROM (SELECT id, max(begun) AS reopened,
                          jsonb_agg(jsonb_build_array(to_char(begun, 'YYYY-MM-DD HH24:MI:SS'),
                                                      to_char(ended, 'YYYY-MM-DD HH24:MI:SS')) ORDER BY cycle)
                              FILTER (WHERE ended IS NOT NULL
                                            AND cycle < (SELECT o.cycle FROM customer_case o WHERE o.id = stretches.id)) AS former
                     FROM stretches GROUP BY id) AS s
            WHERE s.id = c.id""")
    env.invalidate_all()
