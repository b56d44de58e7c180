"""Who is a managed customer, and which number it gets."""
from contextlib import closing
from datetime import date

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import ValidationError
from odoo.sql_db import db_connect
from odoo.tests import users

from ..common import CustomerCase


class TestRegistry(CustomerCase):

    def test_order_makes_a_customer_at_once(self):
        """A confirmed order makes the commercial partner a customer, a quotation does not (PRO-1)."""
        partner = self.env['res.partner'].create({'name': "Buyer", 'is_company': True})
        self.env['sale.order'].create({'partner_id': partner.id})
        self.assertFalse(partner.customer_managed)
        self._order(partner, 100)
        self.assertTrue(partner.customer_managed)
        self.assertEqual(partner.customer_managed_since, date.today())
        self.assertEqual(partner.customer_filed_on, date.today())
        self.assertTrue(partner.ref)

    def test_contacts_and_parent_are_one_customer(self):
        """What a contact orders counts for the company above it, and only the company is a customer."""
        company = self.env['res.partner'].create({'name': "Parent", 'is_company': True})
        contact = self.env['res.partner'].create({'name': "Child", 'parent_id': company.id})
        self._order(contact, 250)
        self.assertTrue(company.customer_managed)
        self.assertFalse(contact.customer_managed)
        self.assertEqual(company.customer_revenue, 250)
        self.assertTrue(self._open(company))
        self.assertFalse(self._open(contact))

    def test_posted_invoice_makes_a_customer(self):
        partner = self.env['res.partner'].create({'name': "Invoiced", 'is_company': True})
        invoice = self._invoice(partner, 80)
        self.assertFalse(partner.customer_managed)
        invoice.action_post()
        self.assertTrue(partner.customer_managed)
        self.assertEqual(partner.customer_revenue, 80)

    def _invoice(self, partner, amount, move_type='out_invoice'):
        journal = self.env['account.journal'].search(
            [('type', '=', 'sale'), ('company_id', '=', self.env.company.id)], limit=1)
        if not journal:
            self.skipTest("needs a chart of accounts")
        return self.env['account.move'].create({
            'move_type': move_type, 'partner_id': partner.id, 'journal_id': journal.id,
            'invoice_line_ids': [
                Command.create({'name': "Work", 'quantity': 1, 'price_unit': amount, 'tax_ids': False})],
        })

    def test_enrolled_excluded_archived(self):
        """Somebody can enrol or exclude a customer by hand, and who is archived is not looked after."""
        partner = self._customer("By hand")
        self.assertTrue(partner.customer_managed)
        partner.action_customer_exclude()
        self.assertFalse(partner.customer_managed)
        self.assertFalse(self._open(partner), "an excluded customer has no open follow-up")
        self.assertFalse(partner.customer_tier_id)
        partner.action_customer_enrol()
        self.assertTrue(self._open(partner))
        partner.action_archive()
        self.assertFalse(partner.customer_managed)
        self.assertFalse(self._open(partner))
        partner.action_unarchive()
        self.assertTrue(partner.customer_managed)

    def test_written_as_it_was(self):
        """Who is written as active as before is not looked at anew, and who was archived for a moment is."""
        partner = self._customer("As it was")
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET customer_managed = FALSE WHERE id = %s", [partner.id])
        self.env.invalidate_all()
        partner.active = True
        self.assertFalse(partner.customer_managed)
        partner.active = False
        partner.active = True
        self.assertTrue(partner.customer_managed)

    def test_nightly_catches_what_came_by_other_ways(self):
        """The nightly action finds orders that were written past the ORM, and takes out who lost the last order."""
        partner = self.env['res.partner'].create({'name': "Imported", 'is_company': True})
        order = self.env['sale.order'].create({'partner_id': partner.id})
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET state = 'sale' WHERE id = %s", [order.id])
        self.env.invalidate_all()
        self._run_cron('refresh')
        self.assertTrue(partner.customer_managed)
        self.env.cr.execute("UPDATE sale_order SET state = 'cancel' WHERE id = %s", [order.id])
        self.env.invalidate_all()
        self._run_cron('refresh')
        self._run_cron('plan')
        self.assertFalse(partner.customer_managed)
        self.assertFalse(self._open(partner))

    def test_order_that_comes_confirmed(self):
        """An order that is imported as confirmed counts like one that somebody confirmed."""
        partner = self.env['res.partner'].create({'name': "Imported", 'is_company': True})
        self.env['sale.order'].create({'partner_id': partner.id, 'state': 'sale'})
        self.assertTrue(partner.customer_managed)

    def test_own_companies_are_no_customers(self):
        """Companies of the house that order from each other are not looked after, unless somebody says so."""
        own = self.company_2.partner_id
        self._order(own, 100)
        self.assertFalse(own.customer_managed)
        own.action_customer_enrol()
        self.assertTrue(own.customer_managed)

    def test_numbers(self):
        """PRO-1: abbreviation + year + serial, given once, never reused; references that exist are kept."""
        self.env.company.customer_abbreviation = 'TST'
        first, second = self._customer("One"), self._customer("Two")
        year = date.today().year
        self.assertRegex(first.ref, rf'^TST{year}\d{{3,}}$')
        self.assertEqual(int(second.ref[7:]), int(first.ref[7:]) + 1)
        number = second.ref
        second.unlink()
        self.assertNotEqual(self._customer("Three").ref, number, "a number is not given again")
        self.assertEqual(self._customer("Own", ref='OLD-7').ref, 'OLD-7')

    def test_number_skips_what_somebody_typed(self):
        self.env.company.customer_abbreviation = 'TSK'
        first = self._customer("One")
        following = f'{first.ref[:7]}{int(first.ref[7:]) + 1:03d}'
        self.env['res.partner'].create({'name': "Typed", 'ref': following})
        self.assertEqual(self._customer("Two").ref, f'{first.ref[:7]}{int(first.ref[7:]) + 2:03d}')

    def test_numbers_of_two_transactions(self):
        """PRO-1: two people who enrol at the same moment get different numbers, and one rolled back is not given again."""
        database = db_connect(self.env.cr.dbname)
        with closing(database.cursor()) as one, closing(database.cursor()) as two:
            drawn = []
            for cr in (one, two, one):
                env = api.Environment(cr, SUPERUSER_ID, {})
                company = env.ref('base.main_company')
                if not env['ir.sequence'].search_count([
                    ('code', '=', 'customer_success.number'), ('company_id', '=', company.id)]):
                    self.skipTest("needs a customer that was there before the test")
                drawn += env['customer.registry']._draw_numbers(company, 3)
            one.rollback()
            env = api.Environment(one, SUPERUSER_ID, {})
            drawn += env['customer.registry']._draw_numbers(env.ref('base.main_company'), 3)
            one.rollback()
            two.rollback()
        self.assertEqual(len(set(drawn)), 12)

    def test_copy_has_no_number(self):
        partner = self._customer("Original")
        self.assertFalse(partner.copy().ref)
        self.assertEqual(self._customer("Own", ref='OLD-8').copy().ref, 'OLD-8', "a typed reference is copied as ever")

    def test_number_of_the_partners_company(self):
        """Each company numbers its own customers, and no two companies use the same abbreviation."""
        self.env.company.customer_abbreviation = 'AAA'
        self.company_2.customer_abbreviation = 'BBB'
        partner = self._customer("Theirs", company_id=self.company_2.id, user_id=False)
        self.assertTrue(partner.ref.startswith('BBB'))
        with self.assertRaisesRegex(ValidationError, "Another company already uses AAA"):
            self.company_2.customer_abbreviation = 'AAA'
        with self.assertRaisesRegex(ValidationError, "capital letters"):
            self.company_2.customer_abbreviation = 'a-b'

    def test_abbreviations_of_namesakes_differ(self):
        one, two = self._create_company(name="Namesake Trading"), self._create_company(name="Namesake Trading Two")
        (one + two).customer_abbreviation = False
        self.assertNotEqual(one._get_customer_abbreviation(), two._get_customer_abbreviation())

    @users('nils')
    def test_seller_without_rights_may_change_contacts(self):
        """Who may edit contacts but has no role in the addon is not stopped by it."""
        self.env.user.sudo().group_ids += self.env.ref('base.group_partner_manager')
        partner = self._customer("Hidden").with_user(self.env.user)
        partner.name = "Renamed"
        partner.action_archive()
        self.assertFalse(partner.sudo().customer_managed)
        self.env['res.partner'].create({'name': "Plain"})
