from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import ormcache

from ..platform.customer_acting import ONE_ACT


class CustomerPlace(models.AbstractModel):
    """What customers are put into by rules that are tried in one order over all of its kind: segments, stages (SEG-4, LIF-3).

    Every customer is in one of them. A change of rules acts on everybody: by the nightly action as soon as possible, or at once
    by whoever archives one or presses the button, and it says what came of it.
    """

    _name = 'customer.place'
    _inherit = ['customer.acting', 'customer.asking', 'customer.cached', 'customer.named', 'customer.placing']
    _description = "What Customers Are Put Into"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    color = fields.Integer(help="Colour of the badge on cards and lists.")
    customer_count = fields.Integer(string="Customers", compute='_compute_customer_count')
    waits = fields.Boolean(
        compute='_compute_waits', help="The rules were changed, and customers are not placed by them yet.")

    @api.constrains('active', 'rule_ids')
    def _check_everybody_fits(self):
        self._place_rules()._check_everybody_fits()

    @api.model
    @ormcache('self.env.lang')
    def _get_badges(self):
        """Return name, in the user's language, and colour of all of them by id: they stand on every card."""
        places = self.sudo().with_context(active_test=False).search([])  # these are no secret
        return {place.id: (place.name, place.color) for place in places}

    def _customers_here(self):
        """Return the domain of the customers that are here."""
        return [('customer_managed', '=', True), (f'customer_{self._kind()}_id', 'in', self.ids)]

    def _compute_customer_count(self):
        name = f'customer_{self._kind()}_id'
        counts = dict(self.env['res.partner']._read_group(self._customers_here(), [name], ['__count']))
        for place in self:
            place.customer_count = counts.get(place._origin, 0)

    def _compute_waits(self):
        self.waits = self._placer()._rules_changed()

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _describe_in_use(self, count):
        """Return why one that customers were ever in is not deleted.

        :param int count: of the customers that are there
        """
        raise NotImplementedError

    @api.model
    def _describe_changed(self, changed, total, moves):
        """Return how many customers are somewhere else after a change of rules.

        :param int changed: how many, 0 for nobody
        :param int total: of how many
        :param str moves: from where to where, in words
        """
        raise NotImplementedError

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if {'active', 'sequence'} & vals.keys():
            self._ask_for_refresh()
        return result

    @api.model
    def _names_on_customers(self):
        """Return the fields of a customer that keep one in use."""
        return [f'customer_{self._kind()}_id']

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        self._place_rules()._check_everybody_fits(without=self.with_context(active_test=False).rule_ids)
        # customers and changes count that the user doesn't see, too
        partners, changes = self.env['res.partner'].sudo().with_context(active_test=False), self._place_changes().sudo()
        kind, names = self._kind(), self._names_on_customers()
        for place in self:
            customers = partners.search_count(
                ['|'] * (len(names) - 1) + [(name, '=', place.id) for name in names])
            if customers or changes.search_count(
                    ['|', (f'old_{kind}_id', '=', place.id), (f'new_{kind}_id', '=', place.id)], limit=1):
                raise UserError(place._describe_in_use(customers))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_view_customers(self):
        """Open the customers that are here."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.res_partner_action_customers')
        return {**action, 'domain': self._customers_here(), 'context': {}}

    def action_place_customers(self):
        """Put all customers where the rules say now, and say what changed since the rules were."""
        self.check_access('write')
        self._placer().sudo()._refresh()  # customers of every salesperson
        return self._tell_report()

    def _describe_archiving(self, active):
        values = self._as_if(active)._preview_values()
        return values['refused'] or values['sentence']

    def action_archive(self):
        """Archive, and place all customers by the rules that are left."""
        super().action_archive()
        return self.action_place_customers()

    def action_unarchive(self):
        """Use these again, and place all customers by the rules that there are then."""
        super().action_unarchive()
        return self.action_place_customers()

    def _acted_since(self):
        """Return when the last change of rules began: those of all are one set, tried in one order."""
        # an archived one gave its customers away
        acted = sorted(self.sudo().with_context(active_test=False).search([('acted_at', '!=', False)]).mapped('acted_at'))
        return next((moment for moment in acted if moment >= acted[-1] - ONE_ACT), None) or super()._acted_since()

    def _describe_outcome(self, since):
        """Return how many customers are somewhere else than then, and from where to where they went."""
        changes = self._place_changes().sudo()  # customers of every salesperson
        moves = changes._moves(since)
        total = self.env['res.partner'].sudo().search_count([('customer_managed', '=', True)])  # as above
        return self._describe_changed(sum(moves.values()), total, changes._describe_moves(moves))

    @api.model
    def _refresh_cron(self):
        """Return the external id of the scheduled action that places everybody."""
        raise NotImplementedError

    def _ask_for_refresh(self):
        """Have the nightly action place all customers as soon as possible, if the rules are others now.

        These are those whose rules were changed.
        """
        if not self.env.context.get('install_mode') and self._placer()._rules_changed():
            self._act()
            self.env.ref(self._refresh_cron())._trigger()

    # ------------------------------------------------------------
    # PREVIEW
    # ------------------------------------------------------------

    @api.model
    def _preview_triggers(self):
        return ['name', 'active', 'sequence', *(f'rule_ids.{name}' for name in self._place_rules()._rule_triggers())]

    def _preview_edit(self):
        saved = self._origin.with_context(active_test=False).rule_ids
        edited = [(rule, self) for rule in self.rule_ids] if self.active else []
        return saved, edited, {self._origin.id or 0: self.name}
