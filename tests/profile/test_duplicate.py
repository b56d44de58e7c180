"""PRO-6: contacts that may be there already are told of when they are entered, and don't flood."""

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import Form

from odoo.addons.customer_success.models.profile import customer_duplicate

from ..common import CustomerCase


class TestDuplicate(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.germany, cls.china = cls.env.ref('base.de'), cls.env.ref('base.cn')
        cls.known = cls._customer(
            "Hafenlogistik GmbH", email='office@hafen.example', phone='+49 40 3750 1234', vat='DE 811.907.980',
            country_id=cls.germany.id)

    def _contact(self, name="Somebody Else", **vals):
        return self.env['res.partner'].create({'name': name, 'is_company': True, **vals})

    def _pairs(self, partner):
        return self.env['customer.duplicate'].search(
            ['|', ('partner_id', '=', partner.id), ('other_id', '=', partner.id)])

    def test_by_what(self):
        """PRO-6: the same email, phone, tax ID or name without its legal form, however each is written."""
        for vals, reasons in (
                ({'email': 'Office@Hafen.example'}, "same email"),
                ({'phone': '040 37501234', 'country_id': self.germany.id}, "same phone"),
                ({'vat': 'de811907980'}, "same tax ID"),
                ({'name': "HAFEN-LOGISTIK G.m.b.H. & Co. KG"}, "same name"),
                ({'name': "Hafenlogistik", 'email': 'office@hafen.example'}, "same email, same name"),
                ({'name': "Hafenlogistik", 'country_id': self.china.id}, ""),
                ({'name': "Hafenlogistik Nord GmbH"}, ""),
                ({'email': 'sales@hafen.example'}, "")):
            with self.subTest(vals=vals):
                partner = self._contact(**vals)
                pairs = self._pairs(partner).filtered(lambda pair: self.known in pair.partner_id + pair.other_id)
                self.assertEqual(pairs.reasons or '', reasons)
                partner.active = False

    def test_chinese(self):
        """PRO-6: 有限公司 and 股份有限公司 say nothing of which company it is."""
        first = self._contact("华信贸易有限公司", country_id=self.china.id)
        second = self._contact("华信贸易股份有限公司")
        self.assertEqual(self._pairs(second).partner_id + self._pairs(second).other_id, first + second)
        third = self._contact("華信貿易有限公司")
        self.assertEqual(len(self._pairs(third)), 2, "either way of writing is one name")

    def test_short_and_people(self):
        """PRO-6: a single sign says something only with its legal form; two people of one name are common."""
        first = self._contact("X GmbH")
        self.assertFalse(self._pairs(self._contact("X AG")))
        self.assertTrue(self._pairs(self._contact("X G.m.b.H.")) & self._pairs(first))
        jo = self._contact("Jo Brown", is_company=False)
        self.assertFalse(self._pairs(self._contact("Jo Brown", is_company=False)))
        jo.is_company = True
        self.assertTrue(self._pairs(self._contact("Jo Brown")), "as a firm it is compared")

    def test_goes_again(self):
        """PRO-6: what does not hold any more goes, as it is corrected; what people decided stays."""
        second = self._contact("Second", email='office@hafen.example')
        pair = self._pairs(second)
        self.assertTrue(pair)
        second.email = 'other@hafen.example'
        self.assertFalse(self._pairs(second))
        second.email = 'office@hafen.example'
        self._pairs(second).with_user(self.anna).action_different()
        second.phone = '+49 40 3750 1234'
        self.assertRecordValues(self._pairs(second), [{
            'state': 'different', 'decided_by_id': self.anna.id, 'same_email': True, 'same_phone': True}])

    def test_no_flood(self):
        """PRO-6: a customer and its people, branches, a reception that many share, and ourselves are no duplicates."""
        person = self.env['res.partner'].create({
            'name': "Buyer", 'parent_id': self.known.id, 'email': 'office@hafen.example', 'phone': '+49 40 3750 1234'})
        branch = self._contact("Hafenlogistik GmbH", parent_id=self.known.id, vat='DE 811.907.980')
        self.assertFalse(self._pairs(person) + self._pairs(branch))
        shared = self.env['res.partner'].create([
            {'name': f"Tenant {number}", 'is_company': True, 'phone': '+49 40 999 0000'} for number in range(9)])
        self.assertFalse(sum(map(self._pairs, shared), self.env['customer.duplicate']))
        self.anna.partner_id.email = 'office@hafen.example'
        self.assertFalse(self._pairs(self.anna.partner_id))

    def test_colleagues(self):
        """PRO-6: a new colleague whose address is that of a customer is no duplicate."""
        colleague = self._user('office', 'user', email='office@hafen.example')
        self.assertFalse(self._pairs(colleague.partner_id))

    def test_companies(self):
        """PRO-6: what belongs to two companies of ours is no duplicate; what nobody there may see is not told."""
        ours = self._contact("Ours", email='x@both.example', company_id=self.env.company.id)
        theirs = self._contact("Theirs", email='x@both.example', company_id=self.company_2.id)
        self.assertFalse(self._pairs(ours) + self._pairs(theirs))
        shared = self._contact("Shared", email='x@both.example', user_id=self.anna.id)
        note = shared.with_user(self.anna).with_context(allowed_company_ids=self.env.company.ids).customer_duplicate_note
        self.assertIn("Ours", note)
        self.assertNotIn("Theirs", note)

    def test_form(self):
        """PRO-6: the form says so while somebody types, and saves all the same; nothing is written by that."""
        form = Form(self.env['res.partner'].with_user(self.anna).with_context(default_is_company=True))
        form.name = "Hafenlogistik Ltd"
        self.assertIn("Hafenlogistik GmbH (same name)", form.customer_duplicate_note)
        form.email = 'office@hafen.example'
        self.assertIn("Hafenlogistik GmbH (same email, same name)", form.customer_duplicate_note)
        self.assertFalse(self._pairs(self.known))
        partner = form.save()
        self.assertTrue(self._pairs(partner))
        self._pairs(partner).with_user(self.anna).action_different()
        self.env.invalidate_all()
        self.assertFalse(partner.with_user(self.anna).customer_duplicate_note)

    def test_import(self):
        """PRO-6, PLT-4: an import tells whoever does it once, of what was there and what stands twice in the file; its
        statements do not grow with the lines."""
        counts = {}
        for size in (5, 10, 40):
            lines = [[f"Line {size} {number}", f'line{size}.{number // 2}@import.example'] for number in range(size)]
            self.env.flush_all()
            start = self.env.cr.sql_log_count
            result = self.env['res.partner'].with_user(self.mara).load(['name', 'email'], lines)
            self.env.flush_all()
            counts[size] = self.env.cr.sql_log_count - start
            self.assertFalse(result['messages'])
            found = self.env['customer.duplicate'].search([('partner_id', 'in', result['ids'])])
            self.assertEqual(len(found), size // 2)
        self.assertLessEqual(counts[40], counts[10] + 2, counts)

    def test_told_once(self):
        """PRO-6: whoever brings contacts is told in one line."""
        self.env.cr.precommit.run()
        self.env['bus.bus'].search([]).unlink()
        for name in ("Hafenlogistik", "Hafenlogistik AG"):
            self.env['res.partner'].with_user(self.mara).create({'name': name, 'is_company': True})
        self.env.cr.precommit.run()
        told = self.env['bus.bus'].search([('message', 'like', 'possible duplicates')])
        self.assertEqual(len(told), 1)
        self.assertIn("pairs of contacts", told.message)

    def test_merge(self):
        """PRO-6: the button opens Odoo's own dialog with both; merged, nothing is left of the pair."""
        second = self._contact("Hafenlogistik AG")
        action = self._pairs(second).with_user(self.mara).action_merge()
        self.assertEqual(action['res_model'], 'base.partner.merge.automatic.wizard')
        self.assertEqual(set(action['context']['active_ids']), {self.known.id, second.id})
        self.env['base.partner.merge.automatic.wizard']._merge([self.known.id, second.id], self.known)
        self.assertFalse(self._pairs(self.known))
        self.assertEqual(self.env['customer.duplicate.key'].search_count([('partner_id', '=', self.known.id)]), 4)

    def test_who_decides(self):
        """PRO-6, PLT-2: who works with neither of them decides nothing, and sees nothing."""
        second = self._contact("Hafenlogistik AG", user_id=self.anna.id)
        pair = self._pairs(second)
        self.assertFalse(self.env['customer.duplicate'].with_user(self.otto).search([('id', '=', pair.id)]))
        self.assertFalse(self.env['customer.duplicate'].with_user(self.zoe).search([('id', '=', pair.id)]))
        with self.assertRaises(AccessError):
            pair.with_user(self.otto).action_different()
        with self.assertRaises(AccessError):
            pair.with_user(self.anna).write({'state': 'different'})

    def test_filter(self):
        """PRO-6: customers that may be there twice are found in their list."""
        self._contact("Hafenlogistik AG")
        found = self.env['res.partner'].search([('customer_has_duplicate', '=', True)])
        self.assertIn(self.known, found)
        self.assertNotIn(self._customer("Only One"), found)

    def test_by_night(self):
        """PRO-6: what was there before is looked at by night, and names anew when legal forms change."""
        self.env['customer.legal.form'].search([('name', '=', "GmbH")]).unlink()
        second = self._contact("Hafenlogistik")
        self.assertFalse(self._pairs(second))
        self.env['customer.legal.form'].create({'name': "GmbH"})
        self._run_cron('duplicates')
        self.assertTrue(self._pairs(second))
        keys = self.env['customer.duplicate.key']
        self.assertFalse(keys._unknown(1))

    def test_says_what_it_did(self):
        """PRO-6, PLT-3: each batch of a long night counts as done: one that counts as nothing is switched off in the end."""
        told = []
        self.patch(type(self.env['ir.cron']), '_commit_progress', lambda cron, done=0, **kept: told.append(done) or 60)
        self.env['customer.duplicate']._cron_look()  # what the database holds besides
        (self.known | self._contact("Second") | self._contact("Third")).write({'name': "Another"})
        self.env['customer.duplicate.key'].search([('partner_id.name', '=', "Another")]).unlink()
        told.clear()
        self.patch(customer_duplicate, 'BATCH', 1)
        self.env['customer.duplicate']._cron_look()
        self.assertEqual(told, [0, 1, 1, 1])

    def test_many(self):
        """PRO-6, PLT-3: thousands that nobody compared yet are compared in little time, though PostgreSQL counted none of their
        keys and keeps the room of those that are gone."""
        many, keys = 3000, self.env['customer.duplicate.key']
        self.env.cr.execute("""
            INSERT INTO res_partner (name, complete_name, email, email_normalized, active, is_company, type, autopost_bills,
                                     customer_enrolment)
                 SELECT t, t, t || '@many.example', t || '@many.example', TRUE, TRUE, 'contact', 'ask', 'auto'
                   FROM (SELECT 'Many ' || n / 2 AS t FROM generate_series(1, %s) n) many RETURNING id""", [many])
        partners = self.env['res.partner'].browse(one for one, in self.env.cr.fetchall())
        self.env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE id = ANY(%s)", [partners.ids])
        keys._remember(partners)
        self.env.cr.execute("DELETE FROM customer_duplicate_key")
        self.env.cr.execute("ANALYZE customer_duplicate_key")  # as after a night that was called off
        self.env.cr.execute("SET LOCAL statement_timeout = '20s'")  # it is less than one; else it would be many minutes
        found = self.env['customer.duplicate']._look(partners)
        self.assertEqual(len(found), many // 2 - 1, "the first and the last are alone")

    def test_by_other_rules(self):
        """PRO-6: switched on, or with another number of those that share something, everybody is compared anew."""
        self.env['res.config.settings'].create({'customer_duplicate_check': False}).set_values()
        second = self._contact("Hafenlogistik AG")
        self.env['customer.duplicate.key']._remember(second)  # as a sheet does that looks for its customers
        trigger = Domain('cron_id', '=', self.env.ref('customer_success.ir_cron_duplicates').id)
        for values in ({'customer_duplicate_check': True}, {'customer_duplicate_shared': 7}):
            with self.subTest(values):
                self.env['ir.cron.trigger'].search(trigger).unlink()
                self.env['res.config.settings'].create(values).set_values()
                self.assertTrue(self.env['ir.cron.trigger'].search(trigger))
        self._run_cron('duplicates')
        self.assertTrue(self._pairs(second))

    def test_switched_off(self):
        """PRO-6: switched off, nothing is compared, and the form is silent."""
        self.env['res.config.settings'].create({'customer_duplicate_check': False}).set_values()
        second = self._contact("Hafenlogistik AG")
        self.assertFalse(self._pairs(second))
        self.assertFalse(second.with_user(self.anna).customer_duplicate_note)

    def test_archived(self):
        """PRO-6: what is archived is no duplicate any more, and is one again when it comes back."""
        second = self._contact("Hafenlogistik AG")
        second.active = False
        self.assertFalse(self._pairs(second))
        second.active = True
        self.assertTrue(self._pairs(second))

    def test_person_becomes_contact(self):
        """PRO-6: a duplicate that becomes a contact of the other is none any more."""
        person = self._contact("Captain", is_company=False, email='office@hafen.example')
        self.assertTrue(self._pairs(person))
        person.parent_id = self.known
        self.assertFalse(self._pairs(person))
