from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.i18n import format_list

from ..platform.counted import customers

#: So many of those who would go the same way are named.
NAMED = 3


class CustomerMoves(models.AbstractModel):
    """A history of tiers, segments or stages: a row for each change of a customer, and where customers went, whatever made them
    go.

    A model adds ``old_x_id`` and ``new_x_id``; x is :meth:`_moved`.
    """

    _name = 'customer.moves'
    _description = "Customers That Moved"
    _order = 'date desc, id desc'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    date = fields.Date(required=True, readonly=True, index=True)

    # the last change of a customer is looked up for many at once: an index of the customer alone leaves the choice to guesses
    _customer_day_idx = models.Index('(partner_id, date, id)')

    @api.model
    def _moved(self):
        """Return the field of a customer whose changes are kept here, without the prefix and ``_id``."""
        raise NotImplementedError

    @api.model
    def _moves(self, since):
        """Return where managed customers stand now that stood somewhere else at a moment.

        :param datetime since: the moment, in UTC
        :return: ids of before and now, with how many customers went this way, the most frequent first
        :rtype: dict[tuple[int, int], int]
        """
        moved = self._moved()
        self.flush_model()
        self.env['res.partner'].flush_model(['customer_managed', f'customer_{moved}_id'])
        rows = self.env.execute_query(SQL(
            """SELECT before.old_id, %(now)s, count(*)
                 FROM (SELECT DISTINCT ON (partner_id) partner_id, %(old)s AS old_id
                         FROM %(table)s WHERE create_date >= %(since)s ORDER BY partner_id, id) before
                 JOIN res_partner p ON p.id = before.partner_id AND p.customer_managed IS TRUE
                WHERE before.old_id <> %(now)s
             GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2""",
            now=SQL.identifier('p', f'customer_{moved}_id'), old=SQL.identifier(f'old_{moved}_id'),
            table=SQL.identifier(self._table), since=since))
        return {(old_id, new_id): count for old_id, new_id, count in rows}

    @api.model
    def _describe_moves(self, moves):
        """Return moves, see :meth:`_moves`, in words."""
        places = self.env[self._fields[f'new_{self._moved()}_id'].comodel_name].sudo()  # what they are called is no secret
        return format_list(self.env, [
            self.env._("%(count)s from %(before)s to %(after)s", count=count,
                       before=places.browse(old_id).name, after=places.browse(new_id).name)
            for (old_id, new_id), count in moves.items()])

    @api.model
    def _preview_moves(self, query, names=None):
        """Return what rules that are not saved yet would do, as values of the template ``customer_moves_preview``.

        :param SQL query: a row per managed customer with its ``id``, ``old_id`` and ``new_id``
        :param dict names: by id what is called otherwise than it is saved; 0 is what is not saved yet
        :rtype: dict
        """
        places = self.env[self._fields[f'new_{self._moved()}_id'].comodel_name].sudo()  # as above
        rows = self.env.execute_query(SQL(
            """SELECT old_id, new_id, count(*), (array_agg(id ORDER BY id) FILTER (WHERE old_id <> new_id))[1:%s]
                 FROM (%s) AS r GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2""", NAMED, query))
        counts = {place.id: [place.name, 0, 0] for place in places.search([])}
        for place_id, name in (names or {}).items():
            counts[place_id] = [name or "–", 0, 0]
        for old_id, new_id, count, __ in rows:
            for number, place_id in enumerate((old_id, new_id), start=1):
                counts.setdefault(place_id, [places.browse(place_id or 0).name or "–", 0, 0])[number] += count
        moves = [row for row in rows if row[0] != row[1]]
        total, changed = (sum(row[2] for row in some) for some in (rows, moves))
        # whoever changes a rule sees whom it acts on
        partners = self.env['res.partner'].sudo().browse([one for row in moves for one in row[3] or ()])
        called = dict(zip(partners.ids, partners.mapped('display_name'), strict=True))
        return {
            'total': total,
            'changed': changed,
            'sentence': self.env._(
                "%(changed)s of %(total)s would move as soon as this is saved, and their follow-ups with them.",
                changed=changed, total=customers(self.env, total)),
            'places': [
                {'name': name, 'after': after, 'more': before != after and self.env._(
                    "before %(before)s (%(more)s)", before=before, more=f'{after - before:+d}'.replace('-', '−'))}
                for name, before, after in counts.values() if before or after],
            'moves': [
                {'before': counts[old_id][0], 'after': counts[new_id][0], 'count': count,
                 'customers': [{'id': one, 'name': called[one]} for one in some or ()], 'more': count - len(some or ())}
                for old_id, new_id, count, some in moves],
        }
