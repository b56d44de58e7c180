"""Letters about care events say day and hours as their readers do, whatever people wrote into them besides."""


def migrate(cr, version):
    if not version:
        return
    cr.execute(
        """UPDATE mail_template t
              SET body_html = replace(t.body_html::text, %s, 'object._say_when()')::jsonb
             FROM ir_model_data d
            WHERE d.module = 'customer_success' AND d.model = 'mail.template' AND d.res_id = t.id
              AND d.name IN ('mail_template_care_event_changed', 'mail_template_care_event_cancelled')""",
        ["object.event_id.get_display_time_tz(tz=object.mail_tz) or ''"])
