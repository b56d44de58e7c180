from odoo import models


class CustomerCase(models.Model):
    """The sheet 投诉处理记录 of a case on paper (SRV-3)."""

    _inherit = 'customer.case'

    def _sheet_rows(self):
        """Return what stands at the top of the sheet of this case: pairs of a label and a text, what is empty left out.

        :rtype: list[tuple[str, str]]
        """
        self.ensure_one()
        case = self.sudo()  # names of colleagues are no secret
        labels = {name: field._description_string(self.env) for name, field in self._fields.items()}
        rows = [
            (labels['partner_id'], case.partner_id.display_name), (labels['contact_id'], case.contact_id.name),
            (labels['user_id'], case.user_id.name), (labels['case_type'], self._sheet_choice('case_type')),
            (labels['priority'], self._sheet_choice('priority')), (labels['state'], self._sheet_choice('state')),
            (labels['channel_id'], case.channel_id.name), (labels['opened_at'], self._say_when(self.opened_at)),
            (labels['answered_at'], self.answered_at and self._say_when(self.answered_at)),
            (labels['solved_at'], self.solved_at and self._say_when(self.solved_at)),
            (labels['closed_at'], self.closed_at and self._say_when(self.closed_at)),
            (labels['satisfied'], self._sheet_choice('satisfied')), (labels['not_asked'], self.not_asked),
            (labels['case_class'], self._sheet_choice('case_class')), (labels['cause_id'], case.cause_id.name),
            (labels['again'], self.again),
        ]
        return [(label, text) for label, text in rows if text]

    def _sheet_texts(self):
        """Return the texts of the sheet, in the order in which a case is worked on; what is empty left out.

        :rtype: list[tuple[str, str]]
        """
        self.ensure_one()
        return [
            (self._fields[name]._description_string(self.env), self[name])
            for name in ('description', 'cause', 'solution', 'improvement', 'unmet_reason', 'alternative') if self[name]]

    def _sheet_choice(self, name):
        """Return the words of a selection field."""
        return dict(self._fields[name]._description_selection(self.env)).get(self[name], '')

    def _sheet_file_name(self):
        """Return what the printed file is called."""
        return (self.number or self.name) if len(self) == 1 else self.env._("Cases")
