from odoo import api, fields, models

#: How fast an industry may grow or shrink, in percent a year. What is beyond is a slip of the pen: 1,000 % is ten times 100 %.
SLOWEST, FASTEST = -100, 200


class ResPartnerIndustry(models.Model):
    """How fast the industries of customers grow: one of the things that tell what more they could buy (SEG-3)."""

    _inherit = 'res.partner.industry'

    customer_growth = fields.Float(
        string="Growth a Year (%)", digits=(16, 2), aggregator=None,
        help="How fast this industry grows, in percent a year; below 0 it shrinks. It counts for the potential of all customers "
             "of the industry.")
    customer_growth_year = fields.Integer(
        string="Growth of the Year", aggregator=None,
        help="Which year the figure is of. Empty: how fast the industry grows is not known.")
    customer_growth_source = fields.Char(
        string="Growth by Whom", help="Who says so: the statistics office, a trade association, a study.")

    _customer_growth_sane = models.Constraint(
        f'CHECK (customer_growth BETWEEN {SLOWEST} AND {FASTEST})',
        "An industry grows by −100 to 200 percent a year; nothing grows by 1,000. Look at the decimal point, and enter 12.5 for "
        "twelve and a half percent.")
    _customer_growth_year_sane = models.Constraint(
        'CHECK (customer_growth_year = 0 OR customer_growth_year BETWEEN 1990 AND 2100)',
        "Enter the year of the growth with four digits, such as 2026, or leave it empty where the growth is not known.")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._complete_growth(vals) for vals in vals_list])

    def write(self, vals):
        result = super().write(self._complete_growth(vals))
        if {'customer_growth', 'customer_growth_year'} & vals.keys():
            keeper = self.env['customer.potential.keeper'].sudo()  # of the customers of all salespeople
            keeper._recompute(keeper.env['res.partner'].search([
                ('industry_id', 'in', self.ids), ('customer_managed', '=', True)]))
        return result

    @api.onchange('customer_growth')
    def _onchange_customer_growth(self):
        for industry in self:
            if industry.customer_growth and not industry.customer_growth_year:
                industry.customer_growth_year = fields.Date.context_today(industry).year

    @api.model
    def _complete_growth(self, vals):
        """Return values with the year of a growth that comes without one: it is a figure of today.

        :raises ValidationError: for what is no number at all
        """
        own = {name: vals[name] for name in vals if name.startswith('customer_')}
        if own and not self.env.su:
            self._check_customer_values(own)
        if not vals.get('customer_growth') or vals.get('customer_growth_year') or (
                self and 'customer_growth_year' not in vals and all(self.mapped('customer_growth_year'))):
            return vals
        return {**vals, 'customer_growth_year': fields.Date.context_today(self).year}

    @api.model
    def _oldest_growth_year(self):
        """Return the first year of which the growth of an industry still counts."""
        years = self.env['res.config.settings']._customer_success('potential_growth_years')
        return fields.Date.context_today(self).year - years
