from odoo import api, fields, models

from ..platform.counted import plural


class CustomerSegment(models.Model):
    """A class of customers by what they are worth and how likely they are lost: value × risk (SEG-4)."""

    _name = 'customer.segment'
    _inherit = ['customer.place']
    _description = "Customer Segment"

    description = fields.Text(translate=True, help="What distinguishes these customers, and how they are looked after.")
    rule_ids = fields.One2many(
        comodel_name='customer.segment.rule', inverse_name='segment_id', string="Who Belongs Here", copy=True)

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a segment with this name.")

    @api.model
    def _kind(self):
        return 'segment'

    @api.model
    def _placer(self):
        return self.env['customer.segmenter']

    @api.model
    def _refresh_cron(self):
        return 'customer_success.ir_cron_refresh'

    def _describe_in_use(self, count):
        return self.env._(
            "There are customers in the segment %(segment)s (%(count)s), or were once. Archive it instead: its customers "
            "go where the other rules put them, and the history stays.", count=count, segment=self.name)

    @api.model
    def _describe_changed(self, changed, total, moves):
        if not changed:
            return self.env._("no customer of %(total)s is in another segment.", total=total)
        return plural(
            changed, self.env._("one customer of %(total)s is in another segment (%(moves)s).", total=total, moves=moves),
            self.env._("%(changed)s customers of %(total)s are in another segment (%(moves)s).",
                       changed=changed, total=total, moves=moves))
