"""What becomes of the deadlines of cases when customers go into another class, or a class goes (SRV-1)."""
from odoo import api, models
from odoo.tools import SQL


class CustomerRanking(models.AbstractModel):
    _inherit = 'customer.ranking'

    @api.model
    def _figures_changed(self):
        """Another tier or segment may have another policy."""
        result = super()._figures_changed()
        self.env['customer.case.replanner'].sudo()._replan_of(  # cases of everybody
            SQL("SELECT id FROM customer_rank WHERE tier_changed OR segment_changed"), 'tier_id', 'segment_id')
        return result


class CustomerSegmenter(models.AbstractModel):
    _inherit = 'customer.segmenter'

    @api.model
    def _segments_changed(self):
        result = super()._segments_changed()
        self.env['customer.case.replanner'].sudo()._replan_of(  # as above
            SQL("SELECT id FROM customer_placed"), 'segment_id')
        return result


class CustomerRegistry(models.AbstractModel):
    _inherit = 'customer.registry'

    @api.model
    def _moved(self, joined, left):
        """Who leaves has no tier any more, and who comes back has the old one again."""
        result = super()._moved(joined, left)
        self.env['customer.case.replanner'].sudo()._replan_of(  # as above
            SQL("SELECT unnest(%s::int[])", joined + left), 'tier_id', 'segment_id')
        return result


class CustomerTier(models.Model):
    _name = 'customer.tier'
    _inherit = ['customer.tier', 'customer.complaint.rate']

    _customer_column = 'customer_tier_id'

    def unlink(self):
        self.env['customer.sla.policy']._drop_of('tier_id', self)
        return super().unlink()


class CustomerSegment(models.Model):
    _name = 'customer.segment'
    _inherit = ['customer.segment', 'customer.complaint.rate']

    _customer_column = 'customer_segment_id'

    def unlink(self):
        self.env['customer.sla.policy']._drop_of('segment_id', self)
        return super().unlink()


class CustomerDemandType(models.Model):
    _inherit = 'customer.demand.type'

    def unlink(self):
        self.env['customer.sla.policy']._drop_of('demand_type_id', self)
        return super().unlink()


class ResPartnerCategory(models.Model):
    _inherit = 'res.partner.category'

    def write(self, vals):
        """Customers may get a tag from its side, too."""
        before = self.partner_ids if 'partner_ids' in vals else self.env['res.partner']
        result = super().write(vals)
        if 'partner_ids' in vals:
            self.env['customer.case.replanner'].sudo()._replan_of(  # as above
                SQL("SELECT unnest(%s::int[])", (before | self.partner_ids).ids), 'category_id')
        return result

    def unlink(self):
        # those below go along
        self.env['customer.sla.policy']._drop_of('category_id', self.search([('id', 'child_of', self.ids)]))
        return super().unlink()
