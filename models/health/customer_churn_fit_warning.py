from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ...engine import foretell


class Verdict(NamedTuple):
    """What warnings of missing orders follow from.

    :param state: ``ok``; ``untried`` where nobody knows how often they are right; ``silent`` where they are not worth it
    :param judge: ``pause`` or ``model``, see :class:`.foretell.Trial`
    :param limit: from where on
    :param trial: how that did on the held-out days, or None
    """

    state: str
    judge: str
    limit: float
    trial: foretell.Trial | None = None


class CustomerChurnFit(models.Model):
    """What the held-out days say of warnings about customers who stop buying (HEA-3)."""

    _inherit = 'customer.churn.fit'

    @api.model
    def _get_tried(self):
        """Return the newest fit of the past half year on which warnings were tried; where there is none, the one in use. The
        longest pause can be tried where no model could be fitted."""
        today = fields.Date.context_today(self)
        return self.search([
            ('test_left', '>', 0), ('date', '<=', today), ('date', '>', fields.Date.subtract(today, days=183)),
        ], limit=1) or self._get_current()

    def _tried(self):
        """Return the trials.

        :rtype: list[foretell.Trial]
        """
        return [foretell.Trial(*trial) for trial in self.trials or ()]

    def _judge(self, threshold, chance, least_percent):
        """Return what a rule follows from: at least as strict as asked for, and worth it on the held-out days.

        :param float threshold: times the longest pause
        :param float chance: percent
        :param int least_percent: how many of 100 warnings have to be right
        :rtype: Verdict
        """
        trials = [trial for trial in self._tried()
                  if (trial.limit >= threshold if trial.judge == 'pause' else 100 * trial.limit <= chance)]
        if not self.test_left or not any(trial.warned >= foretell.ENOUGH for trial in trials):
            return Verdict('untried', 'pause', threshold)
        best = foretell.best_trial(trials, self.test_repeat, self.test_left, least_percent / 100)
        if not best:
            return Verdict('silent', 'pause', threshold)
        return Verdict('ok', best.judge, best.limit, best)

    def _describe_judgement(self, threshold, chance, least_percent):
        """Return in a sentence what the warnings of a rule follow from, and how often that is right; see :meth:`_judge`."""
        verdict = self._judge(threshold, chance, least_percent)
        if verdict.state == 'untried':
            return self.env._(
                "Warns from %(limit)s times the longest pause on. How often that is right is not known yet: too few customers "
                "bought again, or stopped, to try it.", limit=f'{threshold:g}')
        values = {
            'days': self.holdout_days, 'day': format_date(self.env, self.date),
            'base': round(100 * self.test_left / self.test_repeat), 'repeat': formatLang(self.env, self.test_repeat, digits=0)}
        if verdict.state == 'silent':
            return self.env._(
                "Silent: on the %(days)s days up to %(day)s no warning of this kind was right in %(least)s of 100 cases and "
                "clearly better than guessing. Of %(repeat)s customers who had bought again, %(base)s of 100 stopped.",
                least=least_percent, **values)
        trial = verdict.trial
        values |= {
            'precision': round(100 * trial.hit / trial.warned), 'recall': round(100 * trial.hit / self.test_left),
            'warned': formatLang(self.env, trial.warned, digits=0)}
        if verdict.judge == 'model':
            return self.env._(
                "Warns where the chance to buy again is below %(limit)s %%, by the churn model. Tried on the %(days)s days up "
                "to %(day)s, it warned of %(warned)s of %(repeat)s customers: of 100 of them %(precision)s did not buy again; "
                "by guessing it would be %(base)s. It warned of %(recall)s %% of those who stopped.",
                limit=round(100 * verdict.limit), **values)
        return self.env._(
            "Warns from %(limit)s times the longest pause on. Tried on the %(days)s days up to %(day)s, it warned of "
            "%(warned)s of %(repeat)s customers: of 100 of them %(precision)s did not buy again; by guessing it would be "
            "%(base)s. It warned of %(recall)s %% of those who stopped.", limit=f'{verdict.limit:g}', **values)
