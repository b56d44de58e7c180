from odoo import api, fields, models


class CustomerCadenceStep(models.Model):
    _inherit = 'customer.cadence.step'

    event = fields.Selection(
        selection_add=[('case_solved', "Has a case solved")], ondelete={'case_solved': 'cascade'})
    survey_id = fields.Many2one(
        comodel_name='customer.survey', domain=[('asks_on', '=', 'touchpoint')], ondelete='set null', index='btree_not_null',
        help="What the customer is asked where the touchpoint is a survey that is sent by itself.")

    @api.constrains('automatic', 'channel_id', 'mail_template_id', 'sms_template_id', 'survey_id')
    def _check_automatic(self):
        return super()._check_automatic()

    def _may_be_automatic(self):
        survey = self.env.ref('customer_success.customer_channel_survey', raise_if_not_found=False)
        return super()._may_be_automatic() or bool(self.survey_id) or bool(survey) and self.channel_id == survey

    def _missing_to_send(self):
        """A touchpoint that asks needs a survey that is in use."""
        self.ensure_one()
        if self.channel_id.medium in ('email', 'sms') or not self._may_be_automatic():
            return super()._missing_to_send()
        if not self.survey_id:
            return self.env._("choose the survey first.")
        return '' if self.survey_id.active else self.env._(
            "the survey “%(survey)s” is archived.", survey=self.survey_id.name)
