from odoo import models


class CustomerCaseSheet(models.AbstractModel):
    """The sheet 投诉处理记录 of a case on paper (SRV-3)."""

    _name = 'customer.case.sheet'
    _description = "Sheet of a Case"

    # ------------------------------------------------------------
    # PRINT
    # ------------------------------------------------------------

    def _sheet_rows(self, cases):
        """Return what stands at the top of the sheet of this case: pairs of a label and a text, what is empty left out.

        :rtype: list[tuple[str, str]]
        """
        cases.ensure_one()
        case = cases.sudo()  # names of colleagues are no secret
        labels = {name: field._description_string(cases.env) for name, field in cases._fields.items()}
        rows = [
            (labels['partner_id'], case.partner_id.display_name), (labels['contact_id'], case.contact_id.name),
            (labels['user_id'], case.user_id.name), (labels['case_type'], self._sheet_choice(cases, 'case_type')),
            (labels['priority'], self._sheet_choice(cases, 'priority')), (labels['state'], self._sheet_choice(cases, 'state')),
            (labels['channel_id'], case.channel_id.name), (labels['opened_at'], cases._say_when(cases.opened_at)),
            (labels['answered_at'], cases.answered_at and cases._say_when(cases.answered_at)),
            (labels['solved_at'], cases.solved_at and cases._say_when(cases.solved_at)),
            (labels['closed_at'], cases.closed_at and cases._say_when(cases.closed_at)),
            (labels['satisfied'], self._sheet_choice(cases, 'satisfied')), (labels['not_asked'], cases.not_asked),
            (labels['case_class'], self._sheet_choice(cases, 'case_class')), (labels['cause_id'], case.cause_id.name),
            (labels['again'], cases.again),
        ]
        return [(label, text) for label, text in rows if text]

    def _sheet_texts(self, case):
        """Return the texts of the sheet, in the order in which a case is worked on; what is empty left out.

        :rtype: list[tuple[str, str]]
        """
        case.ensure_one()
        return [
            (case._fields[name]._description_string(case.env), case[name])
            for name in ('description', 'cause', 'solution', 'improvement', 'unmet_reason', 'alternative') if case[name]]

    def _sheet_choice(self, cases, name):
        """Return the words of a selection field."""
        return dict(cases._fields[name]._description_selection(cases.env)).get(cases[name], '')

    def _sheet_file_name(self, cases):
        """Return what the printed file is called."""
        return (cases.number or cases.name) if len(cases) == 1 else cases.env._("Cases")
