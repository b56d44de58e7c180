from lxml import html

from odoo.exceptions import UserError

from .common import ServiceCase


class TestCaseNumber(ServiceCase):
    """Each case has a number of its company, and a sheet on paper (SRV-3, SRV-1)."""

    def test_numbers(self):
        """Each company counts its own, also one that is made later; a number is found by, and stands in what we write."""
        theirs = self._customer("Theirs", user_id=self.zoe.id, company_id=self.company_2.id)
        with self._at('Mon 09:00'):
            first, second = self._case(), self._case()
            other = self._case(self.zoe, partner_id=theirs.id, contact_id=False)
        start = int(first.number.removeprefix('C'))
        self.assertEqual((first.number, second.number), (f'C{start:05}', f'C{start + 1:05}'))
        self.assertEqual(other.number, 'C00001')
        self.assertEqual(self.env['customer.case'].with_user(self.anna).name_search(second.number)[0][0], second.id)
        company = self.env['res.company'].create({'name': "Later"})
        self.assertEqual(len(self.env['ir.sequence'].search([
            ('code', '=', 'customer.case'), ('company_id', '=', company.id)])), 1)
        self.env['res.company']._customer_number_cases()
        self.assertEqual(self.env['ir.sequence'].search_count([
            ('code', '=', 'customer.case'), ('company_id', '=', company.id)]), 1)
        self.assertEqual(first._message_compute_subject(), f"[{first.number}] Crates broken")
        self.assertNotEqual(first.copy().number, first.number)

    def test_nobody_writes_a_number(self):
        with self._at('Mon 09:00'):
            trick = self.env['customer.case'].with_user(self.anna).with_context(default_number='X').create({
                'name': "x", 'partner_id': self.harbour.id})
        self.assertNotEqual(trick.number, 'X')

    def test_sheet(self):
        """SRV-3: the sheet 投诉处理记录 says what happened, why, what was done and what keeps it from happening again, with
        the deadlines, pauses and contacts; of what people wrote nothing runs in the browser."""
        with self._at('Mon 09:00'):
            self._case(cause_id=self.defect.id)
            case = self._case(
                cause_id=self.defect.id, description="Three crates\n<script>alert(1)</script>", cause="Thin boards",
                improvement="Thicker boards")
        with self._at('Mon 09:30'):
            case.action_answer()
            self._change(case, 'pause', wait_for='customer', note="Asked for pictures")
        with self._at('Mon 11:00'):
            self._change(case, 'solve', solution="New crates")
        content, kind = self.env['ir.actions.report'].with_user(self.anna)._render_qweb_html(
            'customer_success.report_customer_case', case.ids)
        self.assertEqual(kind, 'html')
        tree = html.fromstring(content)
        text = " ".join(tree.text_content().split())
        for part in (
                case.number, "Crates broken", "Harbour", "Captain", "Anna", "Complaint", "Three crates", "Thin boards",
                "Thicker boards", "New crates", self.defect.name, "It has happened once before.", "Asked for pictures",
                "1 h: Mon 09:00–10:00; due Mon 10:00", "Revisit: Crates broken"):
            self.assertIn(part, text)
        self.assertFalse(tree.xpath("//script[contains(., 'alert')]"))
        self.assertEqual(self.env['customer.case.sheet']._sheet_file_name(case), case.number)

    def test_several_on_paper(self):
        """One sheet for each, with the company that it belongs to."""
        with self._at('Mon 09:00'):
            cases = self._case() + self._case(name="Lid missing")
        content, __ = self.env['ir.actions.report'].with_user(self.anna)._render_qweb_html(
            'customer_success.report_customer_case', cases.ids)
        text = html.fromstring(content).text_content()
        self.assertIn("Crates broken", text)
        self.assertIn("Lid missing", text)

    def test_recurrence_both_ways(self):
        """SRV-3: from a case one click leads to the one before, and to those after it."""
        with self._at('Mon 09:00'):
            first = self._case(cause_id=self.defect.id)
        with self._at('Tue 09:00'):
            second = self._case(cause_id=self.defect.id)
        self.assertEqual(second.action_open_previous()['res_id'], first.id)
        self.assertEqual(first.action_open_next()['res_id'], second.id)
        with self._at('Wed 09:00'):
            third = self._case(cause_id=self.defect.id)
            self.assertEqual((third.previous_id, third.again), (second, "It has happened 2 times before."))

    # ------------------------------------------------------------
    # THE ADDRESS
    # ------------------------------------------------------------

    def _settings(self, **vals):
        settings = self.env['customer.settings'].with_user(self.mara).create(vals)
        settings.set_values()
        return settings

    def test_address_in_the_settings(self):
        """PLT-5: managers see to which address emails open a case, and change it; also where somebody deleted the alias."""
        alias = self.env.ref('customer_success.mail_alias_cases')
        self.assertEqual(self._settings().customer_case_alias, alias.alias_name)
        self._settings(customer_case_alias='complaints@nowhere.example')
        self.assertEqual(alias.alias_name, 'complaints')
        self._settings(customer_case_alias='')
        self.assertFalse(alias.alias_name)
        alias.unlink()
        self._settings(customer_case_alias='help-us')
        found = self.env['mail.alias'].search([('alias_model_id.model', '=', 'customer.case')])
        self.assertEqual((found.alias_name, found.alias_contact), ('help-us', 'everyone'))

    def test_address_that_is_taken(self):
        """An address that opens something else already is refused with a sentence."""
        self.env['mail.alias'].create({
            'alias_name': 'taken-by-leads', 'alias_model_id': self.env['ir.model']._get_id('crm.lead')})
        with self.assertRaisesRegex(UserError, "already linked"):
            self._settings(customer_case_alias='taken-by-leads')
