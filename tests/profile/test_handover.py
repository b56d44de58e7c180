"""PRO-7: a customer changes hands on every path, with everything that is open, once."""
from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from .handover_common import HandoverCase

#: Whose what is afterwards.
ALL_BENS = {
    'customer': 'ben', 'contact': 'ben', 'touch': 'ben', 'reminder of touch': 'ben', 'promise': 'ben', 'given': 'ben',
    'introduction': 'ben', 'case': 'ben', 'warning': 'ben', 'task of the warning': 'ben', 'strategy': 'ben'}

#: Odoo deletes the activities of whoever is archived; the reminders of the new person come in the next night.
WITHOUT_REMINDERS = {key: login for key, login in ALL_BENS.items() if not key.startswith(('reminder', 'task'))}


class TestHandover(HandoverCase):

    def _paths(self):
        """Return the ways in which a customer gets another account manager."""
        def by_form(customer):
            with Form(customer.with_user(self.lena)) as form:
                form.user_id = self.ben

        def by_import(customer):
            result = self.env['res.partner'].with_user(self.mara).load(
                ['.id', 'name', 'user_id/.id'], [[str(customer.id), customer.name, str(self.ben.id)]])
            self.assertFalse(result['messages'])

        return {
            'form': by_form,
            'list': lambda customer: customer.with_user(self.lena).web_save_multi([{'user_id': self.ben.id}], {}),
            'import': by_import,
            'rpc': lambda customer: customer.with_user(self.lena).write({'user_id': self.ben.id}),
            'program': lambda customer: customer.sudo().write({'user_id': self.ben.id}),
            'dialog': lambda customer: self._wizard(customer, self.ben).action_apply(),
        }

    def test_every_path(self):
        """PRO-7: form, list, import, RPC, another program and the dialog have the same result, in the same transaction, with
        one message on the customer and one to each person."""
        for path, act in self._paths().items():
            with self.subTest(path=path):
                customer = self._full(f"By {path}")
                before, told = len(self._messages(customer)), len(self._told(self.ben))
                act(customer)
                self.env.flush_all()
                self.assertEqual(self._whose(customer), ALL_BENS)
                self.assertEqual(len(self._messages(customer)), before + 1)
                self.assertEqual(len(self._told(self.ben)), told + 1)
                self.assertIn(f"By {path}", self._told(self.ben)[0].body)
                handover = self._handovers(customer)
                self.assertRecordValues(handover, [{
                    'from_user_id': self.anna.id, 'to_user_id': self.ben.id, 'scope': 'all', 'state': 'done'}])
                self.assertEqual(
                    {name: len(rows) for name, rows in handover.moved.items()},
                    {'promise': 1, 'touch': 1, 'case': 1, 'warning': 1, 'strategy': 1})
                introduction = self._open(customer, self.introduction)
                self.assertEqual(len(introduction), 1)
                self.assertEqual(introduction.date_planned, fields.Date.add(fields.Date.today(), days=2))

    def test_twice(self):
        """PRO-7: the same person written once more is no hand-over; and two in a day open one introduction, for the last."""
        self.customer.user_id = self.ben
        self.customer.user_id = self.ben
        self.assertEqual(len(self._handovers(self.customer)), 1)
        self.customer.user_id = self.otto
        self.assertEqual(len(self._handovers(self.customer)), 2)
        self.assertEqual(self._open(self.customer, self.introduction).user_id, self.otto)

    def test_message_names_what_moved(self):
        """PRO-7: the message says who, why, and how much of what."""
        self._wizard(self.customer, self.ben, reason="New <b>region</b>").action_apply()
        text = self._messages(self.customer)[0]
        for part in ("Ben", "Anna", "Agreed next steps: 1", "Planned touches: 1", "Cases: 1", "Warnings: 1", "Strategies: 1"):
            self.assertIn(part, text)
        self.assertIn("New &lt;b&gt;region&lt;/b&gt;", text)
        self.assertIn("24 hours", self._wizard(self.customer, self.ben).back)
        case = self.env['customer.case'].search([('partner_id', '=', self.customer.id)])
        self.assertIn("Changed hands with the customer.", case.message_ids[0].body)

    def test_quotations_and_leads(self):
        """PRO-7: open quotations and leads go along by the same choice, are counted in the dialog, and come back; what is
        confirmed, won, a colleague's, or of somebody who is no customer, stays."""
        buyer = self.customer.child_ids
        line = [Command.create({'product_id': self.product_thing.id, 'price_unit': 10})]
        orders = self.env['sale.order'].create([
            {'partner_id': partner.id, 'user_id': user.id, 'order_line': line}
            for partner, user in ((self.customer, self.anna), (buyer, self.anna), (self.customer, self.ben))])
        confirmed = self._order(self.customer, 10, user_id=self.anna.id)
        leads = self.env['crm.lead'].create([
            {'name': name, 'partner_id': buyer.id, 'user_id': user.id, 'type': 'opportunity'}
            for name, user in (("Open", self.anna), ("Won", self.anna), ("Ben's", self.ben))])
        leads[1].action_set_won()
        for scope, moved in (('none', False), ('generated', False), ('all', True)):
            with self.subTest(scope=scope):
                wizard = self._wizard(self.customer, self.otto, by=self.mara, scope=scope)
                text = wizard.preview.replace("<td class='text-end'>", "|").replace("<td class='text-end text-muted'>", "|")
                for kind, count in (("Open quotations", 2), ("Leads and opportunities", 1)):
                    moves, stays = (count, 0) if moved else (0, count)
                    self.assertIn(f"{kind}</td>|{moves}</td>|{stays}</td>", text)
                wizard.action_apply()
                whose = self.otto if moved else self.anna
                self.assertEqual((orders[:2].user_id, orders[2].user_id, leads[0].user_id), (whose, self.ben, whose))
                self.assertEqual((confirmed.user_id, leads[1].user_id, leads[2].user_id), (self.anna, self.anna, self.ben))
                self._handovers(self.customer)[0].with_user(self.mara).action_undo()
                self.assertEqual((orders[:2].user_id, leads[0].user_id), (self.anna, self.anna))
        prospect = self.env['res.partner'].create({'name': "Prospect", 'user_id': self.anna.id})
        quotation = self.env['sale.order'].create({'partner_id': prospect.id, 'user_id': self.anna.id, 'order_line': line})
        prospect.user_id = self.ben
        self.assertEqual(quotation.user_id, self.anna)
        self.assertFalse(self._handovers(prospect))

    def test_scope(self):
        """PRO-7: none, generated only, all: what stays is finished by whoever has it, whatever is planned anew."""
        own = {'promise': 'anna', 'case': 'anna', 'strategy': 'anna'}
        generated = {'touch': 'anna', 'reminder of touch': 'anna', 'warning': 'anna', 'task of the warning': 'anna'}
        for scope, stays in (('all', {}), ('generated', own), ('none', own | generated)):
            with self.subTest(scope=scope):
                customer = self._full(f"Scope {scope}")
                self._wizard(customer, self.ben, scope=scope).action_apply()
                self.env['customer.planner']._plan(customer.ids)
                self.assertEqual(self._whose(customer), ALL_BENS | stays)

    def test_scope_setting(self):
        """PRO-7: where nobody chose, the setting decides; one who left keeps nothing."""
        self.env['res.config.settings'].create({'customer_handover_scope': 'none'}).set_values()
        self.customer.with_user(self.lena).user_id = self.ben
        self.assertEqual(self._whose(self.customer)['promise'], 'anna')
        left = self._full("Left behind")
        self.anna.with_user(self.env.ref('base.user_admin')).action_archive()
        left.with_user(self.lena).user_id = self.ben
        self.assertEqual(self._whose(left), WITHOUT_REMINDERS)

    def test_preview(self):
        """PRO-7: the dialog counts what would move and what would stay, and changes nothing."""
        other = self._full("Second")
        already = self._customer("Already", user_id=self.ben.id)
        wizard = self._wizard(self.customer + other + already, self.ben, scope='generated')
        text = wizard.preview.replace("<td class='text-end'>", "|").replace("<td class='text-end text-muted'>", "|")
        for kind, moves, stays in (("Planned touches", 2, 0), ("Agreed next steps", 0, 2), ("Cases", 0, 2), ("Warnings", 2, 0)):
            self.assertIn(f"{kind}</td>|{moves}</td>|{stays}</td>", text)
        self.assertIn("1 customer: with Ben already", wizard.consequence)
        self.assertFalse(wizard.problem)
        self.assertFalse(self._handovers(self.customer + other + already))
        self.assertFalse(self._wizard(other, self.ben).consequence)
        wizard.action_apply()
        self.assertEqual(self._handovers(self.customer + other + already).partner_id, self.customer + other)

    def test_refused(self):
        """PRO-7: to somebody who left, to whom has it already, to one without a role, to one of another company: in words,
        by dialog, by RPC and by import, and nothing is moved."""
        self.otto.active = False
        before = self._whose(self.customer)
        for user, words in (
                (self.otto, "Otto has left"), (self.anna, "looks after this customer already"),
                (self.nils, "Nils has no role in Customer Success"), (self.zoe, "could not open it")):
            if user == self.zoe:
                self.customer.company_id = self.env.company
            wizard = self._wizard(self.customer, user)
            self.assertIn(words, wizard.problem)
            with self.assertRaisesRegex(UserError, words):
                wizard.action_apply()
            if user != self.anna:
                with self.assertRaisesRegex(ValidationError, words):
                    self.customer.with_user(self.lena).write({'user_id': user.id})
            self.assertEqual(self._whose(self.customer), before)
        self.assertFalse(self._handovers(self.customer))

    def test_of_a_colleague(self):
        """PRO-7, PLT-2: nobody gives the customers of another team away; records of hand-overs are for those concerned."""
        with self.assertRaises(AccessError):
            self._wizard(self.customer, self.otto, by=self.otto).action_apply()
        with self.assertRaises(AccessError):
            self.customer.with_user(self.otto).user_id = self.otto
        self._wizard(self.customer, self.ben).action_apply()
        handover = self._handovers(self.customer)
        for user, sees in ((self.anna, True), (self.ben, True), (self.lena, True), (self.mara, True), (self.otto, False),
                           (self.li, False), (self.zoe, False)):
            found = self.env['customer.handover'].with_user(user).search([('id', '=', handover.id)])
            self.assertEqual(bool(found), sees, user.login)
        with self.assertRaises(AccessError):
            handover.with_user(self.mara).write({'reason': "x"})

    def test_to_nobody(self):
        """PRO-7: taken away without a successor it is kept as well, and the filter finds the customer."""
        self.customer.with_user(self.lena).user_id = False
        self.assertRecordValues(self._handovers(self.customer), [{'from_user_id': self.anna.id, 'to_user_id': False}])
        self.assertFalse(self._open(self.customer, self.introduction))
        self.assertIn(self.customer, self.env['res.partner'].search([('customer_nobody_responsible', '=', True)]))

    def test_given_on_purpose(self):
        """PRO-7: what a colleague was given on purpose stays with that one."""
        self.customer.user_id = self.otto
        self.assertEqual(self._whose(self.customer)['given'], 'ben')

    def test_absent(self):
        """PRO-7, CAD-9: what the backup does during an absence goes along, and does not go back to the former one."""
        today = fields.Date.today()
        self.env['customer.absence'].create({
            'user_id': self.anna.id, 'backup_id': self.lena.id, 'date_from': today, 'date_to': fields.Date.add(today, days=9)})
        self._run_cron('remind')
        self.assertEqual(self._whose(self.customer)['case'], 'lena')
        self.customer.user_id = self.ben
        self.assertEqual(self._whose(self.customer), ALL_BENS)
        self.env['customer.absence'].search([('user_id', '=', self.anna.id)]).unlink()
        self._run_cron('remind')
        self.assertEqual({key: login for key, login in self._whose(self.customer).items() if login != 'ben'}, {})

    def test_switched_off(self):
        """PRO-7: without the shipped touchpoint nobody is asked to introduce themselves."""
        self.introduction.cadence_id.active = False
        self.customer.user_id = self.ben
        self.assertFalse(self._open(self.customer, self.introduction))

    # ------------------------------------------------------------
    # UNDO
    # ------------------------------------------------------------

    def test_undo(self):
        """PRO-7: within a day it is taken back by whoever did it or a manager: all that was not changed since."""
        before = self._whose(self.customer)
        self._wizard(self.customer, self.ben).action_apply()
        handover = self._handovers(self.customer)
        with self.assertRaisesRegex(UserError, "or a manager, can take that back within 24 hours"):
            handover.with_user(self.ben).action_undo()
        case = self.env['customer.case'].search([('partner_id', '=', self.customer.id)])
        case.with_context(mail_notrack=True).user_id = self.lena
        handover.with_user(self.lena).action_undo()
        self.assertEqual(self._whose(self.customer), before | {'case': 'lena'})
        self.assertRecordValues(handover, [{
            'state': 'undone', 'undone_by_id': self.lena.id, 'undone_note': "Cases: 1"}])
        self.assertIn("could not bring back: Cases: 1", self._messages(self.customer)[0])
        self.assertFalse(self._open(self.customer, self.introduction))
        self.assertIn("took a hand-over back", self._told(self.ben)[0].body)
        with self.assertRaisesRegex(UserError, "taken back already"):
            handover.with_user(self.lena).action_undo()

    def test_undo_of_nothing_moved(self):
        """PRO-7: taken back, what stayed with the former one is theirs by the plan again, and moves the next time."""
        before = self._whose(self.customer)
        self._wizard(self.customer, self.ben, scope='none').action_apply()
        self._handovers(self.customer).with_user(self.lena).action_undo()
        self.assertEqual(self._whose(self.customer), before)
        self.customer.user_id = self.ben
        self.assertEqual(self._whose(self.customer), ALL_BENS)

    def test_undo_too_late(self):
        """PRO-7: after a day, or what the settings say, the customer is handed over anew."""
        self._wizard(self.customer, self.ben).action_apply()
        handover, settings = self._handovers(self.customer).with_user(self.lena), self.env['res.config.settings']
        with self._on(fields.Date.add(fields.Date.today(), days=2)):
            with self.assertRaisesRegex(UserError, "within 24 hours"):
                handover.action_undo()
            settings.create({'customer_handover_back_hours': 72}).execute()
            self.env.invalidate_all()
            self.assertTrue(handover.may_undo)
        settings.create({'customer_handover_back_hours': 0}).execute()
        self.env.invalidate_all()
        self.assertFalse(handover.may_undo)
        for wrong in (-1, 721):
            with self.assertRaisesRegex(ValidationError, "720 hours"):
                settings.create({'customer_handover_back_hours': wrong}).execute()
        settings.create({'customer_handover_back_hours': 72}).execute()
        self.env.invalidate_all()
        with self._on(fields.Date.add(fields.Date.today(), days=2)):
            handover.action_undo()
        self.assertEqual(handover.state, 'undone')

    def test_undo_gone_on(self):
        """PRO-7: a customer that went on to somebody else stays there, and the note says so."""
        self._wizard(self.customer, self.ben).action_apply()
        first = self._handovers(self.customer)
        self._wizard(self.customer, self.otto, by=self.mara).action_apply()
        first.with_user(self.mara).action_undo()
        self.assertEqual(self._whose(self.customer)['customer'], 'otto')
        self.assertIn("is looked after by Otto by now", first.undone_note)

    # ------------------------------------------------------------
    # MANY
    # ------------------------------------------------------------

    def test_many(self):
        """PRO-7, PLT-4: the number of statements does not grow with the customers; one message for each of them, and one for
        all of them to the new person."""
        counts = {}
        for size in (2, 5, 25):  # the first one warms what is read once
            customers = self.env['res.partner'].union(*(self._full(f"{size} {number}") for number in range(size)))
            wizard = self._wizard(customers, self.ben)
            self.env.flush_all()
            self.env.invalidate_all()
            told = len(self._told(self.ben))
            messages = {customer: len(self._messages(customer)) for customer in customers}
            start = self.env.cr.sql_log_count
            wizard.action_apply()
            self.env.flush_all()
            self.env.cr.precommit.run()
            counts[size] = self.env.cr.sql_log_count - start
            self.assertEqual(len(self._told(self.ben)), told + 1)
            self.assertEqual({len(self._messages(customer)) - messages[customer] for customer in customers}, {1})
            self.assertEqual({self._whose(customer)['case'] for customer in customers}, {'ben'})
        self.assertLessEqual(counts[25], counts[5], counts)

    def test_archived_user(self):
        """PRO-7: somebody is archived: the leader is asked once, with the number and a click, and hands all over at once."""
        second = self._full("Second")
        self.anna.with_user(self.env.ref('base.user_admin')).action_archive()
        activity = self.env['mail.activity'].search([
            ('activity_type_id', '=', self.env.ref('customer_success.mail_activity_type_nobody').id)])
        self.assertRecordValues(activity, [{'user_id': self.lena.id}])
        count = self.env['res.partner'].search_count([('user_id', '=', self.anna.id), ('customer_managed', '=', True)])
        self.assertIn(f"{count} customers of Anna", activity.summary)
        self.assertIn('/odoo/customers-of-nobody', activity.note)
        nobody = self.env['res.partner'].with_user(self.lena).search([('customer_nobody_responsible', '=', True)])
        self.assertLessEqual(self.customer + second, nobody)
        self._wizard(self.customer + second, self.ben).action_apply()
        for customer in self.customer + second:
            self.assertEqual(self._whose(customer), WITHOUT_REMINDERS)

    def test_several_archived(self):
        """PRO-7: of two who leave together the leader hears once."""
        self._customer("Of Ben", user_id=self.ben.id)
        (self.anna + self.ben).with_user(self.env.ref('base.user_admin')).action_archive()
        self.assertEqual(self.env['mail.activity'].search_count([
            ('activity_type_id', '=', self.env.ref('customer_success.mail_activity_type_nobody').id),
            ('user_id', '=', self.lena.id)]), 1)


