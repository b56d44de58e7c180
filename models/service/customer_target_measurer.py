from odoo import api, models

from ..segmentation.target_measure import Measure


class CustomerTargetMeasurer(models.AbstractModel):
    """How satisfied the customers of a tier are (SEG-8, SRV-5)."""

    _inherit = 'customer.target.measurer'

    @api.model
    def _measures(self):
        return super()._measures() | {
            'satisfaction': Measure(
                label=self.env._("Satisfaction (CSAT)"), unit='count', counted=self.env._("answers"),
                sql=self._satisfaction_sql, definition=self.env._(
                    "The mean of all answers from 1 to 5 that customers gave in the period, whoever gave them: a customer who "
                    "answers often weighs more. Of a tier: of its customers at the start. n: answers.")),
            'promoters': Measure(
                label=self.env._("NPS of the tier"), unit='points', counted=self.env._("answers"), sql=self._promoters_sql,
                definition=self.env._(
                    "Promoters (9, 10) less detractors (0 to 6) in percent of all answers to the question whether they would "
                    "recommend us, in the period. Of a tier: of its customers at the start. n: answers.")),
        }

    @api.model
    def _satisfaction_sql(self, target):
        """The mean of the CSAT answers of the period; n is their number."""
        return self._fact_sql('csat', weighted=True)

    @api.model
    def _promoters_sql(self, target):
        """The Net Promoter Score of the answers of the period; n is their number."""
        return self._fact_sql('nps', weighted=True)
