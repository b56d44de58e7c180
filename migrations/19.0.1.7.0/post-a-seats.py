"""Who was ticked as a decision maker gets a seat; pain points of onboardings, and what was logged with a contact while they ran,
become insights. Nothing follows from it in a database that was there before: what would is an offer."""

#: What would propose something for every customer at once.
OFFERS = ('customer_action_rule_seats', 'customer_action_rule_pains', 'customer_action_rule_news')


def has_column(cr, table, column):
    cr.execute("SELECT 1 FROM information_schema.columns WHERE table_name = %s AND column_name = %s", [table, column])
    return cr.fetchone()


def migrate(cr, version):
    if not version:
        return
    if has_column(cr, 'res_partner', 'customer_is_decider'):
        seat_deciders(cr)
    if has_column(cr, 'customer_onboarding', 'pain_points'):
        note_pain_points(cr)
    cr.execute(
        """UPDATE customer_action_rule r SET active = FALSE
             FROM ir_model_data d
            WHERE d.module = 'customer_success' AND d.name = ANY(%s) AND d.model = 'customer.action.rule' AND d.res_id = r.id
              AND r.write_date = r.create_date""", [list(OFFERS)])
    # who waits for people who leave already goes on with that: there is one follow-up of it
    cr.execute(
        """UPDATE customer_cadence k SET active = FALSE
             FROM ir_model_data d
            WHERE d.module = 'customer_success' AND d.name = 'customer_cadence_people' AND d.res_id = k.id
              AND EXISTS (SELECT 1 FROM customer_cadence_step s JOIN customer_cadence other ON other.id = s.cadence_id
                           WHERE s.event = 'contact_left' AND s.active AND other.active AND other.id <> k.id)""")


def seat_deciders(cr):
    """Seat whoever was ticked; who is gone by now is a part of the history of a vacant seat."""
    cr.execute(
        """WITH role AS (SELECT res_id AS id FROM ir_model_data
                          WHERE module = 'customer_success' AND name = 'customer_contact_role_decider'),
                seated AS (
                INSERT INTO customer_seat (partner_id, role_id, name, person_id, influence, create_uid, create_date, write_uid,
                                           write_date)
                     SELECT p.commercial_partner_id, role.id, p.function, p.id, 'high', 1, now() AT TIME ZONE 'UTC', 1,
                            now() AT TIME ZONE 'UTC'
                       FROM res_partner p, role
                      WHERE p.customer_is_decider AND p.is_company IS NOT TRUE
                        AND NOT EXISTS (SELECT 1 FROM customer_seat s WHERE s.person_id = p.id AND s.role_id = role.id)
                  RETURNING id, person_id),
                terms AS (
                INSERT INTO customer_seat_term (seat_id, person_id, person_name, date_to, reason, create_uid, create_date,
                                                write_uid, write_date)
                     SELECT seated.id, p.id, p.name, CASE WHEN NOT p.active THEN now()::date END,
                            CASE WHEN NOT p.active THEN 'archived' END, 1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
                       FROM seated JOIN res_partner p ON p.id = seated.person_id)
           SELECT seated.id FROM seated JOIN res_partner p ON p.id = seated.person_id AND NOT p.active""")
    vacant = [row[0] for row in cr.fetchall()]
    cr.execute("UPDATE customer_seat SET person_id = NULL WHERE id = ANY(%s)", [vacant])


def note_pain_points(cr):
    """Keep each line of the pain points, and what was logged with a contact as a need or a problem while an onboarding ran."""
    cr.execute(
        """INSERT INTO customer_insight (partner_id, kind, name, date, user_id, state, create_uid, create_date, write_uid,
                                         write_date)
                SELECT o.partner_id, 'pain', btrim(line), o.date_start, COALESCE(o.user_id, o.create_uid, 1), 'open',
                       COALESCE(o.create_uid, 1), now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
                  FROM customer_onboarding o
            CROSS JOIN regexp_split_to_table(o.pain_points, E'[\\r\\n]+') AS line
                 WHERE line ~ '\\S'
                   AND NOT EXISTS (SELECT 1 FROM customer_insight i
                                    WHERE i.partner_id = o.partner_id AND i.kind = 'pain' AND i.name = btrim(line))""")
    cr.execute(
        """INSERT INTO customer_insight (partner_id, kind, name, note, contact_id, date, user_id, state, followup_id, create_uid,
                                         create_date, write_uid, write_date)
                SELECT DISTINCT ON (f.id) f.partner_id, CASE f.outcome WHEN 'need' THEN 'need' ELSE 'pain' END,
                       left(btrim(split_part(
                           COALESCE(NULLIF(btrim(f.feedback), ''), f.name, c.name ->> 'en_US'), E'\\n', 1)), 200),
                       f.feedback, CASE WHEN person.commercial_partner_id = f.partner_id THEN f.contact_id END, f.contact_day,
                       COALESCE(f.closed_by_id, f.user_id, 1), 'open', f.id, 1, now() AT TIME ZONE 'UTC', 1,
                       now() AT TIME ZONE 'UTC'
                  FROM customer_onboarding o
                  JOIN customer_followup f
                    ON f.partner_id = o.partner_id AND f.state = 'done' AND f.contact_day >= o.date_start
                   AND f.outcome IN ('need', 'problem')
                  JOIN customer_channel c ON c.id = f.channel_id
             LEFT JOIN res_partner person ON person.id = f.contact_id
                 WHERE o.state = 'running'
                   AND NOT EXISTS (SELECT 1 FROM customer_insight i WHERE i.followup_id = f.id)""")
