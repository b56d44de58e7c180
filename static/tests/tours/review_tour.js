import { registry } from "@web/core/registry";

/** STR-5: an account manager drafts the monthly summary, decides something, makes it a follow-up, and is done. */
registry.category("web_tour.tours").add("customer_success_monthly_summary", {
    steps: () => [
        {
            content: "the own summary stands in the list",
            trigger: ".o_data_row:contains('Monthly summary'):contains('Anna') td[name=name]",
            run: "click",
        },
        {
            content: "let the data speak",
            trigger: ".o_form_view button[name=action_draft_lines]:contains('Draft from the data')",
            run: "click",
        },
        {
            content: "what went well is written down",
            trigger: ".o_field_widget[name=success_ids] .o_data_row:contains('Summary Works: warning')",
        },
        {
            content: "decide what to do",
            trigger: ".o_notebook .nav-link:contains('Decisions')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=decision_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=decision_ids] .o_selected_row div[name=name] input",
            run: "edit Thank them",
        },
        {
            trigger: ".o_field_widget[name=decision_ids] .o_selected_row div[name=partner_id] input",
            run: "edit Summary Works",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:contains('Summary Works')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=decision_ids] .o_selected_row div[name=becomes] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains('Follow-up')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=decision_ids] .o_selected_row div[name=date] :is(input, button)",
            run: "click",
        },
        {
            content: "today will do",
            trigger: ".o_datetime_picker .o_today",
            run: "click",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "make it a follow-up",
            trigger: ".o_field_widget[name=decision_ids] .o_data_row:contains('Thank them') button[name=action_create]",
            run: "click",
        },
        {
            content: "it is one",
            trigger: ".o_form_view .o_last_breadcrumb_item:contains('Summary Works: Thank them')",
        },
        {
            content: "back to the summary",
            trigger: ".breadcrumb-item a:contains('Monthly summary')",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_done]",
            run: "click",
        },
        {
            content: "nothing changes any more",
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_reopen]",
        },
    ],
});
