import logging
from contextlib import closing

from psycopg2 import IntegrityError, OperationalError

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..platform.counted import followups
from .customer_cadence_event import Awaited

_logger = logging.getLogger(__name__)

#: So many customers are planned for a preview, twice: as the touchpoints are, and as they stand on the form.
SAMPLE = 500

#: So many of the follow-ups that move furthest are named.
NAMED = 5


class CustomerCadence(models.Model):
    """What edited touchpoints would do to the open follow-ups, shown before they are saved (CAD-1).

    The planner itself plans the customers, in a savepoint that is taken back: first by the touchpoints as they are, then as
    they stand on the form. So nothing but the edit makes the difference, and there is no second planner that could differ.
    """

    _inherit = 'customer.cadence'

    preview = fields.Html(
        string="What It Would Do", compute='_compute_preview', sanitize=False,
        help="How many open follow-ups would move, be opened or be cancelled, before anything is saved.")

    @api.depends(lambda self: [f'step_ids.{name}' for name in sorted(self._preview_columns() | {'alternative_channel_ids'})])
    @api.depends_context('lang', 'uid')
    def _compute_preview(self):
        for cadence in self:
            cadence.preview = self.env['ir.qweb']._render(
                'customer_success.customer_cadence_preview', cadence._preview_values())

    @api.model
    def _preview_columns(self):
        """Return the columns of a touchpoint that its follow-ups hang on."""
        steps = self.env['customer.cadence.step']
        return {name for name in steps._planning_fields() if steps._fields[name].column_type} - {'name'}

    def _preview_values(self):
        """Return what the preview shows.

        :rtype: dict
        """
        self.ensure_one()
        edits = self._preview_edits()
        if not self._origin.active or not edits:
            return {'state': 'same' if self._origin else 'new'}
        of_leads = bool(self._origin.needs_grade_ids)
        followers = self._origin._lead_followers() if of_leads else self._origin._followers()
        # one in so many: the same ones every time, so that one edit can be compared with the next
        sample = followers[::-(-len(followers) // SAMPLE) or 1]
        try:
            before, after = self._preview_plans(edits, sample)
        except IntegrityError:
            return {'state': 'refused'}  # it would be refused when it is saved, too
        if before is None:
            return {'state': 'failed'}
        if of_leads:
            return {'state': 'planned', 'total': len(followers), 'reach': self.env._(
                "Leads that were looked at: %(sample)s of %(total)s.", sample=len(sample), total=len(followers)),
                **self._preview_compare(before, after)}
        reach = self.env._("A sample of %(sample)s of %(total)s customers.", sample=len(sample), total=len(followers)) \
            if len(sample) < len(followers) else self.env._("The one customer on this cadence.") \
            if len(followers) == 1 else self.env._("All %(total)s customers on this cadence.", total=len(followers))
        return {
            'state': 'planned', 'total': len(followers), 'reach': reach, **self._preview_compare(before, after)}

    def _preview_edits(self):
        """Return how the touchpoints on the form differ from the saved ones.

        :return: by id of the saved touchpoint (a new one has its number, negative) the columns that differ, and the ids of
            other channels under ``alternative_channel_ids``; None for a touchpoint that was taken out
        :rtype: dict[int, dict | None]
        """
        steps = self.with_context(active_test=False).step_ids
        gone = self._origin.with_context(active_test=False).step_ids - steps._origin
        edits = dict.fromkeys(gone.ids)
        for number, step in enumerate(steps, start=1):
            values, saved = self._preview_row(step), step._origin
            if not saved and step.channel_id:
                edits[-number] = values
            elif saved:
                before = self._preview_row(saved)
                edits[saved.id] = {name: value for name, value in values.items() if value != before[name]}
        return {step_id: values for step_id, values in edits.items() if values is None or values}

    def _preview_plans(self, edits, partner_ids):
        """Return the open follow-ups of customers under the saved touchpoints, and under the edited ones.

        :param dict edits: see :meth:`_preview_edits`
        :rtype: tuple[dict[tuple, tuple] | None, dict[tuple, tuple] | None]
        """
        # customers of every salesperson follow a cadence
        planner = self.env['customer.lead.planner' if self._origin.needs_grade_ids else 'customer.planner'].sudo()
        self.env.flush_all()  # what waits to be written must not be taken back
        tried = {*self.step_ids.mapped('event'), *(values.get('event') for values in edits.values() if values)}
        awaited = Awaited(self.env['customer.cadence.event']._awaited().events | tried, True, True)
        with closing(self.env.cr.savepoint(flush=False)):
            plans = []
            for rules in ({}, edits):
                self._origin._preview_put(rules)
                try:
                    planner._make_plan(partner_ids, awaited)
                except (IntegrityError, OperationalError):
                    raise
                except Exception:
                    # a customer who can't be planned is set aside when the change is saved; that is no reason for an error here
                    _logger.info("The preview of cadence %s could not be planned", self._origin.id, exc_info=True)
                    return None, None
                plans.append({row[:3]: row[3:] for row in self.env.execute_query(SQL(
                    """SELECT %(key)s, step_id, event_date, date_planned, channel_id FROM customer_followup
                        WHERE state = 'planned' AND step_id IS NOT NULL AND %(key)s = ANY(%(ids)s)""",
                    ids=partner_ids, key=SQL.identifier(planner._key)))})
            return plans

    def _preview_put(self, edits):
        """Put edited touchpoints into the database, for as long as the savepoint lasts: nothing of Odoo's own cache is to
        know them."""
        for step_id, values in edits.items():
            if values is None:
                self.env.cr.execute(SQL("UPDATE customer_cadence_step SET active = FALSE WHERE id = %s", step_id))
                continue
            values = dict(values)
            others = values.pop('alternative_channel_ids', None)
            if step_id < 0:
                values = {**values, 'cadence_id': self.id, 'sequence': 10, 'name': '{"en_US": "–"}'}
                [[step_id]] = self._preview_execute(SQL(
                    "INSERT INTO customer_cadence_step (%s) VALUES (%s) RETURNING id",
                    SQL(", ").join(map(SQL.identifier, values)), SQL(", ").join(SQL("%s", value) for value in values.values())))
            elif values:
                self._preview_execute(SQL(
                    "UPDATE customer_cadence_step SET %s WHERE id = %s RETURNING id", SQL(", ").join(
                        SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items()), step_id))
            if others is not None:
                self._preview_put_channels(step_id, others)

    def _preview_put_channels(self, step_id, channel_ids):
        field = self.env['customer.cadence.step']._fields['alternative_channel_ids']
        table, step, channel = map(SQL.identifier, (field.relation, field.column1, field.column2))
        self.env.cr.execute(SQL("DELETE FROM %s WHERE %s = %s", table, step, step_id))
        self.env.cr.execute(SQL(
            "INSERT INTO %s (%s, %s) SELECT %s, unnest(%s::int[])", table, step, channel, step_id, list(channel_ids)))

    def _preview_execute(self, query):
        self.env.cr.execute(query, log_exceptions=False)  # what is typed half way is no error for the log
        return self.env.cr.fetchall()

    def _preview_compare(self, before, after):
        """Return how two plans differ: counts, and the follow-ups that move furthest."""
        both = before.keys() & after.keys()
        moved = sorted(
            (key for key in both if before[key][0] != after[key][0]),
            key=lambda key: (-abs((after[key][0] - before[key][0]).days), key[:2]))
        opened, cancelled = len(after.keys() - before.keys()), len(before.keys() - after.keys())
        channels = sum(before[key][1] != after[key][1] for key in both)
        # who follows a cadence is shown to whoever keeps it
        partners = self.env['crm.lead' if self._origin.needs_grade_ids else 'res.partner'].sudo()
        return {
            'moves': self.env._(
                "As soon as this is saved, %(moved)s of %(open)s would move: %(earlier)s to an earlier day, %(later)s to a "
                "later one.", moved=len(moved), open=followups(self.env, len(before)),
                earlier=sum(after[key][0] < before[key][0] for key in moved),
                later=sum(after[key][0] > before[key][0] for key in moved)),
            'others': [text for count, text in (
                (opened, self.env._("%(count)s would be opened", count=opened)),
                (cancelled, self.env._("%(count)s would be cancelled", count=cancelled)),
                (channels, self.env._("%(count)s would get another channel", count=channels))) if count],
            'followups': [{
                'id': key[0], 'name': partners.browse(key[0]).name,
                'step': self.env['customer.cadence.step'].browse(key[1]).name,
                'before': format_date(self.env, before[key][0]), 'after': format_date(self.env, after[key][0]),
            } for key in moved[:NAMED]],
        }

    @api.model
    def _preview_row(self, step):
        """Return what the preview compares of a touchpoint, as the database takes it."""
        row = {}
        for name in self._preview_columns():
            value = step[name]
            if step._fields[name].type == 'many2one':
                value = value._origin.id
            # nothing is NULL, but for numbers and switches
            row[name] = value if value or step._fields[name].type in ('integer', 'boolean') else None
        return {**row, 'alternative_channel_ids': tuple(sorted(step.alternative_channel_ids._origin.ids))}
