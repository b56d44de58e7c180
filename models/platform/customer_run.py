import time
from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models

#: Odoo tries an action that got somewhere again at once, a hundred times in some seconds.
SAME_FAILURE = timedelta(hours=1)


class CustomerRun(models.Model):
    """One line for each time a scheduled action worked or failed: logs are not a user interface.

    A night in which there was nothing to do leaves no line; :class:`CustomerSchedule` says when each action last ran.
    """

    _name = 'customer.run'
    _description = "Scheduled Run"
    _order = 'started_at desc, id desc'

    name = fields.Selection(
        selection=[
            ('refresh', "Refresh customers and tiers"),
            ('plan', "Plan follow-ups"),
            ('remind', "Remind, hand over, escalate"),
            ('send', "Send automatic touches"),
            ('record', "Count contacts, ask for records"),
        ],
        string="Action",
        required=True,
        readonly=True,
    )
    started_at = fields.Datetime(string="Started", required=True, readonly=True, index=True)
    seconds = fields.Float(digits=(16, 1), readonly=True, aggregator='avg')
    done = fields.Integer(string="Changed", readonly=True, help="How many records this run wrote.")
    failed = fields.Integer(string="Set Aside", readonly=True, help="How many customers were set aside with an error.")
    note = fields.Char(string="Result", readonly=True)
    error = fields.Text(readonly=True, help="Why the action stopped. What it did since its last step was taken back.")

    @contextmanager
    def _measure(self, name):
        """Yield a dict to put ``done``, ``failed`` and ``note`` into, and keep it as a run when something happened.

        :param str name: one of the actions of this model
        """
        result = {'done': 0, 'failed': 0, 'note': ''}
        started_at, clock = fields.Datetime.now(), time.monotonic()
        yield result
        if result['done'] or result['failed']:
            self.create({
                'name': name,
                'started_at': started_at,
                'seconds': time.monotonic() - clock,
                **result,
            })

    @api.model
    def _begin(self, name):
        """Return a new run of an action that takes long: it is there from the beginning, and says how far it is."""
        return self.create({'name': name, 'started_at': fields.Datetime.now()})

    def _go_on(self, note):
        """Say how far this run is."""
        self.write({'note': note, 'seconds': (fields.Datetime.now() - self.started_at).total_seconds()})

    @api.model
    def _keep_failure(self, name, error):
        """Keep why an action stopped; what stops it again and again for the same reason is one line, with the last time."""
        now = fields.Datetime.now()
        last = self.search([('name', '=', name), ('error', '!=', False)], limit=1)
        if last.error == error and last.started_at > now - SAME_FAILURE:
            last.started_at = now
        else:
            self.create({'name': name, 'started_at': now, 'error': error})

    @api.autovacuum
    def _gc_runs(self):
        """Forget runs older than 90 days."""
        old = self.search([('started_at', '<', 'today -90d')], limit=10000)
        old.unlink()
        return len(old), len(old) == 10000