class TestHandoverSheet(HandoverCase):

    def test_sheet(self):
        """PRO-7: promises come first, then contacts, cases and strategies, etiquette, people, warnings; what people typed
        stays text."""
        self._log(self.customer, feedback="Liked <i>it</i>")
        self.customer.customer_needs = "Cheaper crates"
        self._wizard(self.customer, self.ben).action_apply()
        handover = self._handovers(self.customer).with_user(self.ben)
        text = str(handover.sheet)
        places = [text.index(part) for part in (
            "Promised, and not done yet", "Send the sample of Handed Ltd", "Last contacts", "Liked &lt;i&gt;it&lt;/i&gt;",
            "Open cases", "Crates broken at Handed Ltd · Being worked on", "Win Handed Ltd back",
            "Buyer of Handed Ltd", "Open warnings",
            "Cheaper crates")]
        self.assertEqual(places, sorted(places))
        self.assertIn("before: Anna", text)

    def test_printed(self):
        """PRO-7: the same on paper."""
        content, kind = self.env['ir.actions.report'].with_user(self.anna)._render_qweb_html(
            'customer_success.report_customer_handover', self.customer.ids)
        self.assertEqual(kind, 'html')
        self.assertIn(b"Send the sample of Handed Ltd", content)
        self.assertEqual(self.customer._customer_handover_file_name(), "Hand-over Handed Ltd")

    def test_pdf(self):
        """PRO-7: as PDF, where the program for it is there."""
        if self.env['ir.actions.report'].get_wkhtmltopdf_state() not in ('ok', 'upgrade'):
            self.skipTest("wkhtmltopdf is missing")
        content, kind = self.env['ir.actions.report'].with_user(self.anna).with_context(
            force_report_rendering=True)._render_qweb_pdf('customer_success.report_customer_handover', self.customer.ids)
        self.assertEqual(kind, 'pdf')
        self.assertTrue(content.startswith(b'%PDF'))

    def test_nothing(self):
        """PRO-7: a sheet says where there is nothing."""
        text = str(self._customer("Bare")._customer_handover_html())
        self.assertIn("Nothing is promised.", text)
        self.assertIn("Nobody has talked to this customer yet.", text)
