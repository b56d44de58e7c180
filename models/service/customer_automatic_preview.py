from odoo import api, models


class CustomerAutomaticPreview(models.AbstractModel):
    _inherit = 'customer.automatic.preview'

    @api.model
    def _able(self, step, partner_ids):
        if not step.survey_id:
            return super()._able(step, partner_ids)
        return [customer_id for customer_id, __ in self.env['customer.addressee']._first_people(
            [(partner_id, 0) for partner_id in partner_ids], 'email')]

    @api.model
    def _preview(self, step, partner):
        if not step.survey_id:
            return super()._preview(step, partner)
        customer = partner._origin
        person = customer._customer_recipients('email')[:1]
        if not person:
            return {'problem': customer._customer_nobody('email')}
        letters = self.env['customer.letter']
        language = letters._languages([(person, customer._planning_company())])[person.id]
        request = self.env['customer.feedback.request'].new({
            'survey_id': step.survey_id.id, 'partner_id': customer.id, 'contact_id': person.id,
            'company_id': customer._planning_company().id})
        template = step.survey_id.mail_template_id.with_context(lang=language)
        return {'to': person.display_name, 'subject': letters._render_one(template, 'subject', request),
                'body': letters._render_one(template, 'body_html', request)}
