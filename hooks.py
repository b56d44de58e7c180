"""What has to happen once, when the addon comes and when it goes."""

from odoo.tools import SQL

#: A database with so many contacts or orders is looked at by a scheduled action, not within the installation.
LARGE = 20000

#: What holds on to the rules of the life cycle, and those that hold on to others.
OF_THE_LIFECYCLE = (
    'customer_match', 'customer_supply', 'customer_advice_given', 'customer_referral', 'customer_referral_program',
    'customer_loss', 'customer_loss_reason', 'customer_stage_change', 'customer_stage_condition', 'customer_stage_rule')

#: What holds on to rules, in the order in which it goes.
TABLES = (
    'customer_import_row', 'customer_import_column', 'customer_import_question', 'customer_import_option', 'customer_import',
    'customer_import_profile', 'customer_import_word',
    'customer_insight', 'customer_competitor', 'customer_seat_term', 'customer_seat', 'customer_contact_role',
    'customer_person_change',
    'customer_onboarding_item', 'customer_onboarding', 'customer_onboarding_plan_item', 'customer_onboarding_plan',
    'customer_mood_hit', 'customer_mood_word', 'customer_feedback_hit', 'customer_feedback', 'customer_feedback_request',
    'customer_survey', *OF_THE_LIFECYCLE,
    'customer_case_clock', 'customer_case_pause', 'customer_case_node', 'customer_case', 'customer_sla_policy',
    'customer_case_cause',
    'customer_review_decision', 'customer_review_line', 'customer_review', 'customer_review_plan',
    'customer_strategy_adjustment_kpi', 'customer_strategy_adjustment', 'customer_strategy_milestone',
    'customer_strategy_kpi', 'customer_strategy', 'customer_strategy_template', 'customer_strategy_grade',
    'customer_kpi', 'customer_adjustment_kind', 'customer_adjustment_reason', 'customer_warning',
    'customer_warning_rule', 'customer_warning_plan_line', 'customer_warning_plan', 'customer_action_rule',
    'customer_offer', 'customer_offer_pair', 'customer_offer_trial',
    'customer_value', 'customer_value_history', 'customer_influence', 'customer_value_component', 'customer_value_dimension',
    'customer_health_snapshot', 'customer_health_override', 'customer_health_rules', 'customer_health_scorecard',
    'customer_health_cap', 'customer_health_measure', 'customer_pulse', 'customer_reading', 'customer_rhythm',
    'customer_churn_fit', 'customer_care_expense', 'customer_care_budget', 'customer_care_guest',
    'customer_care_event', 'customer_care_event_kind', 'customer_contact_date', 'customer_meeting', 'customer_followup',
    'customer_greeting',
    'customer_potential_change', 'customer_potential_answer', 'customer_potential', 'customer_potential_band',
    'customer_potential_factor', 'customer_occasion', 'customer_pause', 'customer_segment_change', 'customer_segment_rule',
    'customer_approach', 'customer_contact_rule',
    'customer_occasion', 'customer_pause', 'customer_path', 'customer_path_condition', 'customer_path_rule',
    'customer_target_value', 'customer_target', 'customer_segment_change', 'customer_segment_rule', 'customer_approach',
    'customer_contact_rule',
    'customer_assignment', 'customer_assignment_rule', 'customer_expertise',
    'customer_handover', 'customer_duplicate', 'customer_duplicate_key', 'customer_tier_change', 'customer_needs_grade_change',
    'customer_preset_change', 'customer_preset_line', 'customer_preset',
    'customer_cadence_outcome', 'customer_cadence_step', 'customer_health_median',
)


def pre_init_hook(env):
    """Add the columns that a full table of contacts would be written for, or read to the end again and again."""
    env.cr.execute(
        # a default that comes with the column costs nothing; Odoo's own would write every contact
        """ALTER TABLE res_partner ADD COLUMN IF NOT EXISTS customer_enrolment varchar NOT NULL DEFAULT 'auto',
                                   ADD COLUMN IF NOT EXISTS customer_managed boolean;
           ALTER TABLE res_partner ALTER COLUMN customer_enrolment DROP DEFAULT""")
    # nobody is a customer yet: PostgreSQL knows only after it has counted, and each rule that is loaded asks for its customers
    env.cr.execute("ANALYZE res_partner (customer_managed)")


