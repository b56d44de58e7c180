from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerPlaceRule(models.AbstractModel):
    """Which customers belong to a segment or a stage; of all rules of the kind, the first that fits a customer decides (SEG-4,
    LIF-3)."""

    _name = 'customer.place.rule'
    _inherit = ['customer.cached', 'customer.placing']
    _description = "Rule That Puts Customers Somewhere"
    _order = 'sequence, id'

    sequence = fields.Integer(
        default=10, required=True, help="All rules of the kind are tried in this order, the lowest first.")
    fits_everybody = fields.Boolean(compute='_compute_reach')
    is_behind = fields.Boolean(compute='_compute_reach', help="A rule before it fits every customer.")
    note = fields.Char(compute='_compute_reach')

    def _place(self):
        """Return what this rule puts customers into."""
        return self[self._place_name()]

    @api.model
    def _place_name(self):
        """Return the field with what a rule puts customers into."""
        return f'{self._kind()}_id'

    @api.model
    def _placer(self):
        return self._places()._placer()

    # ------------------------------------------------------------
    # WHAT IT ASKS FOR
    # ------------------------------------------------------------

    @api.model
    def _conditions(self):
        """Return the fields that are conditions of a rule, in the order in which they are told; each that is empty does not
        matter."""
        return []

    @api.model
    def _reached_by(self):
        """Return the fields from which it follows whether a rule fits everybody."""
        return self._conditions()

    @api.model
    def _rule_triggers(self):
        """Return the fields whose change is worth another look at what the rules would do."""
        return ['sequence', *self._conditions()]

    def _is_for_everybody(self):
        self.ensure_one()
        return not any(self[name] for name in self._reached_by())

    @api.model
    def _describe_nobody(self):
        """Return why rules are refused that leave customers without a place."""
        raise NotImplementedError

    @api.constrains(lambda self: [*self._reached_by(), self._place_name()])
    def _check_everybody_fits(self, without=None):
        """Refuse rules that leave customers without a place.

        :param without: rules that are about to go
        """
        if self.env.context.get('install_mode'):
            return  # data files create places and rules one after the other
        rules = self.search([(f'{self._place_name()}.active', '=', True)]) - (without or self.browse())
        if not any(rule._is_for_everybody() for rule in rules):
            raise ValidationError(self._describe_nobody())

    @api.depends(lambda self: [] if self._abstract else [
        'sequence', *self._reached_by(), f'{self._place_name()}.active', f'{self._place_name()}.sequence'])
    @api.depends_context('lang')
    def _compute_reach(self):
        first = next((rule for rule in self._in_order() if rule._is_for_everybody()), self.browse())
        for rule in self:
            rule.fits_everybody = rule._is_for_everybody()
            rule.is_behind = bool(first) and rule._origin != first and rule._order_key() > first._order_key()
            rule.note = (
                self.env._("Never tried: a rule before it fits everybody") if rule.is_behind
                else self.env._("Everybody else") if rule.fits_everybody else False)

    def _order_key(self):
        return self.sequence, self._place().sequence, self._origin.id or 0

    @api.model
    def _in_order(self):
        """Return the rules that are in force in the order in which they are tried."""
        return self.search([(f'{self._place_name()}.active', '=', True)]).sorted(lambda rule: rule._order_key())

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._place()._ask_for_refresh()
        return rules

    def write(self, vals):
        places = self._place()
        result = super().write(vals)
        if vals.keys() - self._says_nothing():
            (places | self._place())._ask_for_refresh()
        return result

    def unlink(self):
        places = self._place()
        result = super().unlink()
        places.exists()._ask_for_refresh()
        return result

    @api.model
    def _says_nothing(self):
        """Return the fields that change nothing about who fits."""
        return set()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_last(self):
        self._check_everybody_fits(without=self)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_place_customers(self):
        """Put all customers where the rules say now, and say what changed since the rules were."""
        self.check_access('write')
        return (self._place() or self._places().search([], limit=1)).action_place_customers()

    @api.model
    def _preview_triggers(self):
        return [self._place_name(), *self._rule_triggers()]

    def _preview_edit(self):
        place = self._place()
        return self._origin, [(self, place)] if place.active else [], {}
