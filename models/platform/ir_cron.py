import logging

import psycopg2

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.service.server import PreforkServer, ThreadedServer
from odoo.tools import SQL

from odoo.addons.base.models.ir_cron import CompletionStatus

from .patience import patient

_logger = logging.getLogger(__name__)

#: An error is told in so many characters; the log has all of it.
ERROR_LENGTH = 1000


class IrCron(models.Model):
    """Keeps what became of the addon's scheduled actions: Odoo itself keeps a failure in the log of the server only."""

    _inherit = 'ir.cron'

    customer_succeeded_at = fields.Datetime(
        string="Last Success", readonly=True, copy=False,
        help="When the last run began that came to its end without an error.")
    customer_off_since = fields.Datetime(string="Switched Off Since", readonly=True, copy=False)

    def _callback(self, cron_name, server_action_id):
        try:
            return super()._callback(cron_name, server_action_id)
        except Exception as error:
            # Odoo has rolled the work back and commits what comes now
            self._note_customer_failure(error)
            raise

    def _note_customer_failure(self, error):
        """Leave a line among the scheduled runs that says why the action failed.

        :param Exception error: what stopped it
        """
        try:
            name = self._get_customer_action()
            if name:
                self.env['customer.run'].sudo()._keep_failure(name, self._say_customer_error(error))  # whoever it runs as
                self.env.cr.flush()
        except psycopg2.Error:  # without a database nothing can be kept, and the first error is the one to raise
            _logger.exception("The failure of %s could not be kept", self.cron_name)

    def _say_customer_error(self, error):
        """Return an error in words, for people who don't read logs."""
        while isinstance(error, ValueError) and " while evaluating\n" in str(error) and error.__context__:
            error = error.__context__  # what the code of the action met, without the code
        text = str(error).strip()
        if not isinstance(error, UserError):
            text = f"{type(error).__name__}: {text}"
        return text if len(text) <= ERROR_LENGTH else f"{text[:ERROR_LENGTH]} …"

    def _get_customer_action(self):
        """Return the name of the addon's scheduled action, as runs have it; False for those of other addons."""
        self.ensure_one()
        name = self.env['ir.model.data'].sudo().search([  # xml ids are not for every user
            ('module', '=', 'customer_success'), ('model', '=', 'ir.cron'), ('res_id', '=', self.id)], limit=1).name
        action = (name or '').removeprefix('ir_cron_')
        return action in self.env['customer.run']._fields['name'].get_values(self.env) and action

    def _update_failure_count(self, job, status):
        result = super()._update_failure_count(job, status)
        # in SQL as Odoo does it: the scheduler holds the row and has no cache of it. Its transaction began before the
        # action did, so an error that was kept meanwhile is later than this success
        self.env.cr.execute(SQL(
            """UPDATE ir_cron c
                  SET customer_succeeded_at = CASE WHEN %(failed)s THEN customer_succeeded_at ELSE %(now)s END,
                      customer_off_since = CASE WHEN NOT active THEN COALESCE(customer_off_since, %(now)s) END
                WHERE id = %(id)s
                  AND EXISTS (SELECT 1 FROM ir_model_data d
                               WHERE d.module = 'customer_success' AND d.model = 'ir.cron' AND d.res_id = c.id)""",
            failed=status == CompletionStatus.FAILED, now=self.env.cr.now().replace(microsecond=0), id=job['id']))
        return result

    def write(self, vals):
        """Know since when an action is switched off."""
        if 'active' in vals and any(cron.active != bool(vals['active']) for cron in self):
            vals = {**vals, 'customer_off_since': False if vals['active'] else fields.Datetime.now()}
        return super().write(vals)

    def _register_hook(self):
        super()._register_hook()
        for cls, name, again in ((ThreadedServer, 'cron_thread', True), (PreforkServer, 'process_spawn', False)):
            method = getattr(cls, name, None)
            if method and not hasattr(method, 'is_patient'):
                setattr(cls, name, patient(method, again))
