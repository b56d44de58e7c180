"""What counts as a contact by itself comes as an offer where the addon was there before: no figure changes because it was
updated."""


def migrate(cr, version):
    if version:
        cr.execute(
            """UPDATE customer_contact_rule r SET active = FALSE
                 FROM ir_model_data d
                WHERE d.module = 'customer_success' AND d.model = 'customer.contact.rule' AND d.res_id = r.id
                  AND r.write_date = r.create_date
                  AND NOT EXISTS (SELECT 1 FROM customer_followup WHERE counted_by_id = r.id)""")
