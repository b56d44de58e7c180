"""What stands in a customer's file."""
from odoo.exceptions import ValidationError
from odoo.tests import Form, users

from ..common import CustomerCase


class TestProfile(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.requirements = cls.env['customer.profile.requirement'].search([])
        cls.customer = cls._customer("Filed")

    def test_completeness_and_what_is_missing(self):
        """PRO-2: a percentage, and the list of what is missing; a contact person's data counts."""
        self.requirements.policy = 'off'
        self.assertEqual(self.customer.customer_completeness, 100)
        industry = self.env.ref('customer_success.customer_profile_requirement_industry')
        email = self.env.ref('customer_success.customer_profile_requirement_contact_email')
        needs = self.env.ref('customer_success.customer_profile_requirement_needs')
        source = self.env.ref('customer_success.customer_profile_requirement_source')
        (industry + email + needs + source).policy = 'warn'
        self.customer.customer_needs = "Shelves"
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.customer_completeness, 25)
        self.assertEqual(self.customer.customer_missing, f"{industry.name}, {email.name}, {source.name}")
        self.env['res.partner'].create({
            'name': "Person", 'parent_id': self.customer.id, 'email': 'person@example.com'})
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.customer_completeness, 50)

    def test_search_finds_what_the_form_shows(self):
        """The filter *Incomplete File* and the percentage follow the same rules."""
        person = self._customer("A Person", is_company=False)
        child = self.env['res.partner'].create({'name': "Child", 'parent_id': self.customer.id})
        for requirement in self.requirements:
            self.requirements.policy = 'off'
            requirement.policy = 'warn'
            for partner in self.customer + person:
                partner.invalidate_recordset()
                found = self.env['res.partner'].search([
                    ('id', '=', partner.id), ('customer_profile_incomplete', '=', True)])
                self.assertEqual(bool(found), partner.customer_profile_incomplete, (requirement.name, partner.name))
        self.assertTrue(child)

    def test_blocking(self):
        """PRO-2: *block* refuses to save, says what is missing, and loses nothing."""
        self.env.ref('customer_success.customer_profile_requirement_industry').policy = 'block'
        customer = self.customer.with_user(self.mara)
        with self.assertRaisesRegex(ValidationError, "Filed needs this before it can be saved: Industry"):
            customer.write({'industry_id': False, 'name': "Filed"})
        customer.write({'industry_id': self.env.ref('base.res_partner_industry_A').id})
        with self.assertRaises(ValidationError):
            self.env['res.partner'].with_user(self.mara).create({
                'name': "New", 'is_company': True, 'customer_enrolment': 'enrolled'})

    def test_blocking_lets_orders_through(self):
        """An order makes a customer whatever the file lacks."""
        self.env.ref('customer_success.customer_profile_requirement_industry').policy = 'block'
        partner = self.env['res.partner'].create({'name': "Walk in", 'is_company': True})
        self._order(partner, 10)
        self.assertTrue(partner.customer_managed)

    def test_emails(self):
        """PRO-2: an address nobody could mail to is refused for customers and their contact persons."""
        for wrong in ('nobody', 'a@b', 'a b@example.com', 'a@example.com, oops', '@example.com', 'x@example.'):
            with self.subTest(wrong), self.assertRaisesRegex(ValidationError, "is not an email address"):
                self.customer.email = wrong
        for right in ('a@example.com', "Ann Lee <ann.lee@mail.example.co.uk>", 'a@example.com, b@example.com', False):
            self.customer.email = right
        person = self.env['res.partner'].create({'name': "Person", 'parent_id': self.customer.id})
        with self.assertRaises(ValidationError):
            person.email = 'nobody'
        self.env['res.partner'].create({'name': "No customer", 'email': 'nobody'})

    def test_phones(self):
        self.customer.country_id = self.env.ref('base.cn')
        for wrong in ('call me', '12', '+86 1', '+999 12345678', 'N/A'):
            with self.subTest(wrong), self.assertRaisesRegex(ValidationError, "is not a phone number"):
                self.customer.phone = wrong
        for right in ('+86 21 5555 0123', '021-55550123', '13800138000', '+1 (603) 996-3829 ext. 12', False):
            self.customer.phone = right

    def test_phones_as_people_have_them(self):
        """PRO-2, K7: extensions, several numbers and remarks are kept as typed; the first number is the sanitised one."""
        self.customer.country_id = self.env.ref('base.cn')
        for text, sanitised in {
            '021-62345678转8001': '+862162345678', '13800138000/13900139000': '+8613800138000',
            '13800138000（王总）': '+8613800138000', '（021）62345678': '+862162345678',
        }.items():
            self.customer.phone = text
            self.assertEqual((self.customer.phone, self.customer.phone_sanitized), (text, sanitised))
            with Form(self.customer.with_user(self.mara)) as form:
                form.phone = text.replace('13800138000', '13700137000')
            if not text.startswith('（'):  # one number alone is put into Odoo's form for it
                self.assertEqual(self.customer.phone, text.replace('13800138000', '13700137000'))

    def test_phones_from_a_spreadsheet(self):
        """PRO-2, K7: a number that a spreadsheet took for a decimal is mended, by write, create and import; one that lost
        its digits is refused in words."""
        self.customer.phone = '13800138000.0'
        self.assertEqual(self.customer.phone, '13800138000')
        with self.assertRaisesRegex(ValidationError, "last digits are lost"):
            self.customer.phone = '1.38001E+10'
        names = ['name', 'phone', 'country_id/id', 'is_company', 'customer_enrolment']
        loaded = self.env['res.partner'].with_user(self.mara).load(names, [
            ["Good", '13900139000.0', 'base.cn', '1', 'Enrolled by hand']])
        self.assertEqual(self.env['res.partner'].browse(loaded['ids']).phone, '13900139000')
        loaded = self.env['res.partner'].with_user(self.mara).load(names, [
            ["Good 2", '13900139001', 'base.cn', '1', 'Enrolled by hand'],
            ["Bad", '1.39001E+10', 'base.cn', '1', 'Enrolled by hand']])
        self.assertFalse(loaded['ids'])
        self.assertEqual(loaded['messages'][-1]['rows'], {'from': 1, 'to': 1})
        self.assertIn("digits are lost", loaded['messages'][-1]['message'])

    def test_new_customers_are_checked(self):
        """PRO-2, K7: who is enrolled while being created is checked like any customer, contact persons included."""
        partners = self.env['res.partner'].with_user(self.mara)
        for vals in ({'email': 'nobody'}, {'phone': 'call me'}, {'child_ids': [(0, 0, {'name': "P", 'phone': 'call me'})]}):
            with self.subTest(vals), self.assertRaisesRegex(ValidationError, "is not a"):
                partners.create({'name': "New", 'is_company': True, 'customer_enrolment': 'enrolled', **vals})
        action = self.env.ref('customer_success.res_partner_action_customers')
        context = {'default_customer_enrolment': 'enrolled', 'default_is_company': True}
        self.assertIn("'default_customer_enrolment': 'enrolled'", action.context)
        with self.assertRaises(ValidationError), Form(partners.with_context(**context)) as form:
            form.name = "By Form"
            form.phone = 'call me'

    def test_old_data_blocks_nothing(self):
        """PRO-2, K7: a number or an address that was there before blocks no other change; only what changes is checked."""
        old = self.env['res.partner'].create({'name': "Old", 'is_company': True, 'phone': 'call me', 'email': 'nobody'})
        self._order(old, 1)
        self.assertTrue(old.customer_managed)
        old.write({'email': 'info@old.example'})
        old.write({'phone': 'call me', 'website': 'old.example'})
        old.country_id = self.env.ref('base.cn')
        self.assertEqual(old.email, 'info@old.example')
        with self.assertRaises(ValidationError):
            old.phone = 'call us'

    def test_values_of_the_caller_stay(self):
        """K9: the values that somebody hands in are theirs."""
        vals = {'name': "New", 'phone': '13800138000.0'}
        partner = self.env['res.partner'].create(vals)
        partner.write(vals)
        self.assertEqual(vals, {'name': "New", 'phone': '13800138000.0'})

    def test_check_can_be_switched_off(self):
        settings = self.env['res.config.settings'].create({'customer_check_contact_data': False})
        settings.execute()
        self.customer.write({'email': 'nobody', 'phone': 'x'})
        self.assertFalse(self.env['res.config.settings'].create({}).customer_check_contact_data)

    def test_nothing_half_saved(self):
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.customer.write({'name': "Changed", 'email': 'nobody'})
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.name, "Filed")

    @users('anna')
    def test_demand_types(self):
        """PRO-5: the four demand types come with the service they recommend."""
        types = self.env['customer.demand.type'].search([])
        self.assertGreaterEqual(len(types), 4)
        self.assertTrue(all(types.mapped('service')))
        with Form(self.customer.with_env(self.env)) as form:
            form.customer_demand_type_id = self.env.ref('customer_success.customer_demand_type_price')
        shown = self.customer.with_env(self.env).get_customer_relationship()
        self.assertIn("discount", shown['service'])
        self.assertEqual(shown['followups'][0]['what'], "Quarterly sign of life")
        self.assertEqual(shown['completeness'], self.customer.customer_completeness)
        self.assertEqual(self.customer.customer_demand_type_id.name, "Price-sensitive")

    def test_query_count_of_the_list(self):
        """Completeness of many customers costs as many queries as that of a few."""
        def cost(count):
            partners = self.env['res.partner'].search([('customer_managed', '=', True)], limit=count)
            self.env.invalidate_all()
            with self.assertQueryCount(__system__=30):
                start = self.env.cr.sql_log_count
                partners.mapped('customer_missing')
            return self.env.cr.sql_log_count - start
        for number in range(12):
            self._customer(f"Many {number}")
        cost(2)
        self.assertEqual(cost(3), cost(12))
