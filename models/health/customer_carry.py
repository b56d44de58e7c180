from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..platform.local_text import bracketed, labelled
from ..profile.customer_carry import BUSINESS, DROPPED


class CustomerCarry(models.AbstractModel):
    """What is known of the health of customers goes along with the business, and is brought together.

    Odoo would delete all rows of a merged contact as soon as one of them has a counterpart at the target.
    """

    _inherit = 'customer.carry'

    @api.model
    def _fates(self):
        return super()._fates() | {
            ('customer.reading', 'partner_id'): BUSINESS,
            ('customer.pulse', 'partner_id'): BUSINESS,
            ('customer.warning', 'partner_id'): BUSINESS,
            ('customer.warning.watch', 'partner_id'): BUSINESS,
            ('customer.health.override', 'partner_id'): BUSINESS,
            ('customer.health.snapshot', 'partner_id'): BUSINESS,
            ('customer.offer', 'partner_id'): BUSINESS,
            ('customer.influence', 'partner_id'): BUSINESS,
            ('customer.value.history', 'partner_id'): BUSINESS,
            # follows from the orders of all, and is looked up anew
            ('customer.rhythm', 'partner_id'): DROPPED,
            ('customer.value', 'partner_id'): DROPPED,
        }

    @api.model
    def _figures(self):
        return [*super()._figures(), 'customer_health', 'customer_health_band']

    @api.model
    def _make_room(self, sources, target, into):
        result = super()._make_room(sources, target, into)
        ids = [target.id, *sources.ids]
        self._join_readings(ids, target.id)
        for model in ('customer.pulse', 'customer.influence'):
            self._join_judgements(model, ids, target.id)
        self._join_value_history(ids, target.id)
        self._join_warnings(ids, target)
        self._join_watches(ids, target.id)
        self._join_overrides(ids, target.id)
        self._join_offers(ids, target.id)
        self.env.flush_all()
        self._join_snapshots(sources, target)
        self.env.invalidate_all()
        return result

    @api.model
    def _carry(self, sources, into, companies=None, invoices=None):
        """The score of the target is that of its own history."""
        result = super()._carry(sources, into, companies, invoices)
        self.env.flush_all()
        target = into.commercial_partner_id
        self.env.cr.execute(SQL(
            """UPDATE res_partner p
                  SET customer_health = s.score, customer_health_band = s.band
                 FROM res_partner own LEFT JOIN customer_health_snapshot s ON s.partner_id = own.id AND s.date_end IS NULL
                WHERE own.id = p.id AND p.id = %s""", target.id))
        target.invalidate_recordset(['customer_health', 'customer_health_band'])
        return result

    @api.model
    def _settle(self, partners):
        result = super()._settle(partners)
        self.env['customer.churn']._refresh_rhythm(partners.ids)
        self.env['customer.health.refresh']._refresh(partners.ids)
        self.env['customer.offer.keeper']._refresh(partners.ids)
        self.env['customer.value.refresh']._refresh(partners.ids)
        return result

    @api.model
    def _join_readings(self, ids, target_id):
        """What both used on a day is used by one now: values of the same metric and day are added up."""
        self.env.cr.execute(SQL(
            """WITH same AS (
                   SELECT id, sum(value) OVER (PARTITION BY metric_id, date) AS value,
                          row_number() OVER (PARTITION BY metric_id, date ORDER BY partner_id = %s DESC, id) AS place,
                          count(*) OVER (PARTITION BY metric_id, date) AS rows
                     FROM customer_reading WHERE partner_id = ANY(%s)),
               gone AS (DELETE FROM customer_reading WHERE id IN (SELECT id FROM same WHERE place > 1))
               UPDATE customer_reading r SET value = same.value
                 FROM same WHERE same.id = r.id AND same.place = 1 AND same.rows > 1""", target_id, ids))

    @api.model
    def _join_judgements(self, model, ids, target_id):
        """Of two judgements on the same day the later one stays, with what the other one said.

        :param str model: a ``customer.judgement``
        """
        judgements, days = self.env[model], {}
        field, table = judgements._judgement, SQL.identifier(judgements._table)
        names = dict(judgements._fields[field]._description_selection(self.env))
        for day, judgement_id, value, note in self.env.execute_query(SQL(
            """SELECT date, id, %s, note FROM %s
                WHERE partner_id = ANY(%s) ORDER BY create_date DESC, partner_id = %s DESC, id DESC""",
            SQL.identifier(field), table, ids, target_id,
        )):
            days.setdefault(day, []).append((judgement_id, value, note))
        for (kept_id, __, note), *others in days.values():
            if others:
                said = [labelled(self.env, names[value], text) for __, value, text in others]
                self.env.cr.execute(SQL(
                    "UPDATE %s SET note = %s WHERE id = %s", table, "; ".join(filter(None, [note, *said])), kept_id))
                self.env.cr.execute(SQL("DELETE FROM %s WHERE id = ANY(%s)", table, [row[0] for row in others]))

    @api.model
    def _join_value_history(self, ids, target_id):
        """Of a month in which the value of several changed, that of the target stays, else the higher one."""
        self.env['customer.value.history'].flush_model()
        self.env.cr.execute(SQL(
            """DELETE FROM customer_value_history
                WHERE id IN (SELECT id
                               FROM (SELECT id, row_number() OVER (
                                                PARTITION BY month
                                                    ORDER BY partner_id = %s DESC, score DESC NULLS LAST, id) AS place
                                       FROM customer_value_history WHERE partner_id = ANY(%s)) AS ranked
                              WHERE place > 1)""", target_id, ids))

    @api.model
    def _join_warnings(self, ids, target):
        """Of open warnings of the same kind the worst stays open; the others are closed and stay in the history."""
        rows = self.env.execute_query(SQL(
            """SELECT id FROM (
                   SELECT id, row_number() OVER (
                              PARTITION BY signal
                                  ORDER BY level DESC, state = 'working' DESC, partner_id = %s DESC, id) AS place
                     FROM customer_warning WHERE partner_id = ANY(%s) AND state <> 'closed') AS ranked
                WHERE place > 1""", target.id, ids))
        warnings = self.env['customer.warning'].browse(row_id for row_id, in rows)
        if not warnings:
            return
        note = self.env._("Merged into %(customer)s, which has the same warning.", customer=target.display_name)
        warnings._close('cleared', note)
        warnings.flush_recordset()

    @api.model
    def _join_offers(self, ids, target_id):
        """The same is offered once: of several, what somebody decided stays, the newest of the target first."""
        self.env.cr.execute(SQL(
            """DELETE FROM customer_offer
                WHERE id IN (SELECT id
                               FROM (SELECT id, row_number() OVER (
                                                PARTITION BY company_id, level, item_key
                                                    ORDER BY CASE state WHEN 'refused' THEN 1 WHEN 'quoted' THEN 2
                                                                        WHEN 'later' THEN 3 WHEN 'open' THEN 4 ELSE 5 END,
                                                             partner_id = %s DESC, id DESC) AS place
                                       FROM customer_offer
                                      WHERE partner_id = ANY(%s) AND state NOT IN ('bought', 'over')) AS ranked
                              WHERE place > 1)""", target_id, ids))

    @api.model
    def _join_overrides(self, ids, target_id):
        """One score set by hand is in force at a time: that of the target, else the newest."""
        overrides = self.env['customer.health.override']
        running = overrides.search(
            overrides._running_domain() & Domain('partner_id', 'in', ids), order='date_from desc, id desc').sorted(
            lambda override: override.partner_id.id != target_id)
        running[1:]._mark_ended()

    @api.model
    def _join_snapshots(self, sources, target):
        """Keep the target's history, before its first day that of the merged contacts; what both have at the same time is
        no history of one customer, and is kept as a note."""
        for source in sources:
            [[first]] = self.env.execute_query(SQL(
                "SELECT min(date) FROM customer_health_snapshot WHERE partner_id = %s", target.id))
            if not first:
                # all of it goes over
                self.env.cr.execute(SQL(
                    "UPDATE customer_health_snapshot SET partner_id = %s WHERE partner_id = %s", target.id, source.id))
                continue
            rows = self.env.execute_query(SQL(
                """SELECT date, score, band FROM customer_health_snapshot
                    WHERE partner_id = %s AND (date_end IS NULL OR date_end >= %s) ORDER BY date""", source.id, first))
            if rows:
                self._note_health(source, target, rows)
            self.env.cr.execute(SQL(
                "DELETE FROM customer_health_snapshot WHERE partner_id = %s AND date >= %s", source.id, first))
            last = fields.Date.subtract(first, days=1)
            self.env.cr.execute(SQL(
                """UPDATE customer_health_snapshot
                      SET partner_id = %s, date_end = LEAST(COALESCE(date_end, %s), %s) WHERE partner_id = %s""",
                target.id, last, last, source.id))

    @api.model
    def _note_health(self, source, target, rows):
        """Leave the scores that a merged contact had in the target's chatter.

        :param rows: tuples of the first day, the score and the band of each stretch
        """
        bands = dict(self.env['customer.health.snapshot']._fields['band']._description_selection(self.env))
        lines = Markup().join(
            Markup("<li>%s</li>") % self.env._(
                "from %(day)s: %(score)s", day=format_date(self.env, day),
                score=bands[band] if score is None else bracketed(self.env, f'{score:.0f}', bands[band]))
            for day, score, band in rows)
        target.message_post(body=Markup("%s<ul>%s</ul>") % (
            self.env._("Merged: the health of %(customer)s was", customer=source.display_name), lines))

    @api.model
    def _join_watches(self, ids, target_id):
        """A rule is counted once: on as many evaluations as it held for one of them."""
        self.env.cr.execute(SQL(
            """DELETE FROM customer_warning_watch
                WHERE id IN (SELECT id
                               FROM (SELECT id, row_number() OVER (
                                                PARTITION BY rule_id
                                                    ORDER BY met_count DESC, partner_id = %s DESC, id) AS place
                                       FROM customer_warning_watch WHERE partner_id = ANY(%s)) AS ranked
                              WHERE place > 1)""", target_id, ids))
