from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_datetime

#: Changes that follow each other within this time are one act: a rule is seldom right at the first attempt.
ONE_ACT = timedelta(hours=1)

#: What came of a change stands on the form for so long.
SHOWN = timedelta(days=7)


class CustomerActing(models.AbstractModel):
    """A rule that acts on everybody as soon as it is saved, and says what came of it.

    What a change asks for is done on the spot, by a scheduled action a moment later, or by the button that a person presses
    next. Whoever pressed the button last would be told that nothing was left to do; so what is reported counts from the
    moment before the rule was changed.
    """

    _name = 'customer.acting'
    _description = "Rule That Acts on Everybody"

    acted_at = fields.Datetime(
        string="Changed At", readonly=True, copy=False,
        help="When the change of this rule began whose outcome is reported. Changes within an hour are one.")
    report = fields.Char(string="What Came of It", compute='_compute_report')

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_acted(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_acted(vals)
        return super().write(vals)

    @api.model
    def _refuse_acted(self, vals):
        """Refuse to say when a rule was changed, also past the forms: a report would count from a day that somebody made up."""
        if vals.get('acted_at') and not self.env.su:
            raise UserError(self.env._(
                "“%(field)s” follows from the changes themselves. Leave it out.",
                field=self._fields['acted_at']._description_string(self.env)))

    @api.depends_context('lang')
    def _compute_report(self):
        first = fields.Datetime.now() - SHOWN
        for rule in self:
            acted_at = rule._origin.acted_at
            rule.report = acted_at and acted_at >= first and rule._origin._describe_report()

    def _act(self):
        """Keep that these rules were just changed and act on everybody."""
        if not self.ids:
            return
        now = self.env.cr.now().replace(microsecond=0)  # as a field keeps it: not after what is done in this transaction
        self.flush_recordset(['acted_at'])
        self.env.cr.execute(SQL(
            "UPDATE %s SET acted_at = %s WHERE id IN %s AND (acted_at IS NULL OR acted_at < %s)",
            SQL.identifier(self._table), now, tuple(self.ids), now - ONE_ACT))
        self.invalidate_recordset(['acted_at', 'report'])

    def _acted_since(self):
        """Return the moment from which on a report counts: when the change began, or now."""
        return self[:1].acted_at or self.env.cr.now().replace(microsecond=0)

    def _describe_report(self):
        """Return what came of the last change of this rule, in a sentence that says since when."""
        self.ensure_one()
        since = self._acted_since()
        return self.env._(
            "Since %(moment)s: %(report)s", report=self._describe_outcome(since),
            moment=format_datetime(self.env, since, dt_format='short'))

    def _describe_outcome(self, since):
        """Return what changed since a moment because of this rule, as a sentence.

        :param datetime since: the moment, in UTC
        """
        raise NotImplementedError

    def _tell_report(self):
        """Return a notification that says what came of the last change, after which the page is read anew."""
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success',
                # the rules of some models are one set: any of them tells what came of it
                'message': (self or self.search([], limit=1))[:1]._describe_report(),
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }
