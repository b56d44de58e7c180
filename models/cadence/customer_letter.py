import uuid

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, is_html_empty
from odoo.tools.rendering_tools import parse_inline_template, render_inline_template


class CustomerLetter(models.AbstractModel):
    """Makes the texts of many out of a template, each in the language of who reads it.

    Odoo compiles a template anew for each record. Here it is compiled once for all that are written to in a language, with a
    loop around it.
    """

    _name = 'customer.letter'
    _description = "Texts Made of Templates"

    @api.model
    def _languages(self, people):
        """Return the language in which each is written to: their own, else the customer's, else the company's.

        :param people: pairs of person and company
        :rtype: dict[int, str]: by id of the person
        """
        installed = {code for code, __ in self.env['res.lang'].get_installed()}
        return {
            person.id: next((lang for lang in (
                person.lang, person.commercial_partner_id.lang, company.partner_id.lang) if lang in installed), 'en_US')
            for person, company in people}

    @api.model
    def _is_translated(self, template, name, language):
        """Return whether a text of a template is there in a language, and not only as it was written first.

        :param str name: of the field
        """
        if language == 'en_US':
            return True  # what it is written in where nobody translates
        template.flush_recordset([name])
        rows = self.env.execute_query(SQL(
            "SELECT jsonb_exists(%s, %s) FROM %s WHERE id = %s", SQL.identifier(name), language,
            SQL.identifier(template._table), template.id))
        return bool(rows and rows[0][0])

    @api.model
    def _render(self, template, name, records):
        """Return a text of a template for each of some records, in the language of the template's environment.

        :param template: mail.template or sms.template
        :param str name: of the field
        :param records: of the model of the template
        :return: texts by id
        :rtype: dict[int, str]
        """
        field = template._fields[name]
        if getattr(field, 'render_engine', 'inline_template') != 'qweb':
            return template._render_field(name, records.ids)
        # what a text keeps in a variable must not stand in the next one
        if len(records) < 2 or 't-set' in (template[name] or ''):
            return template._render_field(name, records.ids)
        end = uuid.uuid4().hex  # stands in no text
        loop = Markup('<t t-foreach="letters" t-as="object">%s<t t-out="end"/></t>') % (template[name] or "")
        rendered = template._render_template(
            loop, records._name, records[:1].ids, engine='qweb', options=field.render_options,
            add_context={'letters': records.with_env(template.env), 'end': end})
        return dict(zip(records.ids, rendered[records[:1].id].split(end)[:-1], strict=True))

    @api.model
    def _render_one(self, template, name, record):
        """Return a text of a template for one record, which may be one that is not in the database."""
        if record._origin:
            return self._render(template, name, record)[record.id]
        if getattr(template._fields[name], 'render_engine', 'inline_template') == 'qweb':
            loop = Markup('<t t-foreach="letters" t-as="object">%s</t>') % (template[name] or "")
            return template._render_template(loop, record._name, [0], engine='qweb', add_context={
                'letters': record.with_env(template.env)})[0]
        return render_inline_template(parse_inline_template(str(template[name] or "")), {
            **template._render_eval_context(), 'object': record.with_env(template.env)})

    @api.model
    def _render_emails(self, template, records):
        """Return subject, body and sender's addresses of emails.

        :param template: mail.template, in the language of who reads it
        :param records: of its model
        :return: values of a mail.mail by id of the record
        :rtype: dict[int, dict]
        :raises UserError: where nothing would stand in one of them
        """
        names = ['subject', 'body_html', *(name for name in ('email_from', 'reply_to') if template[name])]
        texts = {name: self._render(template, name, records) for name in names}
        if template.email_layout_xmlid:
            texts['body_html'] = {record.id: self._encapsulate(template, record, texts['body_html'][record.id])
                                  for record in records}
        values = {record.id: {name: texts[name][record.id] for name in names} for record in records}
        for row in values.values():
            if is_html_empty(row['body_html']) or not (row['subject'] or '').strip():
                raise UserError(self.env._(
                    "The message template “%(template)s” gives an email without subject or text.", template=template.name))
        if template.report_template_ids:
            template._generate_template_attachments(records.ids, {'report_template_ids'}, render_results=values)
        return values

    @api.model
    def _encapsulate(self, template, record, body):
        """Return a body within the layout of its template."""
        company = record._mail_get_companies(default=record.env.company)[record.id]
        description = template.env['ir.model']._get(record._name).display_name
        return template._render_encapsulate(
            template.email_layout_xmlid, body, context_record=record.with_env(template.env),
            add_context={'company': company, 'model_description': description})

    @api.model
    def _render_sms(self, template, records):
        """Return the texts of text messages, see :meth:`_render_emails`.

        :param template: sms.template
        :rtype: dict[int, str]
        """
        texts = self._render(template, 'body', records)
        if not all((text or '').strip() for text in texts.values()):
            raise UserError(self.env._(
                "The message template “%(template)s” gives an empty text message.", template=template.name))
        return texts

    @api.model
    def _say_error(self, template, error):
        """Return why a text could not be made, in a sentence: what was wrong, and not where in Odoo.

        :param template: mail.template or sms.template
        """
        if isinstance(error, UserError) and not error.__cause__:
            return str(error)
        while error.__cause__ or error.__context__:
            error = error.__cause__ or error.__context__
        return self.env._("The text could not be made of the message template “%(template)s”: %(error)s",
                          template=template.name, error=str(error) or type(error).__name__)
