from odoo import models
from odoo.tools import format_date

from ..platform.counted import customers


class CustomerAdjustmentPanel(models.AbstractModel):
    """What the page *Before and After* of an adjustment says (STR-4)."""

    _name = 'customer.adjustment.panel'
    _description = "Before and After of Adjustments"

    def _describe_effect(self, adjustment):
        """Return what the page *Before and After* shows.

        :return: ``lines`` (see the KPI), ``cohort``, ``periods``, ``verdict`` with its ``label``, ``total`` and ``rule``,
            ``notes`` that one has to know, and ``open``: values by hand can be entered
        :rtype: dict or bool
        """
        adjustment.ensure_one()
        if adjustment.state not in ('approved', 'applied', 'reviewed'):
            return False
        lines = [line._describe_effect() for line in adjustment.kpi_ids if line.kpi_id and not line.is_dropped]
        return {
            'lines': lines,
            'periods': self._periods_text(adjustment),
            'cohort': self._cohort_text(adjustment),
            'verdict': adjustment.verdict or '',
            'label': adjustment._verdict_text(),
            'total': self._total_text(adjustment),
            'rule': adjustment.env._(
                "Effective from %(effective)s %% of the expected improvement on, partly effective from %(partly)s %% on.",
                effective=adjustment.effective_from, partly=adjustment.partly_from) if adjustment.verdict else '',
            'notes': self._effect_notes(adjustment),
            'open': adjustment.state != 'reviewed',
        }

    def _periods_text(self, adjustment):
        """Return which days are compared."""
        adjustment.ensure_one()
        env = adjustment.env
        days = {
            f'{side}_{end}': format_date(env, adjustment[f'{side}_{end}']) for side in ('before', 'after')
            for end in ('start', 'stop')}
        if adjustment.before_start and adjustment.after_start:
            return env._(
                "Before: %(before_start)s – %(before_stop)s. After: %(after_start)s – %(after_stop)s.", **days)
        return env._("Before: %(before_start)s – %(before_stop)s.", **days) if adjustment.before_start else ''

    def _cohort_text(self, adjustment):
        """Return whom the customer is compared with."""
        adjustment.ensure_one()
        env = adjustment.env
        if not adjustment.cohort_size:
            return env._("There was no other customer in the same segment to compare with.")
        text = env._(
            "Compared with %(customers)s of the same segment.", customers=customers(env, adjustment.cohort_size))
        if adjustment.cohort_left_out:
            text += " " + env._(
                "%(count)s more were left out: their own strategy was adjusted meanwhile.",
                count=adjustment.cohort_left_out)
        return text

    def _total_text(self, adjustment):
        """Return what was reached over all KPIs, or why that is not known (yet)."""
        adjustment.ensure_one()
        if not adjustment.verdict:
            return self._waiting_text(adjustment) if adjustment.after_stop else ''
        env, number = adjustment.env, adjustment.kpi_ids._number
        values = {'known': number(adjustment.effect_known_percent)}
        if adjustment.verdict == 'unknown':
            return env._("Of the KPIs, by weight, only %(known)s %% are known: too little for a verdict.", **values)
        values['percent'] = number(adjustment.net_percent)
        return env._(
            "%(percent)s %% of the expected improvement reached, net of the segment (known: %(known)s %% of the KPIs, by "
            "weight).", **values)

    def _waiting_text(self, adjustment):
        return adjustment.env._(
            "The cycle lasts until %(day)s; what came of it is measured in the night after.",
            day=format_date(adjustment.env, adjustment.after_stop))

    def _effect_notes(self, adjustment):
        """Return sentences on what makes the figures doubtful."""
        adjustment.ensure_one()
        env, notes = adjustment.env, []
        if adjustment.effect_problem:
            notes.append(env._("It could not be measured: %(problem)s", problem=adjustment.effect_problem))
        others = adjustment.sudo().search([  # whoever may see them
            ('partner_id', '=', adjustment.partner_id.id), ('id', '!=', adjustment.id),
            ('applied_on', '>=', adjustment.before_start), ('applied_on', '<=', adjustment.after_stop),
        ], order='applied_on') if adjustment.before_start and adjustment.after_stop else adjustment.browse()
        notes += [env._(
            "%(other)s was applied on %(day)s: the figures hold the effect of both.",
            other=other.name, day=format_date(env, other.applied_on)) for other in others]
        return notes
