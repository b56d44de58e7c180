import { registry } from "@web/core/registry";

/** HEA-3: an account manager sees a red warning, takes it on, does the first step, and closes it with its outcome. */
registry.category("web_tour.tours").add("customer_success_work_warning", {
    steps: () => [
        {
            content: "what happened stands in the list",
            trigger:
                ".o_data_row:contains('Worried Works'):contains('Red'):contains('Health fell from 60 to 43, below 50') td[name=reason]",
            run: "click",
        },
        {
            content: "take it on: one click",
            trigger: ".o_form_view button[name=action_take_on]",
            run: "click",
        },
        {
            content: "the steps of the plan are follow-ups now",
            trigger: ".o_field_widget[name=followup_ids] .o_data_row:contains('Call and ask how things are going')",
        },
        {
            content: "do the first one",
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_log]:contains('Log a contact')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=feedback] textarea",
            run: "edit Two late deliveries, sorted out",
        },
        {
            trigger: ".modal button[name=action_done]",
            run: "click",
        },
        {
            content: "it is done",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name=followup_ids] .o_data_row:contains('Two late deliveries'):contains('Done')",
        },
        {
            content: "close the warning",
            trigger: ".o_form_view button[name=action_solved]",
            run: "click",
        },
        {
            content: "solved is chosen",
            trigger: ".modal .o_field_widget[name=outcome] .o_radio_item:contains('Solved') input:checked",
        },
        {
            trigger: ".modal .o_field_widget[name=note] input",
            run: "edit New delivery dates agreed",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "with its outcome",
            trigger: "body:not(:has(.modal)) .o_field_widget[name=outcome]:contains('Solved')",
        },
        {
            content: "back to the list",
            trigger: ".o_back_button",
            run: "click",
        },
        {
            content: "it is off the list",
            trigger: ".o_list_view:not(:has(.o_data_row:contains('Worried Works')))",
        },
    ],
});
