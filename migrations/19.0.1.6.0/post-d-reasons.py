"""A reason of somebody's own that has taken the place of a shipped one is offered where nobody answers, as that would be."""


def migrate(cr, version):
    if version:
        cr.execute(
            """UPDATE customer_followup_reason r SET for_no_answer = TRUE
                 FROM ir_model_data d
                WHERE d.module = 'customer_success' AND d.model = 'customer.followup.reason' AND d.res_id = r.id
                  AND d.name IN ('customer_reason_no_need', 'customer_reason_no_budget', 'customer_reason_wrong_person',
                                 'customer_reason_unreachable', 'customer_reason_competitor')
                  AND r.for_no_answer IS NOT TRUE""")