def post_init_hook(env):
    """Find the customers in the data that is already there, rank them, measure their health and plan their first round.

    Where there are many, they are found and numbered; the rest is done by scheduled actions, so that the server is there for
    everybody again.
    """
    clock = env['customer.clock']  # whoever installs, the day is that of the company
    env = env(context={**env.context, 'tz': clock._zone(clock._main_company())})
    [[large]] = env.execute_query(SQL(
        """SELECT EXISTS (SELECT FROM sale_order OFFSET %(large)s) OR EXISTS (SELECT FROM res_partner OFFSET %(large)s)""",
        large=LARGE))
    if large:
        env['customer.first.look']._begin()
        return
    env['customer.ranking']._refresh_all()
    env['customer.churn']._refresh_rhythm()
    env['customer.churn']._fit()
    env['customer.health.refresh']._refresh()
    env['customer.offer.keeper']._refresh()
    env['customer.value.refresh']._refresh()
    env['customer.stager']._refresh()
    env['customer.path.keeper']._refresh()
    env['customer.calendar.keeper']._refresh_all()
    env['customer.planner']._work_queue()
    env['customer.strategy.measurer']._measure(env['customer.strategy'].search([('state', '!=', 'draft')]))


def uninstall_hook(env):
    """Take along what only makes sense with the addon and what Odoo's uninstall does not find by itself.

    The rows that hold on to rules (a follow-up to its cadence, a customer to its tier) go first, so that Odoo can delete
    the rules one by one.
    """
    env['mail.activity'].with_context(active_test=False).search([
        ('res_model', 'in', [
            name for name in env.registry if name.startswith('customer.') and 'activity_ids' in env[name]._fields])]).unlink()
    # those about no record in particular
    types = env['ir.model.data'].search([('module', '=', 'customer_success'), ('model', '=', 'mail.activity.type')])
    env['mail.activity'].with_context(active_test=False).search([
        ('activity_type_id', 'in', types.mapped('res_id'))]).unlink()
    env['ir.sequence'].with_context(active_test=False).search([('code', '=', 'customer.case')]).unlink()
    env.flush_all()
    env['customer.contact.date']._unfollow()
    env.cr.execute(
        """UPDATE res_partner
              SET customer_tier_id = NULL, customer_tier_manual_id = NULL, customer_segment_id = NULL,
                  customer_cadence_id = NULL, customer_demand_type_id = NULL, customer_culture_manual_id = NULL,
                  customer_stage_id = NULL, customer_stage_manual_id = NULL
            WHERE customer_tier_id IS NOT NULL OR customer_tier_manual_id IS NOT NULL
               OR customer_segment_id IS NOT NULL OR customer_cadence_id IS NOT NULL
               OR customer_demand_type_id IS NOT NULL OR customer_culture_manual_id IS NOT NULL
               OR customer_stage_id IS NOT NULL OR customer_stage_manual_id IS NOT NULL""")
    env.cr.execute(
        """UPDATE crm_lead
              SET customer_urgency_id = NULL, customer_importance_id = NULL, customer_fit_id = NULL,
                  customer_grade_id = NULL, customer_grade_manual_id = NULL
            WHERE customer_urgency_id IS NOT NULL OR customer_importance_id IS NOT NULL OR customer_fit_id IS NOT NULL
               OR customer_grade_id IS NOT NULL OR customer_grade_manual_id IS NOT NULL""")
    for table in TABLES:
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
    env.invalidate_all()
    sequences = env['ir.sequence'].search([('code', 'in', ('customer_success.number', 'customer_success.adjustment'))])
    sequences.date_range_ids.unlink()
    sequences.unlink()
    env['ir.config_parameter'].search([('key', '=like', 'customer_success.%')]).unlink()
