import hashlib
import json

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import ormcache

from ..platform.counted import days
from ..platform.local_text import listed


class CustomerHealthRules(models.Model):
    """The rules of the health score as they were from a day on: what a score of that time was made with (HEA-2).

    A version is added by the refresh when measures, bands, weights, caps or thresholds differ from the last one.
    """

    _name = 'customer.health.rules'
    _description = "Version of the Health Rules"
    _order = 'id desc'
    _rec_name = 'date'

    date = fields.Date(required=True, readonly=True, index=True)
    user_id = fields.Many2one(comodel_name='res.users', string="Changed By", readonly=True, ondelete='set null')
    fingerprint = fields.Char(required=True, readonly=True, index=True)
    rules = fields.Json(readonly=True)
    summary = fields.Text(string="What Changed", readonly=True)

    @api.model
    def _get_current(self):
        """Return the version that is in force now; where the rules differ from the last one, a new version.

        Names and the summary are in the language of the main company: they are one for all users, and stay readable when
        what they name is gone.
        """
        company = self.env['customer.registry']._main_company()
        versions = self.sudo().with_context(lang=company.partner_id.lang or None)  # rules bind everybody
        rules = versions._collect()
        fingerprint = self._fingerprint(rules)
        last = versions.search([], limit=1)
        if last.fingerprint != fingerprint:
            last = versions.create({
                'date': fields.Date.context_today(self),
                'user_id': versions._last_author(last.create_date).id,
                'fingerprint': fingerprint,
                'rules': rules,
                'summary': '\n'.join(versions._describe_changes(last.rules, rules)) if last
                else versions.env._("The first rules"),
            })
        return last.with_env(self.env)

    @api.model
    @ormcache('version_id')
    def _of_version(self, version_id):
        """Return the rules of a version, which never change: for comparing the scores of many customers. The ORM copies all of
        them each time they are read.

        :return: see :meth:`_collect`, None for no version; not to be changed by who gets it
        """
        return self.sudo().browse(version_id).rules or None  # rules bind everybody

    @api.model
    def _collect(self):
        """Return the rules as they are now, see :mod:`engine.scoring`.

        :return: ``measures`` and ``cards`` by id as text, ``order`` of the cards (the first that fits counts), ``caps``.
            Measures of a cap that are not on a card weigh 0 there.
        :rtype: dict
        """
        caps = self.env['customer.health.cap'].search([]).filtered('measure_id.active')
        cards = self.env['customer.health.scorecard'].search([])
        measures = (cards.line_ids.measure_id | caps.measure_id).filtered('active').sorted('id')
        rules = {
            'measures': {str(measure.id): measure._rules_values() for measure in measures},
            'cards': {str(card.id): card._rules_values() for card in cards},
            'order': cards.ids,
            'caps': [{
                'id': cap.id, 'name': cap.name, 'measure': cap.measure_id.id, 'comparison': cap.comparison,
                'value': cap.value, 'maximum': cap.maximum,
            } for cap in caps],
        }
        self._put_caps_on_cards(rules)
        return rules

    @api.model
    def _put_caps_on_cards(self, rules):
        """Put the measures of caps on every card, where they weigh 0, and take what is no measure off them.

        :param dict rules: changed in place
        """
        for card in rules['cards'].values():
            weights = {str(cap['measure']): 0.0 for cap in rules['caps']} | card['weights']
            card['weights'] = {key: weight for key, weight in weights.items() if key in rules['measures']}

    @api.model
    def _fingerprint(self, rules):
        """Return a short text that differs where the rules do; how things are called is no rule."""
        def nameless(value):
            if isinstance(value, dict):
                return {key: nameless(part) for key, part in value.items() if key != 'name'}
            return [nameless(part) for part in value] if isinstance(value, list) else value
        return hashlib.sha256(json.dumps(nameless(rules), sort_keys=True).encode()).hexdigest()

    @api.model
    def _last_author(self, since):
        """Return the user who changed a rule last; nobody where only the addon itself did.

        :param since: when the last version was made, or nothing
        """
        changed = Domain('write_uid', '!=', SUPERUSER_ID) & (Domain('write_date', '>=', since) if since else Domain.TRUE)
        records = [
            self.env[model].with_context(active_test=False).search(changed, order='write_date desc, id desc', limit=1)
            for model in ('customer.health.measure', 'customer.health.band', 'customer.health.scorecard',
                          'customer.health.scorecard.line', 'customer.health.cap')]
        last = max((record for record in records if record), key=lambda record: record.write_date, default=None)
        return last.write_uid if last else self.env['res.users']

    # ------------------------------------------------------------
    # WHAT CHANGED, IN WORDS
    # ------------------------------------------------------------

    @api.model
    def _describe_changes(self, old, new):
        """Return sentences about what differs between two versions of the rules.

        :rtype: list[str]
        """
        lines = self._describe_measures(old['measures'], new['measures'])
        lines += self._describe_cards(old, new)
        return lines + self._describe_caps(
            {str(cap['id']): cap for cap in old['caps']}, {str(cap['id']): cap for cap in new['caps']})

    @api.model
    def _describe_measures(self, old, new):
        lines = []
        for key, measure in new.items():
            before = old.get(key)
            if before is None:
                lines.append(self.env._("%(name)s is a measure now", name=measure['name']))
                continue
            if before['bands'] != measure['bands']:
                lines.append(self.env._(
                    "%(name)s: points %(new)s (before: %(old)s)", name=measure['name'],
                    new=self._describe_bands(measure['bands']), old=self._describe_bands(before['bands'])))
            if before['validity'] != measure['validity']:
                lines.append(self.env._(
                    "%(name)s: valid for %(new)s (before: %(old)s)", name=measure['name'],
                    **{key: days(self.env, one['validity']) if one['validity'] else "∞"
                       for key, one in (('new', measure), ('old', before))}))
            if before['policy'] != measure['policy']:
                policies = dict(self.env['customer.health.measure']._fields['missing_policy']._description_selection(self.env))
                lines.append(self.env._(
                    "%(name)s, where not known: %(new)s (before: %(old)s)", name=measure['name'],
                    new=policies.get(measure['policy']), old=policies.get(before['policy'])))
            told = {'name', 'bands', 'validity', 'policy'}
            if any(measure[part] != before.get(part) for part in measure.keys() - told):
                lines.append(self.env._("%(name)s: another source, period or group", name=measure['name']))
        lines += [self.env._("%(name)s is no measure any more", name=before['name'])
                  for key, before in old.items() if key not in new]
        return lines

    @api.model
    def _describe_bands(self, bands):
        return listed(self.env, [f"{start:g} → {points}" for start, points in bands])

    @api.model
    def _describe_cards(self, old, new):
        names = {key: measure['name'] for rules in (old, new) for key, measure in rules['measures'].items()}
        lines = []
        for key, card in new['cards'].items():
            before = old['cards'].get(key)
            if before is None:
                lines.append(self.env._("New scorecard: %(name)s", name=card['name']))
                continue
            for measure_id in {**card['weights'], **before['weights']}:
                now, then = card['weights'].get(measure_id, 0), before['weights'].get(measure_id, 0)
                if now != then:
                    lines.append(self.env._(
                        "%(card)s: %(measure)s weighs %(new)s (before: %(old)s)", card=card['name'],
                        measure=names.get(measure_id, "?"), new=f'{now:g}', old=f'{then:g}'))
            if (card['healthy'], card['watch']) != (before['healthy'], before['watch']):
                lines.append(self.env._(
                    "%(card)s: healthy from %(healthy)s, at risk below %(watch)s (before: %(old_healthy)s, %(old_watch)s)",
                    card=card['name'], healthy=f"{card['healthy']:g}", watch=f"{card['watch']:g}",
                    old_healthy=f"{before['healthy']:g}", old_watch=f"{before['watch']:g}"))
            if (card['coverage'], card['groups']) != (before['coverage'], before['groups']):
                lines.append(self.env._(
                    "%(card)s: a score from %(coverage)s %% known on, in so many groups: %(groups)s (before: "
                    "%(old_coverage)s %%, %(old_groups)s)", card=card['name'], coverage=card['coverage'], groups=card['groups'],
                    old_coverage=before['coverage'], old_groups=before['groups']))
            if (card['tiers'], card['segments']) != (before['tiers'], before['segments']):
                lines.append(self.env._("%(card)s: for other customers", card=card['name']))
        lines += [self.env._("Scorecard gone: %(name)s", name=before['name'])
                  for key, before in old['cards'].items() if key not in new['cards']]
        if old['order'] != new['order'] and sorted(old['order']) == sorted(new['order']):
            lines.append(self.env._("Another order of the scorecards"))
        return lines

    @api.model
    def _describe_caps(self, old, new):
        lines = []
        for key, cap in new.items():
            before = old.get(key)
            if before is None:
                lines.append(self.env._("New cap: %(name)s, at most %(maximum)s", name=cap['name'], maximum=cap['maximum']))
            elif {**cap, 'name': ''} != {**before, 'name': ''}:
                lines.append(self.env._(
                    "Cap %(name)s: at most %(maximum)s from or below %(value)s (before: %(old_maximum)s, %(old_value)s)",
                    name=cap['name'], maximum=cap['maximum'], value=f"{cap['value']:g}",
                    old_maximum=before['maximum'], old_value=f"{before['value']:g}"))
        return lines + [self.env._("Cap gone: %(name)s", name=cap['name']) for key, cap in old.items() if key not in new]
