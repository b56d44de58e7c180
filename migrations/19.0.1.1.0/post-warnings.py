"""The shipped rule for the longer gap also asks for the smaller chance, as in new databases."""


def migrate(cr, version):
    cr.execute(
        """UPDATE customer_warning_rule r SET chance = 30 FROM ir_model_data d
            WHERE d.module = 'customer_success' AND d.name = 'customer_warning_rule_gap_orange' AND d.res_id = r.id
              AND r.chance = 50 AND r.threshold = 3""")
