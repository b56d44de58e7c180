"""What is shipped under a name that must be unique: where somebody has made a record of that name, it takes the place of the
shipped one, and the update goes on."""

from pathlib import Path

from lxml import etree

from odoo.tools import SQL
from odoo.tools.sql import table_exists

DATA = Path(__file__).parents[2] / 'data'

#: What cases and feedback ship of such models, and what they begin to measure.
MODELS = ('customer.health.group', 'customer.kpi', 'customer.case.cause', 'customer.mood.word')


def shipped(model):
    """Return the names without the module, and the English texts, of the records of a model that are shipped."""
    records = [
        record for path in sorted(DATA.glob('*/*.xml')) for record in etree.parse(path).iterfind(f".//record[@model='{model}']")
        if record.find("field[@name='name']") is not None]
    return [record.get('id') for record in records], [record.findtext("field[@name='name']") for record in records]


def migrate(cr, version):
    if not version:
        return
    for model in MODELS:
        table = model.replace('.', '_')
        if table_exists(cr, table):
            names, texts = shipped(model)
            # a name is a text in each language, or one for all; mood words are the same in whatever case
            cr.execute(SQL(
                """INSERT INTO ir_model_data (module, model, name, res_id, noupdate)
                        SELECT DISTINCT ON (s.name) 'customer_success', %(model)s, s.name, r.id, TRUE
                          FROM unnest(%(names)s, %(texts)s) AS s (name, text)
                          JOIN %(table)s r ON lower(COALESCE(to_jsonb(r.name) ->> 'en_US', r.name::text)) = lower(s.text)
                         WHERE NOT EXISTS (
                               SELECT 1 FROM ir_model_data d WHERE d.module = 'customer_success' AND d.name = s.name)
                      ORDER BY s.name, COALESCE(to_jsonb(r.name) ->> 'en_US', r.name::text) = s.text DESC, r.id""",
                model=model, names=names, texts=texts, table=SQL.identifier(table)))
