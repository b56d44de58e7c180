"""The reasons why nobody answers are shipped under names that must be unique: where somebody has made a reason of that name, it
takes the place of the shipped one, and the update goes on."""

NAMES = {
    'customer_reason_no_need': "No need yet", 'customer_reason_no_budget': "No budget",
    'customer_reason_wrong_person': "Wrong person", 'customer_reason_unreachable': "Unreachable",
    'customer_reason_competitor': "With a competitor",
}


def migrate(cr, version):
    if version:
        cr.execute(
            """INSERT INTO ir_model_data (module, model, name, res_id, noupdate)
                    SELECT DISTINCT ON (s.name) 'customer_success', 'customer.reason', s.name, r.id, TRUE
                      FROM unnest(%s, %s) AS s (name, text)
                      JOIN customer_reason r ON lower(r.name ->> 'en_US') = lower(s.text)
                     WHERE NOT EXISTS (
                           SELECT 1 FROM ir_model_data d WHERE d.module = 'customer_success' AND d.name = s.name)
                  ORDER BY s.name, r.id""", [list(NAMES), list(NAMES.values())])
