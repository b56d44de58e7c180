"""What was given to somebody, and what an absence moved, is recorded from now on; leaders answer for teams people left."""


def migrate(cr, version):
    """Record what can be known of open follow-ups, and let the rules of leaders ask for the team that somebody left."""
    cr.execute(
        """UPDATE customer_followup f SET absence_id = a.id
             FROM customer_absence a
            WHERE f.state = 'planned' AND f.absence_id IS NULL AND f.owner_id = a.user_id AND f.user_id = a.backup_id
              AND CURRENT_DATE BETWEEN a.date_from AND a.date_to""")
    cr.execute(
        # who moved a touchpoint is not known any more; who made a next step is
        """UPDATE customer_followup f SET given_by_id = CASE WHEN f.step_id IS NULL THEN COALESCE(f.create_uid, 1) ELSE 1 END
             FROM res_partner p
            WHERE p.id = f.partner_id AND f.state = 'planned' AND f.given_by_id IS NULL AND f.absence_id IS NULL
              AND f.user_id IS NOT NULL
              AND CASE WHEN f.step_id IS NULL THEN f.user_id IS DISTINCT FROM p.user_id
                       ELSE f.user_id IS DISTINCT FROM f.owner_id END""")
    cr.execute(
        """UPDATE ir_rule SET domain_force = replace(domain_force, 'sale_team_id.user_id', 'customer_team_id.user_id')
            WHERE domain_force LIKE '%sale_team_id.user_id%'
              AND id IN (SELECT res_id FROM ir_model_data WHERE module = 'customer_success' AND model = 'ir.rule')""")
