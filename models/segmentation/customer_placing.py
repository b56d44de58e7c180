from odoo import api, fields, models

GROUP_MANAGER = 'customer_success.group_customer_success_manager'


class EditedRules(tuple):
    """Rules as they stand on a form, for a preview: nobody can hand such a thing over from outside."""

    __slots__ = ()


class CustomerPlacing(models.AbstractModel):
    """What the rules that put customers into segments or stages would do, shown before they are saved (SEG-4, LIF-3).

    All rules of a kind are one set, tried in one order; so what stands on a form is put among the saved ones, and all
    customers are placed by that in the statement that places them every night. Before and after are both made so, so that
    nothing but the edit makes the difference. Nothing is written.
    """

    _name = 'customer.placing'
    _description = "Preview of Changed Rules"

    preview = fields.Html(
        string="What It Would Do", compute='_compute_preview', sanitize=False, groups=GROUP_MANAGER,
        help="How many customers would move from where to where, before anything is saved.")

    @api.model
    def _kind(self):
        """Return what customers are put into: ``segment`` or ``stage``. The models, fields and tables are called after it."""
        raise NotImplementedError

    @api.model
    def _placer(self):
        """Return the model that puts customers there."""
        raise NotImplementedError

    @api.model
    def _places(self):
        """Return the model of what customers are put into."""
        return self.env[f'customer.{self._kind()}']

    @api.model
    def _place_rules(self):
        """Return the model of the rules."""
        return self.env[f'customer.{self._kind()}.rule']

    @api.model
    def _place_changes(self):
        """Return the model of the history."""
        return self.env[f'customer.{self._kind()}.change']

    @api.depends(lambda self: [] if self._abstract else self._preview_triggers())
    @api.depends_context('lang', 'uid')
    def _compute_preview(self):
        for record in self:
            record.preview = self.env['ir.qweb']._render('customer_success.customer_moves_preview', record._preview_values())

    @api.model
    def _preview_triggers(self):
        """Return the fields whose change is worth another look."""
        return []

    def _preview_edit(self):
        """Return what stands on the form.

        :return: the saved rules that it takes the place of, the rules instead of them with what they put customers into, and
            by id how that is called now
        :rtype: tuple[customer.place.rule, list[tuple], dict]
        """
        raise NotImplementedError

    @api.model
    def _preview_entries(self, replaced, edited):
        """Return the rules as they would be tried, each with what it puts customers into; see :meth:`_preview_edit`.

        :rtype: list[tuple]
        """
        entries = [(rule, rule._place()) for rule in self._place_rules()._in_order() - replaced] + edited
        # what is not saved yet is the youngest
        return sorted(entries, key=lambda entry: (entry[0].sequence, entry[1].sequence, entry[0]._origin.id or float('inf')))

    def _preview_values(self):
        """Return what the preview shows: nothing more than ``refused`` for rules that can't be saved."""
        self.ensure_one()
        replaced, edited, names = self._preview_edit()
        entries = self._preview_entries(replaced, edited)
        if not any(rule._is_for_everybody() for rule, __ in entries):
            return {'refused': self._place_rules()._describe_nobody()}
        self.env.flush_all()
        # customers of every salesperson are placed together
        moves = self._place_changes().sudo()._preview_moves(self._placer().sudo()._preview_sql(entries), names)  # as above
        return {'refused': False, 'in_force': True, **moves}
