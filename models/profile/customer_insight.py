from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

KINDS = [
    ('pain', "Pain point"), ('need', "Changed need"), ('competitor', "Competitor"), ('market', "Market note")]
THREATS = [('1', "Low"), ('2', "Medium"), ('3', "High")]
ICONS = {'pain': 'fa-bolt', 'need': 'fa-lightbulb-o', 'competitor': 'fa-flag', 'market': 'fa-line-chart'}

#: So many of the open ones stand on the form of the customer.
SHOWN = 8


class CustomerInsight(models.Model):
    """What we learned of a customer and its market: dated, by whom, and whether it still holds (PRO-4)."""

    _name = 'customer.insight'
    _inherit = ['customer.of.one', 'customer.guarded']
    _description = "Insight About a Customer"
    _order = 'date desc, id desc'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='cascade',
        domain=[('customer_managed', '=', True)])
    kind = fields.Selection(selection=KINDS, required=True, default='pain', index=True)
    name = fields.Char(string="What", required=True, help="In a line: “no figures before the 10th”, “opens a plant in Poland”.")
    note = fields.Text(string="What Else", help="What else was said.")
    contact_id = fields.Many2one(
        comodel_name='res.partner', string="Said By", index='btree_not_null', ondelete='set null',
        domain="[('commercial_partner_id', '=', partner_id)]")
    date = fields.Date(string="Noted On", required=True, default=fields.Date.context_today, index=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Noted By", required=True, index=True, ondelete='restrict',
        default=lambda self: self.env.user, domain=[('share', '=', False)])
    state = fields.Selection(
        selection=[('open', "Open"), ('settled', "Settled")], required=True, default='open', index=True, copy=False)
    settled_on = fields.Date(copy=False)
    settled_how = fields.Char(string="How It Was Settled", copy=False, help="“Delivered with release 4”, “signed with us”.")
    settled_by_id = fields.Many2one(
        comodel_name='res.users', readonly=True, copy=False, ondelete='set null')
    # competitors
    competitor_id = fields.Many2one(
        comodel_name='customer.competitor', string="Which Competitor", index='btree_not_null', ondelete='restrict',
        help="Who it is.")
    offers = fields.Char(string="What They Offer", help="Product, price, terms: as exactly as you know.")
    since = fields.Date(string="In Touch Since", help="Since when they are in touch with the customer.")
    threat = fields.Selection(
        selection=THREATS, string="Threat Level", help="High: the customer may leave us for them. It raises a warning.")
    manager_id = fields.Many2one(related='partner_id.user_id', string="Account Manager")

    _open_idx = models.Index("(partner_id, kind) WHERE state = 'open'")

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    @api.constrains('kind', 'competitor_id')
    def _check_competitor(self):
        for insight in self:
            if insight.kind == 'competitor' and not insight.competitor_id:
                raise ValidationError(self.env._(
                    "Please say which competitor it is: “%(what)s” has none. A new one is made by typing its name.",
                    what=insight.name))

    @api.constrains('partner_id', 'contact_id')
    def _check_contact(self):
        for insight in self.sudo():  # whose person it is may be hidden from who writes
            if insight.contact_id and insight.contact_id.commercial_partner_id != insight.partner_id:
                raise ValidationError(self.env._(
                    "%(person)s is not with %(customer)s. Choose one of its own people.", person=insight.contact_id.name,
                    customer=insight.partner_id.name))

    @api.constrains('date', 'since', 'settled_on')
    def _check_dates(self):
        today = fields.Date.context_today(self)
        for insight in self:
            if coming := next((day for day in (insight.date, insight.settled_on) if day and day > today), None):
                raise ValidationError(self.env._(
                    "“%(what)s” can't be noted or settled in the future (%(day)s). Choose today or an earlier day.",
                    what=insight.name, day=format_date(self.env, coming)))
            if insight.settled_on and insight.settled_on < insight.date:
                raise ValidationError(self.env._(
                    "“%(what)s” can't be settled before it was noted on %(day)s.", what=insight.name,
                    day=format_date(self.env, insight.date)))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _open_to_people(self):
        return super()._open_to_people() - self._stamps()

    @api.model
    def _stamps(self):
        """Return the fields that are kept by themselves; wings add theirs."""
        return {'settled_by_id'}

    def _say_kept(self, names):
        return self.env._(
            "These fields of an insight are kept by themselves and can't be written: %(names)s.", names=names)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._guard(vals)
        insights = super().create([self._complete(vals) for vals in vals_list])
        insights._note_noted()
        return insights

    def write(self, vals):
        self._guard(vals)
        vals = self._complete(vals)
        if vals.get('state') == 'settled' and 'settled_on' not in vals:
            # what was settled before stays settled on its day
            fresh = self.filtered(lambda insight: insight.state != 'settled')
            super(CustomerInsight, fresh).write({'settled_on': fields.Date.context_today(self), 'settled_by_id': self.env.uid})
        result = super().write(vals)
        self._note_noted()
        return result

    @api.model
    def _complete(self, vals):
        """Return values with what follows from the others: a threat belongs to a competitor, and a day to what is settled."""
        vals = dict(vals)
        if vals.get('kind') == 'competitor' or vals.get('competitor_id') and 'kind' not in vals:
            vals['kind'] = 'competitor'
        elif vals.get('kind'):
            vals.update(competitor_id=False, offers=False, since=False, threat=False)
        if vals.get('state') == 'settled' and not self:
            vals.setdefault('settled_on', fields.Date.context_today(self))
            vals.setdefault('settled_by_id', self.env.uid)
        if vals.get('state') == 'open':
            vals.update(settled_on=False, settled_how=False, settled_by_id=False)
        return vals

    def _note_noted(self):
        """Hook for the wings: something was noted of customers, or settled."""

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_settle(self):
        """Settle these insights as of today; how, the form asks."""
        self.filtered(lambda insight: insight.state == 'open').write({'state': 'settled'})
        return True

    def action_reopen(self):
        """Take up again what was settled."""
        if not self.filtered(lambda insight: insight.state == 'settled'):
            raise UserError(self.env._("Choose something that was settled, to take it up again."))
        self.write({'state': 'open'})
        return True

    # ------------------------------------------------------------
    # TELLING
    # ------------------------------------------------------------

    def _say(self):
        """Return an insight in a line: what, and of a competitor who it is, what they offer and how much of a threat it is."""
        self.ensure_one()
        if self.kind != 'competitor':
            return self.name
        parts = [self.competitor_id.name, self.name]
        if self.offers:
            parts.append(self.offers)
        if self.threat:
            level = dict(self._fields['threat']._description_selection(self.env))[self.threat]
            parts.append(self.env._("threat: %(level)s", level=level))
        return " · ".join(parts)

    @api.model
    def _panel(self, customer):
        """Return what is open of a customer as its form shows it, of what the user may see.

        :return: the ``insights``, dicts ready to be shown, and how many ``more`` there are
        :rtype: dict
        """
        found = self.search(Domain('partner_id', '=', customer.id) & Domain('state', '=', 'open'))
        found = found.sorted(lambda insight: insight.threat != '3')
        kinds = dict(self._fields['kind']._description_selection(self.env))
        return {
            'insights': [{
                'id': insight.id, 'icon': ICONS[insight.kind], 'kind': kinds[insight.kind], 'text': insight._say(),
                'threat': insight.threat or '', 'date': fields.Date.to_string(insight.date), 'user': insight.user_id.name or '',
            } for insight in found[:SHOWN]],
            'more_insights': max(len(found) - SHOWN, 0),
        }

    @api.model
    def _causes(self, customers):
        """Return what is open of customers and may be why something does not work, in lines: threats first, then what hurts.

        :param customers: res.partner
        :rtype: dict[res.partner, str]
        """
        found = self.search(Domain('partner_id', 'in', customers.ids) & Domain('state', '=', 'open') & Domain(
            'kind', 'in', ('competitor', 'pain', 'need')))
        kinds = dict(self._fields['kind']._description_selection(self.env))

        def lines(insights):
            worst = insights.sorted(
                lambda insight: (insight.kind != 'competitor', -int(insight.threat or 0), insight.kind != 'pain'))
            return "\n".join(self.env._(
                "%(kind)s (%(day)s): %(what)s", kind=kinds[insight.kind], day=format_date(self.env, insight.date),
                what=insight._say()) for insight in worst[:SHOWN])
        return {customer: lines(own) for customer, own in found.grouped('partner_id').items()}
