"""Whose a follow-up is was indexed without those of nobody. Odoo makes an index that is missing, and changes none."""


def migrate(cr, version):
    cr.execute("DROP INDEX IF EXISTS customer_followup__user_id_index")
