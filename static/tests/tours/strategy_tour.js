import { registry } from "@web/core/registry";

const KPI = ".o_field_widget[name=kpi_ids] .o_data_row:contains('Complaint Rate')";

/** STR-1: a strategy by the template of the customer's segment, started; a value entered by hand, a milestone reached. */
registry.category("web_tour.tours").add("customer_success_strategy", {
    steps: () => [
        {
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=partner_id] input",
            run: "edit Steady Works",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Steady Works')",
            run: "click",
        },
        {
            content: "the template of the segment says what is done, and by what one sees whether it works",
            trigger: ".o_field_widget[name=core_approach] textarea:value('sign of life every quarter')",
        },
        {
            trigger: KPI,
        },
        {
            trigger: "button[name=action_start]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains('Running')",
        },
        {
            content: "what nobody has reported yet is not known, and not 0",
            trigger: `${KPI} td[name=actual]:contains('–')`,
            run: "click",
        },
        {
            content: "no complaint at all",
            trigger: `${KPI} td[name=actual] input`,
            run: "edit 0",
        },
        {
            content: "it is measured where cases are kept: a value by hand says where it comes from",
            trigger: `${KPI} td[name=note] input`,
            run: "edit Asked on the phone",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: `.o_form_saved ${KPI} td[name=actual]:contains('0 %') .fa-pencil`,
        },
        {
            content: "a milestone is reached",
            trigger: ".o_field_widget[name=milestone_ids] .o_data_row td[name=is_done] .o_boolean_toggle input",
            run: "click",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved .o_field_widget[name=milestone_ids] td[name=is_done] input:checked",
        },
    ],
});
