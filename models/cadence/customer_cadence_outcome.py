from odoo import api, fields, models


class CustomerCadenceOutcome(models.Model):
    """What one piece of planning did because a cadence was changed; the planner may work a change off in many pieces.

    Rows are only added: the planner never waits for somebody who has the cadence open.
    """

    _name = 'customer.cadence.outcome'
    _description = "Outcome of a Changed Cadence"
    _order = 'id desc'
    _rec_name = 'cadence_id'

    cadence_id = fields.Many2one(
        comodel_name='customer.cadence', required=True, readonly=True, index=True, ondelete='cascade')
    opened = fields.Integer(readonly=True)
    moved = fields.Integer(string="Changed", readonly=True)
    cancelled = fields.Integer(readonly=True)
    failed = fields.Integer(string="Set Aside", readonly=True)

    @api.model
    def _count(self, cadence, since):
        """Return what was done for a cadence since a moment.

        :param datetime since: the moment, in UTC
        :rtype: dict[str, int]
        """
        names = ('opened', 'moved', 'cancelled', 'failed')
        [sums] = self.sudo()._read_group(  # whoever may read the cadence may read what came of it
            [('cadence_id', '=', cadence.id), ('create_date', '>=', since)], [], [f'{name}:sum' for name in names])
        return {name: value or 0 for name, value in zip(names, sums, strict=True)}

    @api.autovacuum
    def _gc_outcomes(self):
        """Forget outcomes older than 90 days."""
        old = self.search([('create_date', '<', 'today -90d')], limit=10000)
        old.unlink()
        return len(old), len(old) == 10000
