from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..platform.counted import plural
from ..platform.local_text import day_text, listed

DIRECTIONS = [('rise', "Could rise"), ('fall', "Is falling")]

STATES = [('met', "Meets the conditions"), ('near', "Something is missing"), ('dismissed', "Set aside")]


class CustomerPath(models.Model):
    """A customer that could rise into the next tier, or that is falling: which conditions it meets, and which it lacks (SEG-7).

    The night finds them (``customer.path.keeper``). A person sets the tier by hand, makes a plan, or sets the proposal aside.
    """

    _name = 'customer.path'
    _inherit = ['customer.kept']
    _description = "Customer on the Upgrade Path"
    _order = 'percent desc, since, id'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    user_id = fields.Many2one(related='partner_id.user_id', string="Account Manager")
    direction = fields.Selection(selection=DIRECTIONS, required=True, readonly=True)
    rule_id = fields.Many2one(
        comodel_name='customer.path.rule', string="Step", required=True, readonly=True, index=True, ondelete='cascade')
    from_tier_id = fields.Many2one(
        comodel_name='customer.tier', string="Tier Today", required=True, readonly=True, index=True, ondelete='cascade')
    to_tier_id = fields.Many2one(
        comodel_name='customer.tier', string="Proposed Tier", required=True, readonly=True, index=True, ondelete='cascade')
    state = fields.Selection(selection=STATES, string="Status", required=True, readonly=True)
    met_count = fields.Integer(string="Conditions Met", readonly=True, aggregator=None)
    needed_count = fields.Integer(string="Needed", readonly=True, aggregator=None)
    percent = fields.Float(
        string="Met (%)", readonly=True, digits=(16, 1), aggregator=None, help="Of the conditions that it takes, 100 at most.")
    found = fields.Json(string="What the Night Found", readonly=True, export_string_translation=False)
    since = fields.Date(
        string="Listed Since", required=True, readonly=True, help="The first night that found the customer here.")
    met_text = fields.Text(string="What Is Met", compute='_compute_texts')
    missing_text = fields.Text(string="What Is Missing", compute='_compute_texts')
    sentence = fields.Text(string="Why", compute='_compute_texts')
    revenue = fields.Monetary(
        related='partner_id.customer_revenue', string="Revenue of the Period", currency_field='currency_id')
    currency_id = fields.Many2one(related='partner_id.customer_currency_id', string="Currency")
    segment_id = fields.Many2one(related='partner_id.customer_segment_id', string="Segment")
    dismissed_until = fields.Date(string="Set Aside Until", readonly=True)
    dismiss_reason = fields.Char(string="Why Set Aside", readonly=True)
    dismissed_by_id = fields.Many2one(
        comodel_name='res.users', string="Set Aside By", readonly=True, index='btree_not_null', ondelete='set null')
    dismissed_on = fields.Date(string="Set Aside On", readonly=True)

    _customer_uniq = models.UniqueIndex("(partner_id, direction)", "This customer is on the list already.")

    @api.depends('found', 'rule_id')
    @api.depends_context('lang', 'tz')
    def _compute_texts(self):
        for path in self:
            found = path.found or {}
            known = [(condition, found.get(str(condition.id)) or {}) for condition in path.rule_id.condition_ids]
            met = [condition._say(one) for condition, one in known if one.get('m')]
            missing = [condition._say_missing(one) for condition, one in known if not one.get('m')]
            path.met_text, path.missing_text = "\n".join(met), "\n".join(missing)
            path.sentence = path._tell(listed(self.env, met), missing)

    def _tell(self, met, missing):
        """Return in a sentence what is met and what is not; of a fall, which signs are not there yet is nothing to wait for.

        :param str met: the conditions that are met
        :param list missing: those that are not
        """
        short = self.needed_count - self.met_count
        if self.direction == 'rise' and missing:
            return self.env._("%(met)s; missing: %(missing)s", met=met, missing=listed(self.env, missing))
        if self.direction == 'fall' and short > 0:
            return plural(short, self.env._("%(met)s; one sign short", met=met),
                          self.env._("%(met)s; %(count)s signs short", met=met, count=short))
        return met

    @api.depends('partner_id', 'to_tier_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for path in self:
            path.display_name = f'{path.partner_id.display_name} → {path.to_tier_id.name}'

    # ------------------------------------------------------------
    # WHAT PEOPLE MAY WRITE
    # ------------------------------------------------------------

    def _open_to_people(self):
        return set()

    def _say_kept(self, names):
        return self.env._(
            "%(fields)s can't be written here: the night finds which customers meet the conditions of the upgrade path. Use the "
            "buttons: set the tier, or set the proposal aside.", fields=names)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_adopt(self):
        """Open the dialog that sets the proposed tier by hand, with what speaks for it as the reason."""
        self.check_access('read')
        if len(self.to_tier_id) != 1:
            raise UserError(self.env._(
                "These customers are proposed for several tiers (%(tiers)s). Choose those for one tier.",
                tiers=listed(self.env, self.to_tier_id.mapped('name')) or "–"))
        action = self.partner_id.action_customer_tier_dialog()
        action['views'] = [(False, 'form')]
        action['context'] = {
            **action['context'], 'default_tier_id': self.to_tier_id.id,
            'default_reason': self.sentence if len(self) == 1 else self.env._(
                "Meets the conditions of %(step)s", step=self[:1].rule_id.display_name)}
        return action

    def action_dismiss(self):
        """Ask why these proposals are set aside, and for how long."""
        self.check_access('write')
        self.partner_id._check_works_with()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Not Now"), 'res_model': 'customer.path.dismiss',
            'view_mode': 'form', 'views': [(False, 'form')], 'target': 'new', 'context': {'default_path_ids': self.ids},
        }

    def action_take_up(self):
        """Put proposals that were set aside on the list again."""
        self.check_access('write')
        self.partner_id._check_works_with()
        for path in self.filtered(lambda path: path.state == 'dismissed'):
            path._keep({
                'state': 'met' if path.met_count >= path.needed_count else 'near', 'dismissed_until': False,
                'dismiss_reason': False, 'dismissed_by_id': False, 'dismissed_on': False})
        return True

    def action_open_customer(self):
        """Open the customer."""
        self._customer_one()
        return self.partner_id._customer_open()

    def _dismiss(self, reason, until):
        """Set proposals aside.

        :param str reason: why
        :param date until: the last day on which they stay away
        """
        self.partner_id._check_works_with()
        if not (reason or '').strip():
            raise ValidationError(self.env._("Please say why: colleagues would ask the same again."))
        today = fields.Date.context_today(self)
        if not until or until < today:
            raise ValidationError(self.env._("Choose today or a day to come until which the proposal stays away."))
        self._keep({
            'state': 'dismissed', 'dismiss_reason': reason.strip(), 'dismissed_until': until,
            'dismissed_by_id': self.env.uid, 'dismissed_on': today})
        for path in self:
            path.partner_id._message_log(body=self.env._(
                "Not proposed for %(tier)s until %(day)s: %(reason)s", tier=path.to_tier_id.name,
                day=day_text(self.env, until, 'yMMMd'), reason=reason.strip()))
