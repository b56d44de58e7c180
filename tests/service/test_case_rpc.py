from contextlib import suppress
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw

from .common import ServiceCase, at


class TestCaseRpc(ServiceCase):
    """What another program may do to cases, in four roles and two companies: the same as the person (PLT-2, SRV-2, CAD-9).

    Anna is in charge of a case of her own customer, Lena leads her team, Mara manages the company. Ben and Otto are colleagues,
    Li leads another team, Zoe manages another company, Nils has no role.
    """

    ALLOWED = ('anna', 'lena', 'mara')
    REFUSED = ('ben', 'otto', 'li', 'zoe', 'nils')

    def _rpc(self, user, model, method, *args, **kwargs):
        """Call a method as another program does."""
        env = self.env(user=user, context={}, su=False)
        result = call_kw(env[model], method, list(args), {**kwargs, 'context': {'lang': 'en_US', 'tz': 'UTC'}})
        env.flush_all()
        return result

    def _dialog(self, user, case, action, **vals):
        """Create and apply the dialog of a case, as another program does."""
        [wizard_id] = self._rpc(user, 'customer.case.change', 'create', [{
            'case_ids': [(6, 0, case.ids)], 'action': action, **vals}])
        return self._rpc(user, 'customer.case.change', 'action_apply', [wizard_id])

    def _ways(self, user, case):
        """Return what can be done to an open case, by name, each with what it leaves behind."""
        return {
            'answer': lambda: self._rpc(user, 'customer.case', 'action_answer', case.ids),
            'pause': lambda: self._dialog(user, case, 'pause', wait_for='customer'),
            'solve': lambda: self._dialog(user, case, 'solve', solution="Done"),
            'withdraw': lambda: self._dialog(user, case, 'withdraw', note="None"),
            'hand over': lambda: self._dialog(user, case, 'hand_over', user_id=self.ben.id),
            'promise': lambda: self._dialog(user, case, 'promise', unmet_reason="No mould", promised_on='2026-12-30'),
            'priority': lambda: self._rpc(user, 'customer.case', 'write', case.ids, {'priority': '3'}),
            'told': lambda: self._rpc(user, 'customer.case.node', 'action_done', case.node_ids.ids),
            'log': lambda: self._rpc(user, 'customer.case', 'action_log', case.ids),
        }

    def _goes(self, act, case):
        """Return whether something is done, and take it back; what is refused leaves nothing behind."""
        fields = ['state', 'priority', 'user_id', 'offered_to_id', 'answered_at', 'promised_on']
        before = case.sudo().read(fields)

        class Undone(Exception):
            pass

        with suppress(Undone), self.env.cr.savepoint():
            try:
                with self.env.cr.savepoint():
                    act()
            except AccessError:
                self.env.invalidate_all()
                self.assertEqual(case.sudo().read(fields), before)
                return False
            raise Undone
        self.env.invalidate_all()
        return True

    def _open(self, **vals):
        return self._case(node_ids=[(0, 0, {'name': "Inspection", 'date_due': at('Fri 12:00')})], **vals)

    def test_open_case(self):
        """Whoever is in charge, leads or manages may do everything; nobody else anything, by any way."""
        with self._at('Mon 09:00'):
            case = self._open()
            for name in self.ALLOWED + self.REFUSED:
                user = getattr(self, name)
                went = {way for way, act in self._ways(user, case).items() if self._goes(act, case)}
                self.assertEqual(went, set(self._ways(user, case)) if name in self.ALLOWED else set(), name)

    def test_closing_and_reopening(self):
        """A solved case is closed and reopened by the same people; nobody closes it before the customer was asked."""
        with self._at('Mon 09:00'):
            case = self._case()
            self._dialog(self.anna, case, 'solve', solution="Done")
            for name in self.ALLOWED:
                with self.assertRaisesRegex(UserError, "nobody has asked the customer"):
                    self._rpc(getattr(self, name), 'customer.case', 'action_close', case.ids)
            case.sudo().satisfied = 'yes'
            for name in self.ALLOWED + self.REFUSED:
                user = getattr(self, name)
                for act in (lambda user=user: self._rpc(user, 'customer.case', 'action_close', case.ids),
                            lambda user=user: self._dialog(user, case, 'reopen', note="Again")):
                    self.assertEqual(self._goes(act, case), name in self.ALLOWED, name)

    def test_hand_over(self):
        """Only who was asked accepts or refuses, and sees the case from then on; who leads needs not ask."""
        with self._at('Mon 09:00'):
            case = self._case()
            self._dialog(self.anna, case, 'hand_over', user_id=self.ben.id)
            for name in ('lena', 'mara'):
                with self.assertRaisesRegex(UserError, "not offered to you"):
                    self._rpc(getattr(self, name), 'customer.case', 'action_accept', case.ids)
            for name in ('otto', 'li', 'zoe', 'nils'):
                user = getattr(self, name)
                self.assertFalse(self._goes(lambda user=user: self._rpc(user, 'customer.case', 'action_accept', case.ids), case))
                self.assertFalse(self._goes(lambda user=user: self._dialog(user, case, 'refuse', note="No"), case))
            self.assertTrue(self._goes(lambda: self._dialog(self.ben, case, 'refuse', note="No time"), case))
            self._rpc(self.ben, 'customer.case', 'action_accept', case.ids)
            self.assertEqual(case.sudo().user_id, self.ben)
            self._rpc(self.lena, 'customer.case', 'write', case.ids, {'user_id': self.anna.id})
            self.assertEqual(case.sudo().user_id, self.anna)
            with self.assertRaisesRegex(UserError, "Use “Hand over”"):
                self._rpc(self.anna, 'customer.case', 'write', case.ids, {'user_id': self.ben.id})

    def test_absence(self):
        """CAD-9: the backup may do everything while somebody is away, and nothing afterwards; Anna keeps her customer."""
        with self._at('Mon 09:00'):
            case = self._open()
            self._rpc(self.anna, 'customer.absence', 'create', [{
                'user_id': self.anna.id, 'backup_id': self.ben.id, 'date_from': '2026-12-07', 'date_to': '2026-12-08'}])
            self._run_cron('remind')
            self.assertEqual(case.sudo().user_id, self.ben)
            ways = set(self._ways(self.ben, case)) - {'hand over'}
            self.assertEqual({way for way, act in self._ways(self.ben, case).items()
                              if way in ways and self._goes(act, case)}, ways)
        with self._at('Wed 09:00'):
            self._run_cron('remind')
            self.assertEqual(case.sudo().user_id, self.anna)
            self.assertFalse(any(self._goes(act, case) for act in self._ways(self.ben, case).values()))

    def test_other_company(self):
        """Zoe's company has cases of its own; a manager of the first one can't touch them, nor name a case of them."""
        theirs = self._customer("Theirs", user_id=self.zoe.id, company_id=self.company_2.id)
        with self._at('Mon 09:00'):
            case = self._case(self.zoe, partner_id=theirs.id, contact_id=False,
                              node_ids=[(0, 0, {'name': "Inspection", 'date_due': at('Fri 12:00')})])
            for name, goes in (('zoe', True), ('mara', False), ('lena', False), ('anna', False)):
                user = getattr(self, name)
                ways = {way: act for way, act in self._ways(user, case).items() if way != 'hand over'}
                self.assertEqual({self._goes(act, case) for act in ways.values()}, {goes}, name)
            self.assertEqual(self._rpc(self.mara, 'customer.case', 'search_count', [('id', '=', case.id)]), 0)
            self.assertEqual(self._rpc(self.mara, 'customer.case', 'name_search', case.number, [('id', '=', case.id)]), [])
            with self.assertRaises(AccessError):
                self._rpc(self.zoe, 'customer.case', 'create', [{'name': "x", 'partner_id': self.harbour.id}])

    def test_promise_is_dated(self):
        """What a program sends as a day is a day."""
        with self._at('Mon 09:00'):
            case = self._case(case_type='need')
            self._dialog(self.anna, case, 'promise', unmet_reason="No mould", promised_on='2026-12-30')
        self.assertEqual(case.promised_on, date(2026, 12, 30))
