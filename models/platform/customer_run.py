import time
from contextlib import contextmanager

from odoo import api, fields, models


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

    @api.autovacuum
    def _gc_runs(self):
        """Forget runs older than 90 days."""
        old = self.search([('started_at', '<', 'today -90d')], limit=10000)
        old.unlink()
        return len(old), len(old) == 10000
