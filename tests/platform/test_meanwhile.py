"""PLT-2, K8: between opening and saving a user may lose the role, and a customer may go to another team or company."""
from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..common import GROUP
from ..doors import DoorsCase
from ..everything import OF_A_CUSTOMER, public_methods


class TestMeanwhile(DoorsCase):

    def _open_dialogs(self, user):
        """Return the dialogs about the customer that a user has open, each with one of its buttons."""
        dialogs = []
        user.group_ids += self.env.ref('sales_team.group_sale_salesman_all_leads')  # sees the leads it is about
        for model, button in public_methods(self.env):
            if not self.env[model]._transient or not model.startswith('customer.') or model == 'customer.settings':
                continue
            values = {}
            for name, field in self.env[model]._fields.items():
                if field.comodel_name and field.store and field.type in ('many2one', 'many2many') and not field.compute \
                        and field.comodel_name.startswith(('customer.', 'res.partner', 'crm.lead')):
                    one = self.customer if field.comodel_name == 'res.partner' else self._of(field.comodel_name)
                    values[name] = one.id if field.type == 'many2one' else [Command.set(one.ids)]
            known = {'reason': "x", 'note': "x", 'user_id': self.ben.id, 'date': '2026-01-07', 'date_to': '2030-01-07',
                     'potential': 'high', 'feedback': "x"}
            values |= {name: value for name, value in known.items() if name in self.env[model]._fields}
            dialogs.append((self._rpc(user, model, 'create', values), model, button))
        self.assertGreater(len(dialogs), 15)
        return dialogs

    def _of(self, model):
        if model == 'customer.import':
            return self.env[model].create({'name': "Sheet", 'state': 'done', 'loaded_at': fields.Datetime.now()})
        if model == 'crm.lead':
            return self._leads()[:1]
        return (self._of_customer(model) if model in OF_A_CUSTOMER else self.env[model].search([]))[:1]

    def _leads(self):
        return self.env['crm.lead'].search([('partner_id', '=', self.customer.id)])

    def _check_nothing_done(self, user, dialogs):
        """Check that no button of open dialogs does anything any more, and that this is said in words."""
        for dialog, model, button in dialogs:
            with self.subTest(model=model, button=button), self.assertRaises(UserError), self.env.cr.savepoint():
                self._rpc(user, model, button, [dialog])

    def test_plt_2_role_lost(self):
        """PLT-2: whoever loses the role while a dialog is open is refused by its button, and nothing is done."""
        dialogs = self._open_dialogs(self.mara)
        self.mara.group_ids = [Command.set(self.env.ref('base.group_user').ids)]
        self._check_nothing_done(self.mara, dialogs)

    def test_plt_2_role_less(self):
        """PLT-2: a leader who is one no longer sets no tier and decides nothing, and goes on as a salesperson."""
        dialog = self._rpc(self.lena, 'customer.tier.manual', 'create', {
            'partner_ids': [Command.set(self.customer.ids)], 'tier_id': self.tier_high.id, 'reason': "x"})
        self.lena.group_ids -= self.env.ref(f'{GROUP}leader')
        with self.assertRaisesRegex(AccessError, "Only team leaders"):
            self._rpc(self.lena, 'customer.tier.manual', 'action_set', [dialog])
        self.assertFalse(self.customer.customer_tier_manual_id)

    def _move(self):
        """Let the customer go to the other company, with all that is of a company by itself."""
        self._leads().write({'company_id': self.company_2.id, 'user_id': self.zoe.id})
        self.customer.sudo().write({'company_id': self.company_2.id, 'user_id': self.zoe.id})
        self.env.flush_all()
        for model in [*OF_A_CUSTOMER, 'customer.review', 'customer.care.event']:
            records = self._of_customer(model) if model in OF_A_CUSTOMER else self.env[model].search([])
            if self.env[model]._auto and 'company_id' in records._fields and records._fields['company_id'].store:
                self.env.cr.execute(SQL(
                    "UPDATE %s SET company_id = %s WHERE id = ANY(%s)", SQL.identifier(records._table), self.company_2.id,
                    records.ids))
        self.env.invalidate_all()

    def test_plt_2_company_changed(self):
        """PLT-2: of a customer that went to another company nothing that was read before can be read, changed or deleted."""
        self.assertTrue(self._of_customer('customer.followup').with_user(self.anna).has_access('read'))
        self._move()
        self.assertFalse(self._leaks(self.mara))
        self.assertFalse(self._leaks(self.anna))

    def test_plt_2_company_changed_dialogs(self):
        """PLT-2: the buttons of dialogs that were open about it do nothing."""
        # what is tried on a customer there is about a cadence; a pile that was emptied is about nobody, a preset about
        # everybody, and the list of what is sent about whoever may be read in it
        about_others = ('customer.cadence.dry.run', 'customer.triage', 'customer.preset.apply', 'customer.import.undo')
        dialogs = [dialog for dialog in self._open_dialogs(self.mara)
                   if dialog[1] not in about_others and dialog[2] != 'action_view_subscriptions']
        self._move()
        self._check_nothing_done(self.mara, dialogs)
