"""The shipped touchpoints that can be sent by themselves know their texts, where nobody chose one."""

TEMPLATES = {
    'customer_cadence_step_mid_news': ('mail_template_id', 'mail_template_touch_news'),
    'customer_cadence_step_low_sign': ('sms_template_id', 'sms_template_touch_sign'),
    'customer_cadence_step_mid_survey': ('survey_id', 'customer_survey_touch'),
}


def migrate(cr, version):
    if not version:
        return
    for step, (column, template) in TEMPLATES.items():
        cr.execute(
            f"""UPDATE customer_cadence_step s SET {column} = t.res_id
                  FROM ir_model_data d, ir_model_data t
                 WHERE d.module = 'customer_success' AND d.name = %s AND d.model = 'customer.cadence.step'
                   AND t.module = 'customer_success' AND t.name = %s AND s.id = d.res_id AND s.{column} IS NULL""",
            [step, template])
    # what left by itself before is known by its email; the message is what stays
    cr.execute(
        """UPDATE customer_followup f SET sent_message_id = m.mail_message_id
             FROM mail_mail m WHERE m.id = f.mail_id AND f.sent_message_id IS NULL""")
    # what was left to people before: nobody noted the kind
    cr.execute(
        """UPDATE customer_followup SET send_problem = 'failed'
            WHERE state = 'planned' AND send_error IS NOT NULL AND send_problem IS NULL""")
