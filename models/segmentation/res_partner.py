from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..base.customer_known import export_known
from ..platform.counted import customers
from ..platform.local_text import labelled
from ..profile.res_partner import GROUP_USER, PREFETCH
from .customer_judged import JUDGEMENT
from .customer_path import DIRECTIONS
from .customer_potential import POTENTIALS  # noqa: F401 where others look for it
from .customer_potential_factor import ANSWER_FIELDS

#: Numbers of a customer that may not be known, with whose they are.
KNOWN_WHEN = {'customer_potential_score': [('customer_potential', '!=', False)]}
RISKS = [('low', "Low"), ('medium', "Medium"), ('high', "High")]


class ResPartner(models.Model):
    _name = 'res.partner'
    _inherit = ['res.partner', 'customer.judged', 'customer.care.team']

    customer_currency_id = fields.Many2one(
        comodel_name='res.currency',
        compute='_compute_customer_currency_id',
        groups=GROUP_USER,
    )
    customer_revenue = fields.Monetary(
        string="Revenue of the Period",
        currency_field='customer_currency_id',
        readonly=True,
        copy=False,
        groups=GROUP_USER, prefetch=PREFETCH,
        help="What the customer, its contacts included, bought in the period of the ranking, credit notes deducted, "
             "without taxes, over all companies, in the main company's currency.",
    )
    customer_first_order = fields.Date(string="First Order", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH)
    customer_last_order = fields.Date(string="Last Order", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH)
    customer_tier_id = fields.Many2one(
        comodel_name='customer.tier',
        string="Tier",
        readonly=True,
        copy=False,
        index='btree_not_null',
        ondelete='restrict',
        groups=GROUP_USER, prefetch=PREFETCH,
    )
    customer_tier_badge = fields.Char(string="Tier Name", compute='_compute_customer_tier_badge', groups=GROUP_USER)
    customer_tier_color = fields.Integer(compute='_compute_customer_tier_badge', groups=GROUP_USER)
    customer_tier_since = fields.Date(
        string="In This Tier Since", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH)
    customer_tier_manual_id = fields.Many2one(
        comodel_name='customer.tier',
        string="Tier Set by Hand",
        readonly=True,
        copy=False,
        ondelete='restrict',
        groups=GROUP_USER, prefetch=PREFETCH,
    )
    customer_tier_manual_until = fields.Date(
        string="Set by Hand Until", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH)
    customer_tier_manual_reason = fields.Char(
        string="Why Set by Hand", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH)
    customer_tier_change_ids = fields.One2many(
        comodel_name='customer.tier.change',
        inverse_name='partner_id',
        string="Tier History",
        readonly=True,
        groups=GROUP_USER,
    )

    # value × risk
    customer_risk_level = fields.Selection(
        selection=RISKS, string="Risk", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH,
        help="How likely this customer is lost, by its own buying rhythm. Empty where too few orders tell. High is bad; "
             "health is a figure of its own.")
    customer_segment_id = fields.Many2one(
        comodel_name='customer.segment', string="Segment", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', groups=GROUP_USER, prefetch=PREFETCH)
    customer_segment_color = fields.Integer(compute='_compute_customer_segment_color', groups=GROUP_USER)
    customer_segment_since = fields.Date(
        string="In This Segment Since", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH)
    customer_segment_change_ids = fields.One2many(
        comodel_name='customer.segment.change', inverse_name='partner_id', string="Segment History", readonly=True,
        groups=GROUP_USER)
    customer_tenure = fields.Selection(
        selection=[('strategic', "Strategic"), ('growth', "Growth"), ('new', "New")],
        string="Tenure",
        compute='_compute_customer_tenure',
        search='_search_customer_tenure',
        groups=GROUP_USER,
        help="How long this customer has been buying, by its first order. Empty before there is one.",
    )

    # the upgrade path, and targets
    customer_path_ids = fields.One2many(
        comodel_name='customer.path', inverse_name='partner_id', string="Upgrade Path", readonly=True, groups=GROUP_USER,
        domain=[('state', '!=', 'dismissed')])
    customer_path_direction = fields.Selection(
        selection=DIRECTIONS, string="On the Upgrade Path", compute='_compute_customer_path', groups=GROUP_USER,
        search='_search_customer_path_direction',
        help="By the conditions of the upgrade path, as the last night found it. Who is falling is shown as that first.")
    customer_path_text = fields.Text(
        string="Why It Could Rise or Is Falling", compute='_compute_customer_path', groups=GROUP_USER)
    customer_target_ids = fields.Many2many(
        comodel_name='customer.target', string="Targets of Its Tier", compute='_compute_customer_target_ids', groups=GROUP_USER)
    customer_target_value_id = fields.Many2one(
        comodel_name='customer.target.value', string="Counted in the Target", store=False,
        search='_search_customer_target_value_id', groups=GROUP_USER,
        help="The customers that the period of a target began with.")

    _customer_revenue_idx = models.Index('(customer_revenue) WHERE customer_managed IS TRUE')

    @api.depends('customer_tier_id')
    @api.depends_context('lang')
    def _compute_customer_tier_badge(self):
        badges = self.env['customer.tier']._get_badges()
        for partner in self:
            name, color = badges.get(partner.customer_tier_id.id, (False, 0))
            partner.customer_tier_badge, partner.customer_tier_color = name, color

    def _compute_customer_currency_id(self):
        self.customer_currency_id = self.env['customer.registry']._main_company().currency_id

    def _customer_field_to_sql(self, alias, field_name, query=None):
        if field_name == 'customer_currency_id':
            # one for all: without it no list and no pivot could add up what customers bought
            return SQL("%s::int", self.env['customer.registry']._main_company().currency_id.id)
        if field_name == 'customer_care_gap':
            return self._first_care_gap_sql(alias)
        if field_name == 'customer_tenure':
            strategic, growth = self._tenure_days()
            first = self._field_to_sql(alias, 'customer_first_order', query)
            return SQL(
                """CASE WHEN NOT COALESCE(%(managed)s, FALSE) OR %(first)s IS NULL THEN NULL
                        WHEN %(first)s <= %(strategic)s THEN 'strategic'
                        WHEN %(first)s <= %(growth)s THEN 'growth' ELSE 'new' END""",
                managed=self._field_to_sql(alias, 'customer_managed', query), first=first, strategic=strategic,
                growth=growth)
        return self._customer_potential_to_sql(alias, field_name) or super()._customer_field_to_sql(alias, field_name, query)

    @api.model
    def _get_customer_system_fields(self):
        return super()._get_customer_system_fields() | {
            'customer_revenue', 'customer_first_order', 'customer_last_order', 'customer_tier_id', 'customer_tier_since',
            'customer_tier_manual_id', 'customer_tier_manual_until', 'customer_tier_manual_reason',
            'customer_potential_date', 'customer_risk_level', 'customer_segment_id', 'customer_segment_since',
        }

    @api.model
    def _get_customer_worked_fields(self):
        return super()._get_customer_worked_fields() | JUDGEMENT | set(ANSWER_FIELDS.values()) | {
            'customer_backup_id', 'customer_expert_id', 'customer_team_id'}

    @api.model
    def _given_domain(self):
        """Add the customers that the user is the backup or the technical contact of."""
        own = [self.env.uid]
        return super()._given_domain() | Domain('customer_backup_id', 'in', own) | Domain('customer_expert_id', 'in', own)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_customer_tier_dialog(self):
        """Open the dialog that explains the tier and lets a manager set it by hand."""
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Tier"),
            'res_model': 'customer.tier.manual',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_partner_ids': self.commercial_partner_id.ids},
        }

    def action_customer_recompute(self):
        """Rank these customers anew, with the orders and invoices of this moment."""
        self.check_access('read')
        self.env['customer.tier.change'].check_access('read')  # whoever has no role here
        # figures come from all companies' orders, and are readonly for everybody
        self.env['customer.ranking'].sudo()._rank(self.commercial_partner_id.ids)
        return True

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _set_tier_by_hand(self, tier, reason, until=False):
        """Keep these customers in a tier until a day, whatever their revenue says.

        :param tier: the tier
        :param str reason: why, kept in the history
        :param until: the last day, or nothing for no end
        :raises ValidationError: when there is no reason, or the end is past
        """
        if not (reason or '').strip():
            raise ValidationError(self.env._("Please say why these customers belong in another tier."))
        if until and until < fields.Date.context_today(self):
            raise ValidationError(self.env._("The tier set by hand would already have ended. Choose a day to come."))
        self.write({
            'customer_tier_manual_id': tier.id,
            'customer_tier_manual_until': until,
            'customer_tier_manual_reason': reason,
        })
        if self.env['customer.tier.scheme']._get_current().method != 'manual':
            # somebody decided
            self.env['customer.path'].search([('partner_id', 'in', self.ids)]).unlink()
        self._rank_after_manual(reason)

    def _end_tier_by_hand(self):
        """Let the ranking decide again about these customers."""
        by_hand = self.filtered('customer_tier_manual_id')
        by_hand.write({'customer_tier_manual_until': fields.Date.subtract(fields.Date.context_today(self), days=1)})
        self.env['customer.ranking']._rank(by_hand.ids)

    def _rank_after_manual(self, reason):
        last_id = self.env['customer.tier.change'].search([], order='id desc', limit=1).id
        self.env['customer.ranking']._rank(self.ids)
        self.env['customer.tier.change'].search([
            ('partner_id', 'in', self.ids), ('id', '>', last_id), ('cause', '=', 'manual'),
        ]).write({'reason': reason, 'user_id': self.env.uid})

    def _describe_figures(self):
        """Return the figures that the tier follows from, as pairs of label and value."""
        self.ensure_one()
        scheme = self.env['customer.tier.scheme']._get_current()
        return [
            (scheme._describe_period(),
             self.customer_currency_id.format(self.customer_revenue)),
            (self.env._("First order"), format_date(self.env, self.customer_first_order) or "–"),
            (self.env._("Last order"), format_date(self.env, self.customer_last_order) or "–"),
        ]

    def _customer_strip(self):
        """Add the ``tier`` and the ``segment``, with ``name`` and ``color``, the ``risk`` with ``level`` and ``name``, and in
        ``unpriced`` what is left out of the revenue, if anything."""
        strip = super()._customer_strip()
        segment, level = self.customer_segment_id, self.customer_risk_level
        strip['tier'] = {'name': self.customer_tier_badge, 'color': self.customer_tier_color}
        strip['segment'] = bool(segment) and {'name': segment.name, 'color': segment.color}
        strip['risk'] = bool(level) and {
            'level': level,
            'name': dict(self._fields['customer_risk_level']._description_selection(self.env))[level]}
        strip['unpriced'] = self._describe_unpriced()
        return strip

    def _describe_unpriced(self):
        """Return a sentence about orders or invoices of these customers that are left out of the revenue, or False."""
        money = self.env['customer.money'].sudo()  # the revenue is one over all companies
        return money._describe_unpriced(money._unpriced(self.ids))

    @api.model
    def _explain_tier(self, partner):
        """Return sentences that say why the customer is in its tier.

        :param partner: one managed customer
        :rtype: list[str]
        """
        scheme = self.env['customer.tier.scheme']._get_current()
        managed = [('customer_managed', '=', True)]
        # the rank is among all customers, whichever the user sees
        partners = self.sudo()
        total = partners.search_count(managed)
        ahead = partners.search_count([*managed, ('customer_revenue', '>', partner.customer_revenue)])
        lines = [self.env._(
            "%(period)s: %(revenue)s. More have %(ahead)s of %(total)s (%(percent)s %%).",
            period=scheme._describe_period(), revenue=partner.customer_currency_id.format(partner.customer_revenue),
            ahead=ahead, total=customers(self.env, total), percent=f'{100 * ahead / total:.1f}' if total else '–')]
        lines += [*filter(None, [partner._describe_unpriced()]), *scheme._explain_rules()]
        if partner.customer_tier_manual_id:
            lines.append(self.env._(
                "Set to %(tier)s by hand until %(until)s: %(reason)s",
                tier=partner.customer_tier_manual_id.name,
                until=format_date(self.env, partner.customer_tier_manual_until) or self.env._("further notice"),
                reason=partner.customer_tier_manual_reason))
        elif partner.customer_tier_since and partner.customer_tier_since > partner.customer_managed_since:
            free = fields.Date.add(partner.customer_tier_since, days=scheme.minimum_stay_days)
            if free > fields.Date.context_today(partner):
                lines.append(self.env._(
                    "In this tier since %(since)s; by the minimum stay, revenue changes it from %(free)s on at the "
                    "earliest.", since=format_date(self.env, partner.customer_tier_since), free=format_date(self.env, free)))
        return lines

    # ------------------------------------------------------------
    # TENURE
    #
    # What a customer's segment follows from, besides its revenue: how long it buys, and its potential (SEG-2, SEG-4).
    # ------------------------------------------------------------

    @api.depends('customer_managed', 'customer_first_order')
    def _compute_customer_tenure(self):
        strategic, growth = self._tenure_days()
        for partner in self:
            first = partner.customer_managed and partner.customer_first_order
            partner.customer_tenure = first and (
                'strategic' if first <= strategic else 'growth' if first <= growth else 'new')

    def _search_customer_tenure(self, operator, value):
        if operator != 'in':
            return NotImplemented
        strategic, growth = self._tenure_days()
        bought = Domain('customer_managed', '=', True) & Domain('customer_first_order', '!=', False)
        domains = {
            'strategic': bought & Domain('customer_first_order', '<=', strategic),
            'growth': bought & Domain('customer_first_order', '>', strategic) & Domain('customer_first_order', '<=', growth),
            'new': bought & Domain('customer_first_order', '>', growth),
            False: ~bought,
        }
        return Domain.OR(domain for tenure, domain in domains.items() if tenure in value)

    @api.model
    def _tenure_days(self):
        """Return the last days on which a first order makes a customer strategic, and one that grows."""
        today, setting = fields.Date.context_today(self), self.env['res.config.settings']._customer_success
        return tuple(
            fields.Date.subtract(today, years=setting(f'tenure_{name}_years')) for name in ('strategic', 'growth'))

    @api.model
    def _get_customer_ordered_selections(self):
        return super()._get_customer_ordered_selections() + [
            'customer_tenure', 'customer_potential', 'customer_risk_level', *ANSWER_FIELDS.values(), 'customer_care_gap']

    # ------------------------------------------------------------
    # POTENTIAL
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._complete_new_judgement(vals) for vals in vals_list]
        partners = super().create(vals_list)
        if any(vals.get('customer_potential') for vals in vals_list):
            # hidden from who has no role here
            partners.filtered(lambda partner: partner.sudo().customer_potential)._note_judged({})
        return partners

    def write(self, vals):
        """Ask why when a potential is judged, keep the day, and place the customers anew; another industry is another
        potential."""
        before = {}
        if JUDGEMENT & vals.keys():
            self._check_customer_worked_fields(vals)  # who may not judge is told nothing else
            before = {partner: partner._read_judgement() for partner in self}
        industries = {partner: partner.industry_id for partner in self} if 'industry_id' in vals else {}
        vals, cleared = self._complete_judgement(vals, before)
        result = super().write(vals)
        if before:
            self._note_judged(before, date_known='customer_potential_date' in vals)
            cleared._note_cleared()
        moved = self.filtered(lambda partner: partner in industries and industries[partner] != partner.industry_id)
        if moved:
            self.env['customer.potential.keeper'].sudo()._recompute(moved)  # a figure is one for all users
        return result

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name == 'customer_potential_score':
            # what is not known comes last, whichever way it is sorted
            return SQL("%s %s NULLS LAST", self._field_to_sql(alias, field_name, query), direction)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    def _export_rows(self, fields, **options):
        return export_known(self, KNOWN_WHEN, fields, lambda paths: super(ResPartner, self)._export_rows(paths, **options))

    # ------------------------------------------------------------
    # SEGMENT
    # ------------------------------------------------------------

    @api.depends('customer_segment_id')
    def _compute_customer_segment_color(self):
        badges = self.env['customer.segment']._get_badges()
        for partner in self:
            partner.customer_segment_color = badges.get(partner.customer_segment_id.id, (False, 0))[1]

    def action_customer_segment_dialog(self):
        """Open the dialog that explains the segment and lets people judge the potential."""
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Segment and potential"),
            'res_model': 'customer.segment.dialog',
            'view_mode': 'form',
            'views': [(False, 'form')],  # also called by the panel of the form, past the button that would add them
            'target': 'new',
            'context': {'default_partner_ids': self.commercial_partner_id.ids},
        }

    def _describe_segment(self):
        """Return what the tab *Relationship* shows of the segment.

        :rtype: dict
        """
        self.ensure_one()
        name, color = self.env['customer.segment']._get_badges().get(self.customer_segment_id.id, ('', 0))
        return {
            'name': name,
            'color': color,
            'since': fields.Date.to_string(self.customer_segment_since) or '',
            'figures': [
                (self.env._("Tenure"), self._describe_choice('customer_tenure')),
                (self.env._("Risk"), self._describe_choice('customer_risk_level')),
                (self.env._("Potential"), self._describe_potential()),
            ],
            'reason': self.customer_potential_reason or '',
        }

    def _describe_choice(self, name):
        """Return the value of a selection in words, or a dash where nothing is known."""
        labels = dict(self._fields[name]._description_selection(self.env))
        return labels.get(self[name], "–")

    def _explain_segment(self):
        """Return sentences that say why this customer is in its segment.

        :rtype: list[str]
        """
        self.ensure_one()
        lines = [self.env._(
            "Tier %(tier)s, potential %(potential)s, risk %(risk)s.",
            tier=self.customer_tier_id.name or "–", potential=self._describe_choice('customer_potential'),
            risk=self._describe_choice('customer_risk_level'))]
        rule = next((rule for rule in self.env['customer.segment.rule']._in_order() if rule._fits(self)), None)
        if rule:
            lines.append(self.env._(
                "The first rule that fits is for “%(segment)s”: %(conditions)s.",
                segment=rule.segment_id.name, conditions=rule._describe()))
            lines += rule._explain_conditions(self)
            if rule.segment_id != self.customer_segment_id:
                lines.append(self.env._("The rules were changed: this customer moves there tonight at the latest."))
        if self.customer_segment_since:
            lines.append(self.env._(
                "In this segment since %(day)s.", day=format_date(self.env, self.customer_segment_since)))
        return [*lines, self._describe_judgement()]

    # ------------------------------------------------------------
    # UPGRADE PATH AND TARGETS
    # ------------------------------------------------------------

    @api.depends('customer_path_ids.state')
    @api.depends_context('uid', 'lang', 'tz')
    def _compute_customer_path(self):
        paths = self.env['customer.path']
        if self.ids and paths.has_access('read'):
            paths = paths.search([('partner_id', 'in', self.ids), ('state', '!=', 'dismissed')])
        by_partner = paths.grouped('partner_id')
        for partner in self:
            own = by_partner.get(partner._origin, paths.browse()).sorted(
                lambda path: (path.state != 'met', path.direction == 'rise'))
            partner.customer_path_direction = own[:1].direction
            partner.customer_path_text = "\n".join(
                labelled(self.env, path.rule_id.display_name, path.sentence) for path in own) or False

    def _search_customer_path_direction(self, operator, value):
        if operator != 'in':
            return NotImplemented
        chosen = [direction for direction in value if direction]
        listed = [('customer_path_ids', 'any', [('direction', 'in', chosen), ('state', '!=', 'dismissed')])]
        if len(chosen) == len(value):
            return listed
        return ['|', *listed, ('customer_path_ids', 'not any', [('state', '!=', 'dismissed')])]

    def action_view_customer_path(self):
        """Open where these customers stand on the upgrade path, what was set aside included."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_path_action')
        action['domain'] = [('partner_id', 'in', self.commercial_partner_id.ids)]
        action['context'] = {}
        return action

    @api.depends('customer_tier_id')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_customer_target_ids(self):
        targets = self.env['customer.target']
        found = targets.search([]) if targets.has_access('read') else targets
        for partner in self:
            partner.customer_target_ids = found.filtered(
                lambda target, tier=partner.customer_tier_id: tier and target.tier_id == tier)

    def _search_customer_target_value_id(self, operator, value):
        if operator != 'in':
            return NotImplemented
        values = self.env['customer.target.value'].search([('id', 'in', [one for one in value if one])])
        return Domain('id', 'in', values._members_subselect()) if values else Domain.FALSE
