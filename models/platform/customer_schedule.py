from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .locks import wait_for_update

#: An action that should have begun so long ago waits for a scheduler that does not run.
LATE = timedelta(days=1)


class CustomerSchedule(models.Model):
    """One row for each scheduled action of the addon: when it worked, why it did not, and when it runs next (PLT-3).

    The id of a row is that of its scheduled action.
    """

    _name = 'customer.schedule'
    _description = "Scheduled Action"
    _auto = False
    _order = 'attention desc, next_at, id'
    _depends = {
        'ir.cron': ['active', 'nextcall', 'lastcall', 'failure_count', 'customer_succeeded_at', 'customer_off_since'],
        'customer.run': ['name', 'started_at', 'error', 'note'],
    }

    name = fields.Selection(
        selection=lambda self: self.env['customer.run']._fields['name']._description_selection(self.env),
        string="Action", readonly=True)
    cron_id = fields.Many2one(comodel_name='ir.cron', string="Scheduled Action", readonly=True)
    state = fields.Selection(
        selection=[('ok', "Works"), ('late', "Not started"), ('failing', "Fails"), ('off', "Switched off")], readonly=True,
        help="Not started: it should have run more than a day ago; the server's scheduler does not run, or is too busy. "
             "Switched off: by an administrator, or by Odoo after a week of failures.")
    attention = fields.Boolean(string="Needs Attention", readonly=True)
    ran_at = fields.Datetime(string="Last Run", readonly=True)
    succeeded_at = fields.Datetime(string="Last Success", readonly=True)
    note = fields.Char(string="Last Result", readonly=True, help="What the last run that changed something did.")
    failed_at = fields.Datetime(string="Last Failure", readonly=True)
    error = fields.Text(string="Last Error", readonly=True)
    failures = fields.Integer(string="Failures in a Row", readonly=True)
    next_at = fields.Datetime(string="Next Run", readonly=True)
    off_since = fields.Datetime(string="Switched Off Since", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """SELECT s.*, s.state <> 'ok' AS attention
                 FROM (SELECT c.id, c.id AS cron_id, substr(d.name, 9) AS name, c.lastcall AS ran_at,
                              c.customer_succeeded_at AS succeeded_at, worked.note, failed.started_at AS failed_at,
                              failed.error, c.failure_count AS failures, CASE WHEN c.active THEN c.nextcall END AS next_at,
                              CASE WHEN NOT c.active THEN c.customer_off_since END AS off_since,
                              CASE WHEN NOT c.active THEN 'off'
                                   WHEN c.failure_count > 0
                                        OR failed.started_at >= COALESCE(c.customer_succeeded_at, '-infinity') THEN 'failing'
                                   WHEN c.nextcall < %(late)s THEN 'late'
                                   ELSE 'ok' END AS state
                         FROM ir_cron c
                         JOIN ir_model_data d ON d.module = 'customer_success' AND d.model = 'ir.cron' AND d.res_id = c.id
            LEFT JOIN LATERAL (SELECT r.note FROM customer_run r
                                WHERE r.name = substr(d.name, 9) AND r.error IS NULL
                             ORDER BY r.started_at DESC, r.id DESC LIMIT 1) AS worked ON TRUE
            LEFT JOIN LATERAL (SELECT r.started_at, r.error FROM customer_run r
                                WHERE r.name = substr(d.name, 9) AND r.error IS NOT NULL
                             ORDER BY r.started_at DESC, r.id DESC LIMIT 1) AS failed ON TRUE
                        WHERE d.name IN %(names)s) AS s""",
            late=fields.Datetime.now() - LATE,
            names=tuple(f'ir_cron_{name}' for name in self.env['customer.run']._fields['name'].get_values(self.env)))

    def action_run_now(self):
        """Have these actions run by the server within a minute; a person does not wait for a whole night's work."""
        self.check_access('read')
        if off := self.filtered(lambda schedule: schedule.state == 'off'):
            raise UserError(self.env._("“%(action)s” is switched off. Switch it on first.", action=off[0]._label()))
        for schedule in self:
            schedule.cron_id.sudo()._trigger()  # managers may run the addon's actions, and no others
        return self._tell(self.env._("It runs within a minute. Come back here to see what became of it."))

    def action_switch_on(self):
        """Let actions that were switched off run again, from now on."""
        self.check_access('read')
        # managers may run the addon's actions, and no others
        crons = self.cron_id.sudo().with_context(active_test=False).filtered(lambda cron: not cron.active)
        wait_for_update(crons, allow_referencing=True)
        crons.write({
            'active': True, 'failure_count': 0, 'first_failure_date': False, 'nextcall': fields.Datetime.now()})
        return self._tell(self.env._("It is switched on, and runs within a minute."))

    def action_open_runs(self):
        """Open what this action did, and the errors it met."""
        self._customer_one()
        return {
            'type': 'ir.actions.act_window', 'name': self._label(), 'res_model': 'customer.run', 'view_mode': 'list,graph',
            'domain': [('name', '=', self.name)],
        }

    def _label(self):
        """Return the name of the action in the user's language."""
        self.ensure_one()
        return dict(self._fields['name']._description_selection(self.env)).get(self.name, '')

    def _tell(self, message):
        """Return a notification, after which the list is read anew."""
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification',
            'params': {
                'type': 'success', 'message': message, 'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }
