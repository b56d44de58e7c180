import json

from odoo import api, fields, models, tools
from odoo.tools import SQL

from odoo.addons.base.models.res_partner import _tz_get

from ...engine.zones import FORMER_NAMES, zones_of

FORMER_NAMES_JSON = json.dumps(FORMER_NAMES)


class CustomerZone(models.Model):
    """Which clocks there are in a country, and in a state of it that has its own: the first one is that of whoever is there
    and of whom nothing better is known.

    The rows come with the addon (``engine.zones``) and are for administrators to correct; a country that has rows keeps
    them as they are.
    """

    _name = 'customer.zone'
    _inherit = ['customer.cached']
    _description = "Time Zone of a Country"
    _order = 'country_id, state_id, sequence, id'
    _rec_name = 'tz'

    country_id = fields.Many2one(comodel_name='res.country', required=True, ondelete='cascade')
    state_id = fields.Many2one(
        comodel_name='res.country.state', string="State or Province", ondelete='cascade', index='btree_not_null',
        domain="[('country_id', '=', country_id)]",
        help="Only for a state whose clocks differ from those of the country. Empty: the whole country.")
    tz = fields.Selection(selection=_tz_get, string="Time Zone", required=True)
    sequence = fields.Integer(
        default=10, help="The first zone of a place holds for every customer there on whose contact no other one of these "
                         "zones stands.")

    _place_uniq = models.UniqueIndex(
        "(country_id, COALESCE(state_id, 0), tz)", "This time zone already stands in the list for this place.")

    @api.model
    def _fill(self):
        """Give the countries that have no zones yet those of the time zone database, and their states too."""
        known = {country.id for country, in self._read_group([], ['country_id'])}
        countries = self.env['res.country'].search([('id', 'not in', list(known))])
        places = [(country, self.env['res.country.state'], country.code) for country in countries] + [
            (state.country_id, state, state.country_id.code)
            for state in self.env['res.country.state'].search([('country_id', 'in', countries.ids)])]
        self.create([
            {'country_id': country.id, 'state_id': state.id, 'tz': zone, 'sequence': 10 * number}
            for country, state, code in places for number, zone in enumerate(zones_of(code, state.code or None), 1)])

    @api.model
    @tools.ormcache()
    def _by_place(self):
        """Return the zones of places, the first one first, by ids of country and state; state 0: the whole country.

        :rtype: dict[tuple[int, int], tuple[str]]
        """
        places = {}
        for zone in self.sudo().search([], order='sequence, id'):  # where somebody is, is the same for every user
            places.setdefault((zone.country_id.id, zone.state_id.id or 0), []).append(zone.tz)
        return {place: tuple(names) for place, names in places.items()}

    @api.model
    def _there(self, partner):
        """Return the zones of the place where a contact is, the main one first; empty where nothing is known of it."""
        places, country_id = self._by_place(), partner.country_id.id
        return places.get((country_id, partner.state_id.id or 0)) or places.get((country_id, 0), ())

    @api.model
    def _there_sql(self, alias):
        """Return SQL for the zone of a contact, by its place and what stands on it: the twin of ``engine.zones.trusted``.

        :param SQL alias: relation with ``country_id``, ``state_id`` and ``tz``
        """
        return SQL(
            """(SELECT CASE WHEN place.there IS NULL THEN %(partner)s.tz WHEN place.there ? place.name THEN place.name
                            ELSE place.there ->> 0 END
                  FROM (SELECT COALESCE(known.places -> concat(%(partner)s.country_id, '/', %(partner)s.state_id),
                                        known.places -> %(partner)s.country_id::text) AS there,
                               COALESCE(%(names)s::jsonb ->> %(partner)s.tz, %(partner)s.tz) AS name
                          FROM (SELECT %(places)s::jsonb AS places) AS known) AS place)""",
            partner=alias, places=self._places_json(), names=FORMER_NAMES_JSON)

    @api.model
    @tools.ormcache()
    def _places_json(self):
        return json.dumps({
            f'{country}/{state}' if state else str(country): zones for (country, state), zones in self._by_place().items()})
