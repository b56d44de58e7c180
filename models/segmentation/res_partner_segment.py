from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..platform.local_text import listed
from ..profile.res_partner import GROUP_USER


class ResPartner(models.Model):
    """What a customer's segment follows from, besides its revenue: how long it buys, and its potential (SEG-2, SEG-4)."""

    _inherit = 'res.partner'

    customer_tenure = fields.Selection(
        selection=[('strategic', "Strategic"), ('growth', "Growth"), ('new', "New")],
        string="Tenure",
        compute='_compute_customer_tenure',
        search='_search_customer_tenure',
        groups=GROUP_USER,
        help="How long this customer has been buying, by its first order. Empty before there is one.",
    )

    # ------------------------------------------------------------
    # TENURE
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

    def _customer_field_to_sql(self, alias, field_name, query=None):
        if field_name == 'customer_tenure':
            strategic, growth = self._tenure_days()
            first = self._field_to_sql(alias, 'customer_first_order', query)
            return SQL(
                """CASE WHEN NOT COALESCE(%(managed)s, FALSE) OR %(first)s IS NULL THEN NULL
                        WHEN %(first)s <= %(strategic)s THEN 'strategic'
                        WHEN %(first)s <= %(growth)s THEN 'growth' ELSE 'new' END""",
                managed=self._field_to_sql(alias, 'customer_managed', query), first=first, strategic=strategic,
                growth=growth)
        return super()._customer_field_to_sql(alias, field_name, query)

    @api.model
    def _get_customer_ordered_selections(self):
        return super()._get_customer_ordered_selections() + [
            'customer_tenure', 'customer_potential', 'customer_risk_level']

    # ------------------------------------------------------------
    # POTENTIAL
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        if any(vals.get('customer_potential') for vals in vals_list):
            # hidden from who has no role here
            partners.filtered(lambda partner: partner.sudo().customer_potential)._judged()
        return partners

    def write(self, vals):
        """Ask why when a potential is judged, keep the day, and place the customers anew."""
        if not {'customer_potential', 'customer_potential_reason'} & vals.keys():
            return super().write(vals)
        before = {partner: partner._read_potential() for partner in self}
        if 'customer_potential' in vals:
            changed = self.filtered(lambda partner: before[partner][0] != (vals['customer_potential'] or False))
            if not vals['customer_potential']:
                vals = {**vals, 'customer_potential_reason': False}
            elif changed:
                changed._refuse_without_reason(vals.get('customer_potential_reason'))
        result = super().write(vals)
        judged = self.filtered(lambda partner: before[partner] != partner._read_potential())
        judged._judged(date_known='customer_potential_date' in vals)
        return result

    @api.constrains('customer_potential', 'customer_potential_reason')
    def _check_customer_potential(self):
        for partner in self.sudo():  # hidden from who has no role here
            if partner.customer_potential:
                partner._refuse_without_reason(partner.customer_potential_reason)

    def _refuse_without_reason(self, reason):
        if not (reason or '').strip():
            raise ValidationError(self.env._(
                "Please say why the potential of %(customer)s is what you say it is.",
                customer=listed(self.env, self.mapped('name'))))

    def _read_potential(self):
        partner = self.sudo()  # hidden from who has no role here
        return partner.customer_potential, partner.customer_potential_reason

    def _judged(self, date_known=False):
        """Keep the day on which potentials were judged, and place the customers anew.

        :param bool date_known: the day came along
        """
        partners = self.sudo()  # readonly for everybody
        if not date_known:
            for potential, judged in partners.grouped('customer_potential').items():
                judged.write({'customer_potential_date': potential and fields.Date.context_today(self)})
        if managed := partners.filtered('customer_managed'):
            self.env['customer.segmenter'].sudo()._refresh(managed.ids, cause='potential')  # as above

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
                (self.env._("Potential"), self._describe_choice('customer_potential')),
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
        if self.customer_potential:
            lines.append(self.env._(
                "Potential judged on %(day)s: %(reason)s",
                day=format_date(self.env, self.customer_potential_date) or "–", reason=self.customer_potential_reason))
        else:
            lines.append(self.env._("Nobody has judged the potential yet."))
        return lines
