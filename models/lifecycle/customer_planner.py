from odoo import api, models
from odoo.tools import SQL, ormcache


class CustomerPlanner(models.AbstractModel):
    """The cadence that is meant for the stage of a customer: after its own, before that of its segment (LIF-3, CAD-1)."""

    _inherit = 'customer.planner'

    @api.model
    def _standing_cadence_sql(self, candidate=None):
        super()._standing_cadence_sql(candidate)
        rules = self._stage_rules_with(candidate) if candidate else self._stage_rules()
        if not rules:
            return SQL("NULL::int"), SQL("NULL::date"), SQL()
        return SQL("stage_rule.cadence_id"), SQL("p.customer_stage_since"), SQL(
            """LEFT JOIN (VALUES %(rules)s) AS stage_rule (company_id, stage_id, cadence_id)
                      ON stage_rule.company_id = %(company)s AND stage_rule.stage_id = p.customer_stage_id""",
            company=self._company_sql(),
            rules=SQL(", ").join(SQL("(%s::int, %s::int, %s::int)", *row) for row in rules))

    @api.model
    @ormcache()
    def _stage_rules(self):
        return self._stage_rules_with(None)

    @api.model
    def _stage_rules_with(self, candidate):
        """Return which cadence is for which stage, as rows of company id, stage id and cadence id.

        :param candidate: see ``_cadence_of_customer_sql``
        """
        rules = {}
        for company, fitting in self._cadences_by_company(candidate).items():
            for cadence in fitting:
                # customers stay in an archived stage until they are placed anew
                for stage in cadence.with_context(active_test=False).stage_ids:
                    rules.setdefault((company.id, stage.id), cadence.id)
        return [(*key, cadence_id) for key, cadence_id in rules.items()]

    @api.model
    def _explain_cadence_by(self, by, partner, cadence):
        if by != 'standing':
            return super()._explain_cadence_by(by, partner, cadence)
        return self.env._(
            "By the cadence “%(cadence)s”, meant for the stage %(stage)s.", cadence=cadence.name,
            stage=partner.customer_stage_id.name)

    # ------------------------------------------------------------
    # ONBOARDINGS
    #
    # Who is being onboarded follows the cadence of the plan beside its own (LIF-1).
    # ------------------------------------------------------------

    @api.model
    def _beside(self, partner_ids=None):
        parts = super()._beside(partner_ids)
        if not self.env['customer.onboarding.plan']._has_any():
            return parts
        only = SQL("AND o.partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        return [*parts, SQL(
            """SELECT o.partner_id, p.cadence_id, o.date_start AS since
                 FROM customer_onboarding o JOIN customer_onboarding_plan p ON p.id = o.plan_id
                WHERE o.state = 'running' AND p.cadence_id IS NOT NULL %s""", only)]
