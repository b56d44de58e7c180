"""All ways to what is noted of a customer, tried by somebody who may not go them."""
import inspect
from contextlib import suppress

import psycopg2

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import mute_logger
from odoo.tools import SQL

from odoo.addons.mail.tests.common import mail_new_test_user

from .everything import OF_A_CUSTOMER, EverythingCase, Undone, public_methods

#: Kept by the scheduled actions for whoever configures, of the whole house.
OF_ALL = {'customer.carried', 'customer.duplicate.key', 'customer.warning.watch'}

#: What only opens a page or a dialog: it says which record it is about, and that was said before.
OPENS_ONLY = {
    'action_change', 'action_cancel', 'action_customer_cases', 'action_customer_feedback', 'action_customer_new_case',
    'action_hand_over', 'action_pause',
    'action_promise', 'action_reopen', 'action_solve', 'action_withdraw',
    'action_inform', 'action_open_next', 'action_refuse', 'action_solved',
    'action_customer_health', 'action_customer_health_override', 'action_customer_log', 'action_customer_next',
    'action_customer_onboarding',
    'action_customer_duplicates', 'action_customer_handover', 'action_customer_assign_by_rules',
    'action_customer_profile', 'action_customer_open_warnings',
    'action_customer_influence', 'action_customer_pause', 'action_customer_pulse', 'action_customer_segment_dialog',
    'action_customer_referrals', 'action_customer_screens', 'action_customer_stage_dialog', 'action_customer_strategy',
    'action_customer_strategy_start',
    'action_customer_tier_dialog', 'action_view_customer_path',
    'action_view_customer_followups', 'action_view_customer_offers', 'action_view_customer_occasions',
    'action_view_customer_readings', 'action_view_customer_insights', 'action_view_customer_seats',
    'action_view_customer_snapshots', 'action_view_customer_warnings',
}

#: What everybody may do with a colleague's customer: whoever hears of a problem writes it down, and is in charge (SRV-2).
FOR_EVERYBODY = {('customer.case', 'create')}

#: A text that stands in what is noted of the customer, and nowhere else.
MARK = "Zebra-7731"


class DoorsCase(EverythingCase):
    """Whoever gets somewhere is noted; whatever was done is taken back."""

    def _finds_nothing(self, attempt):
        """Return whether a way is closed: it is refused, or answers with nothing."""
        try:
            with mute_logger('odoo.sql_db'), self.env.cr.savepoint():
                return not attempt()
        except AccessError:
            return True
        finally:
            self.env.invalidate_all()

    def _is_refused(self, attempt):
        """Return whether something on a record is refused."""
        with suppress(Undone), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
            try:
                with self.env.cr.savepoint():
                    attempt()
            except (UserError, psycopg2.IntegrityError):
                return True
            raise Undone
        return False

    def _ways(self, records):
        """Return the ways to records that a user may not see: what finds them, and what is done with one."""
        domain, one = [('id', 'in', records.ids)], records[:1]
        names = [name for name in records._fields if records._fields[name].store][:6]
        values = one.sudo().copy_data()[0] if self.env[records._name]._auto else {}
        finding = {
            'search': lambda: records.search(domain),
            'search_count': lambda: records.search_count(domain),
            'search_read': lambda: records.search_read(domain, names),
            'web_search_read': lambda: records.web_search_read(domain, {name: {} for name in names})['records'],
            'read_group': lambda: records.formatted_read_group(domain, [], ['__count'])[0]['__count'],
            'grouped': lambda: records.formatted_read_group(domain, [OF_A_CUSTOMER[records._name].split('.')[0]], ['__count']),
            'name_search': lambda: records.name_search('', domain),
        }
        doing = {
            'read': lambda: one.read(['display_name']),
            'web_read': lambda: one.web_read({name: {} for name in names}),
            'export': lambda: one.export_data(names),
            'copy': lambda: one.copy(),
            'write': lambda: one.write({'write_date': False}),
            'create': lambda: one.create(values),
            'unlink': lambda: one.unlink(),
        }
        return finding, doing

    def _leaks(self, user):
        """Return each way by which a user gets at what is noted of the customer."""
        user.sudo().group_ids += self.env.ref('base.group_allow_export') if not user.share else user.group_ids
        leaks = []
        for model in OF_A_CUSTOMER.keys() - OF_ALL:
            records = self._of_customer(model)
            if model == 'customer.duplicate' and not records:
                continue  # contacts of different companies of ours are no duplicates any more
            if model not in ('customer.occasion.coming',):
                self.assertTrue(records, f'{model}: nothing to hide')
            finding, doing = self._ways(records.with_user(user))
            leaks += [(model, way) for way, attempt in finding.items() if not self._finds_nothing(attempt)]
            leaks += [(model, way) for way, attempt in doing.items() if records and not self._is_refused(attempt)]
        return [leak for leak in leaks if user.share or leak not in FOR_EVERYBODY]

    def _portal(self):
        user = mail_new_test_user(self.env, login='portal_of_customer', groups='base.group_portal', name="Portal", tz='UTC')
        user.partner_id.parent_id = self.customer
        return user

    def _mark(self):
        """Write a text that is nowhere else into whatever is noted of the customer."""
        for model in OF_A_CUSTOMER:
            records = self._of_customer(model)
            names = [name for name, field in records._fields.items() if field.column_type and not field.translate
                     and field.store and field.type in ('char', 'text', 'html') and not field.compute and not field.related]
            if records and names and self.env[model]._auto:
                for name in names:
                    # a text with a rule of its own is not typed by people
                    with suppress(psycopg2.Error), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
                        self.env.cr.execute(SQL(
                            "UPDATE %s SET %s = %s WHERE id = ANY(%s)", SQL.identifier(records._table), SQL.identifier(name),
                            MARK, records.ids))
        self.env.invalidate_all()

    def _written(self):
        """Return how many rows were written in this transaction so far."""
        self.env.cr.execute("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables")
        return self.env.cr.fetchone()[0]

    def _arguments(self, model, name):
        """Return values for the arguments that a method has to have."""
        given = list(inspect.signature(inspect.unwrap(getattr(type(self.env[model]), name))).parameters.values())[1:]
        known = {'day': '2030-01-01'}
        return {one.name: known.get(one.name, "x") for one in given
                if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)}

    def _talkers(self, user):
        """Return the public methods that do something with what a user may not see, or say something about it."""
        talkers = []
        for model, name in public_methods(self.env):
            if model not in OF_A_CUSTOMER.keys() - OF_ALL | {'res.partner'}:
                continue
            record = self.customer if model == 'res.partner' else self._of_customer(model)[:1]
            if not record or getattr(getattr(type(record), name), '_api_model', False):
                continue
            written = self._written()
            try:
                with suppress(Undone, AccessError, MissingError), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
                    answer = self._rpc(user, model, name, record.ids, **self._arguments(model, name))
                    if self._written() != written:
                        talkers.append((model, name, "does something"))
                    if MARK in str(answer):
                        talkers.append((model, name, "tells something"))
                    if name not in OPENS_ONLY and answer and answer is not True:
                        talkers.append((model, name, "answers"))
                    raise Undone
            except UserError as error:
                talkers.append((model, name, str(error)[:100]))
            self.env.invalidate_all()
        return talkers
