"""Who left a customer is kept in a table of its own: what was marked on contacts so far goes there, before the columns go."""


def migrate(cr, version):
    if not version:
        return
    forget_fields(cr)
    cr.execute("SELECT 1 FROM information_schema.columns WHERE table_name = 'res_partner' AND column_name = 'customer_left_on'")
    if not cr.fetchone():
        return
    cr.execute(
        """CREATE TABLE IF NOT EXISTS customer_person_change (
               id serial PRIMARY KEY, partner_id int, person_id int, person_name varchar, kind varchar, position varchar,
               after varchar, date date, event_date date, create_date timestamp, write_date timestamp)""")
    cr.execute(
        """INSERT INTO customer_person_change (partner_id, person_id, person_name, kind, position, after, date, event_date,
                                               create_date, write_date)
                SELECT p.customer_left_id, p.id, COALESCE(p.name, p.email, '–'),
                       CASE WHEN p.active THEN 'employer' ELSE 'archived' END,
                       p.function, CASE WHEN p.active THEN there.name END, p.customer_left_on, p.customer_left_on,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM res_partner p
             LEFT JOIN res_partner there ON there.id = p.commercial_partner_id AND there.id <> p.id
                 WHERE p.customer_left_on IS NOT NULL AND p.customer_left_id IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM customer_person_change c WHERE c.person_id = p.id)""")


def forget_fields(cr):
    """Take fields that are gone out of the views of before: a view that is loaded earlier is looked at together with them."""
    for name in ('customer_is_decider', 'pain_points'):
        cr.execute(
            """UPDATE ir_ui_view v
                  SET arch_db = regexp_replace(v.arch_db::text, %s, '', 'g')::jsonb
                 FROM ir_model_data d
                WHERE d.module = 'customer_success' AND d.model = 'ir.ui.view' AND d.res_id = v.id
                  AND v.arch_db::text LIKE %s""", [rf'<field name=\\"{name}\\"[^>]*/>', f'%{name}%'])
