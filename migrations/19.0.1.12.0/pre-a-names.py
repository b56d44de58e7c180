"""Models are called by what they do: what a database keeps under their names of before goes with them.

The external ids of records stay as they are, whatever they begin with: who refers to them finds them.
"""
from odoo.tools import SQL
from odoo.tools.sql import table_exists

RENAMED = {
    'customer.refresh': 'customer.ranking',
    'customer.automatic': 'customer.sender',
    'customer.calendar': 'customer.calendar.keeper',
    'customer.reason': 'customer.followup.reason',
}

#: Columns by which Odoo and apps say of which model something is.
NAMING = ('model', 'model_id', 'relation', 'res_model', 'parent_res_model', 'resource')


def migrate(cr, version):
    if not version:
        return
    columns = naming_columns(cr)
    for old, new in RENAMED.items():
        for table, column in columns:
            cr.execute(SQL(
                "UPDATE %(table)s SET %(column)s = %(new)s WHERE %(column)s = %(old)s",
                table=SQL.identifier(table), column=SQL.identifier(column), old=old, new=new))
        old_table, new_table = old.replace('.', '_'), new.replace('.', '_')
        rename_external_ids(cr, old_table, new_table)
        if table_exists(cr, old_table):
            rename_table(cr, old_table, new_table)


def naming_columns(cr):
    """Return the tables, with their columns, that hold names of models."""
    cr.execute(
        """SELECT c.table_name, c.column_name
             FROM information_schema.columns c
             JOIN information_schema.tables t USING (table_schema, table_name)
            WHERE c.table_schema = current_schema AND t.table_type = 'BASE TABLE'
              AND c.data_type = 'character varying' AND c.column_name = ANY(%s)
         ORDER BY 1, 2""", [list(NAMING)])
    return cr.fetchall()


def rename_external_ids(cr, old, new):
    """Rename what Odoo itself calls after a model: the model, its fields, their selections, parents and constraints.

    The names of two models may begin alike: the whole name counts.
    """
    cr.execute(
        """UPDATE ir_model_data
              SET name = regexp_replace(name, %(pattern)s, %(replacement)s)
            WHERE module = 'customer_success' AND name ~ %(pattern)s
              AND model IN ('ir.model', 'ir.model.fields', 'ir.model.fields.selection', 'ir.model.inherit')""",
        {'pattern': f'^(model_|field_|selection__|model_inherit__(?:.+__)?){old}(?=__|$)', 'replacement': rf'\1{new}'})
    cr.execute(
        """UPDATE ir_model_data d
              SET name = regexp_replace(d.name, %(before)s, %(after)s)
             FROM ir_model_constraint c
             JOIN ir_model m ON m.id = c.model
            WHERE d.model = 'ir.model.constraint' AND d.res_id = c.id AND d.name ~ %(before)s
              AND replace(m.model, '.', '_') = %(new)s""",
        {'new': new, 'before': f'^constraint_{old}_', 'after': f'constraint_{new}_'})


def rename_table(cr, old, new):
    """Rename a table with its sequence, constraints and indexes, and what Odoo keeps of these."""
    cr.execute(SQL("ALTER TABLE %s RENAME TO %s", SQL.identifier(old), SQL.identifier(new)))
    cr.execute(SQL("ALTER SEQUENCE %s RENAME TO %s", SQL.identifier(f'{old}_id_seq'), SQL.identifier(f'{new}_id_seq')))
    cr.execute("SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND starts_with(conname, %s)", [new, f'{old}_'])
    for name, in cr.fetchall():
        cr.execute(SQL(
            "ALTER TABLE %s RENAME CONSTRAINT %s TO %s",
            SQL.identifier(new), SQL.identifier(name), SQL.identifier(new + name.removeprefix(old))))
    cr.execute("SELECT relname FROM pg_class JOIN pg_index ON indexrelid = oid WHERE indrelid = %s::regclass "
               "AND starts_with(relname, %s)", [new, f'{old}_'])
    for name, in cr.fetchall():
        cr.execute(SQL("ALTER INDEX %s RENAME TO %s", SQL.identifier(name), SQL.identifier(new + name.removeprefix(old))))
    cr.execute(
        """UPDATE ir_model_constraint c
              SET name = regexp_replace(c.name, %s, %s)
             FROM ir_model m
            WHERE m.id = c.model AND replace(m.model, '.', '_') = %s""", [f'^{old}_', f'{new}_', new])
