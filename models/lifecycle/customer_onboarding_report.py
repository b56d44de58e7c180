from odoo import fields, models
from odoo.tools import SQL


class CustomerOnboardingReport(models.Model):
    """The targets of onboardings, as they were met: a row for each onboarding and item with a target (LIF-2).

    The denominator: onboardings that were not closed unfinished, of which the item is done or its time is over. So nobody is
    counted as failed who still has time, and what was cancelled is nobody's failure.
    """

    _name = 'customer.onboarding.report'
    _description = "Targets of Onboardings"
    _auto = False
    _order = 'date_start desc, id desc'
    _rec_name = 'onboarding_id'
    _depends = {
        'customer.onboarding': ['partner_id', 'user_id', 'company_id', 'plan_id', 'date_start', 'state'],
        'customer.onboarding.item': ['onboarding_id', 'plan_item_id', 'due_at', 'done_at'],
        'customer.onboarding.plan.item': ['target_percent', 'sequence'],
    }

    onboarding_id = fields.Many2one(comodel_name='customer.onboarding', string="Of Which Onboarding", readonly=True)
    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", readonly=True)
    user_id = fields.Many2one(comodel_name='res.users', string="Owner", readonly=True)
    company_id = fields.Many2one(comodel_name='res.company', readonly=True)
    plan_id = fields.Many2one(comodel_name='customer.onboarding.plan', readonly=True)
    plan_item_id = fields.Many2one(comodel_name='customer.onboarding.plan.item', string="Measured Item", readonly=True)
    date_start = fields.Date(string="Started On", readonly=True)
    counted = fields.Integer(
        string="Done or Due (n)", readonly=True, aggregator='sum',
        help="Onboardings that were not closed unfinished, of which the item is done or its time is over.")
    reached = fields.Float(
        string="Reached (%)", readonly=True, aggregator='avg', digits=(16, 1), help="Of those that are counted, done at all.")
    in_time = fields.Float(
        string="In Time (%)", readonly=True, aggregator='avg', digits=(16, 1), help="Of those that are counted, done when due.")
    target = fields.Float(string="Wanted (%)", readonly=True, aggregator='avg', digits=(16, 1))

    @property
    def _table_query(self):
        return SQL(
            """SELECT i.id, o.id AS onboarding_id, o.partner_id, o.user_id, o.company_id, o.plan_id, i.plan_item_id, o.date_start,
                      1 AS counted, CASE WHEN i.done_at IS NULL THEN 0.0 ELSE 100.0 END AS reached,
                      CASE WHEN i.done_at <= i.due_at THEN 100.0 ELSE 0.0 END AS in_time, t.target_percent AS target
                 FROM customer_onboarding_item i
                 JOIN customer_onboarding o ON o.id = i.onboarding_id
                 JOIN customer_onboarding_plan_item t ON t.id = i.plan_item_id
                WHERE t.target_percent > 0 AND o.state <> 'cancelled' AND (i.done_at IS NOT NULL OR i.due_at < %s)""",
            fields.Datetime.now())
