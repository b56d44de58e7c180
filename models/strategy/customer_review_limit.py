from odoo import api, models

#: So many of the findings that are only counted can be opened as a list.
REST = 1000


class CustomerReview(models.Model):
    """Keeps drafts short: a summary says what matters and counts the rest (STR-5)."""

    _inherit = 'customer.review'

    def _most_important(self, values, rules):
        """Return the findings that are listed: of each kind so many as the rhythm says, first the most important one of each
        topic, then the second ones. The others of a topic are counted together, and open as a list.

        :param list[dict] values: of the findings of all topics, each topic's in their order
        :param rules: see :meth:`_draft_rules`
        :rtype: list[dict]
        """
        groups = {}
        for vals in values:
            groups.setdefault((vals['review_id'], vals['kind']), []).append(vals)
        kept = []
        for (review_id, __), found in groups.items():
            listed, rest = self._split_by_importance(found, rules[review_id].lines_per_kind)
            kept += listed
            for name, folded in rest.items():
                kept.append(self.browse(review_id)._count_together(name, folded))
        return kept

    @api.model
    def _split_by_importance(self, found, limit):
        """Split the findings of a kind into those that are listed and, by topic, those that are counted."""
        place, order = {}, []
        for vals in found:
            place[vals['topic']] = place.get(vals['topic'], 0) + 1
            if not vals.get('more'):
                order.append((place[vals['topic']], vals['sequence'], vals['key']))
        chosen = {key for __, __, key in sorted(order)[:limit]}
        if len(chosen) == len(order):
            return found, {}
        listed, rest = [], {}
        for vals in found:
            if vals['key'] in chosen:
                listed.append(vals)
            else:
                rest.setdefault(vals['topic'], []).append(vals)
        return listed, rest

    def _count_together(self, name, folded):
        """Return the values of one line for findings of a topic that are not listed.

        :param str name: of the topic
        :param list[dict] folded: the findings; the last one may count others already
        """
        self.ensure_one()
        count = sum(vals.get('more') or 1 for vals in folded)
        ids = []
        for vals in folded:
            ids += vals['res_ids'] or [] if vals.get('more') or vals.get('res_ids') else [vals['res_id']] * bool(vals['res_id'])
        reader = self.with_context(lang=self._reader().lang or self.env.lang)
        return {
            'review_id': self.id, 'topic': name, 'kind': folded[0]['kind'], 'key': f'{name}:more', 'more': count,
            'sequence': folded[0]['sequence'], 'res_model': folded[0]['res_model'], 'res_ids': ids[:REST],
            'text': self._known_topics()[name].more(reader, count)}
