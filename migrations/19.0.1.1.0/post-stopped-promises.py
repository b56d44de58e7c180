"""What was agreed with customers comes back when they may be contacted again. What was cancelled by a stop that ended long
ago is no such thing: it stays cancelled."""


def migrate(cr, version):
    cr.execute(
        """UPDATE customer_followup f
              SET close_kind = 'replanned'
             FROM res_partner p
            WHERE p.id = f.partner_id AND p.customer_do_not_contact IS NOT TRUE
              AND f.state = 'cancelled' AND f.close_kind = 'no_contact' AND f.step_id IS NULL""")
