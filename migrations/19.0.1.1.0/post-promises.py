"""What was agreed with customers who may be contacted again stays cancelled, where that was decided before it came back by
itself."""


def migrate(cr, version):
    cr.execute(
        """UPDATE customer_followup f SET close_kind = 'person'
             FROM res_partner p
            WHERE p.id = f.partner_id AND p.customer_do_not_contact IS NOT TRUE AND f.state = 'cancelled'
              AND f.close_kind = 'no_contact' AND f.step_id IS NULL""")
