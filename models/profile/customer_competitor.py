from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CustomerCompetitor(models.Model):
    """Whom customers also talk to (PRO-4)."""

    _name = 'customer.competitor'
    _description = "Competitor"
    _order = 'name, id'

    name = fields.Char(required=True, help="As people call it. However it is written, it stands here once.")
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Contact", index='btree_not_null', ondelete='set null',
        domain=[('is_company', '=', True)], help="Where it is on file as a company, too.")
    strengths = fields.Text(help="What it is good at, and what customers tell of it.")
    answer = fields.Text(string="Our Answer", help="What to say and to offer when a customer names it.")
    insight_ids = fields.One2many(comodel_name='customer.insight', inverse_name='competitor_id', string="Where It Was Met")
    open_count = fields.Integer(string="Open Threats", compute='_compute_open_count')

    _name_uniq = models.UniqueIndex(
        r"(lower(regexp_replace(btrim(name), '\s+', ' ', 'g')))",
        "There is already a competitor with this name. Look among the archived ones, too.")

    @api.depends('insight_ids.state')
    def _compute_open_count(self):
        counts = dict(self.env['customer.insight']._read_group(
            [('competitor_id', 'in', self.ids), ('state', '=', 'open')], ['competitor_id'], ['__count']))
        for competitor in self:
            competitor.open_count = counts.get(competitor._origin, 0)

    @api.constrains('name')
    def _check_name(self):
        for competitor in self:
            if not (competitor.name or '').strip():
                raise ValidationError(self.env._("Please say who the competitor is: it needs a name."))

    def action_view_insights(self):
        """Open where these competitors were met."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_insight_action')
        action['domain'] = [('competitor_id', 'in', self.ids)]
        action['context'] = {'default_kind': 'competitor', 'default_competitor_id': self.ids[0] if len(self) == 1 else False}
        return action

    def action_merge(self):
        """Make one of several competitors: the one that was there first keeps its name and what was noted of all."""
        if len(self) < 2:
            raise UserError(self.env._("Choose two competitors or more that are one and the same."))
        self.check_access('write')
        kept, others = self.sorted('id')[0], self.sorted('id')[1:]
        # also what is noted of customers of colleagues, which may not be seen here
        others.sudo().with_context(active_test=False).insight_ids.write({'competitor_id': kept.id})
        for name in ('strengths', 'answer'):
            kept[name] = "\n".join(filter(None, self.sorted('id').mapped(name))) or False
        kept.partner_id = kept.partner_id or others.partner_id[:1]
        others.unlink()
        return kept._customer_open()
