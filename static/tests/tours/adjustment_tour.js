import { registry } from "@web/core/registry";

const area = (name) => `.o_form_view .o_field_widget[name=${name}] textarea`;
const status = (name) => `.o_form_view .o_statusbar_status button.o_arrow_button_current:contains('${name}')`;

/** STR-3: an account manager proposes to change a strategy, and submits it. */
registry.category("web_tour.tours").add("customer_success_propose_adjustment", {
    steps: () => [
        {
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "which strategy",
            trigger: ".o_form_view .o_field_widget[name=strategy_id] input",
            run: "click",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:not(:contains('Search')):not(:contains('Loading'))",
            run: "click",
        },
        {
            content: "it is filled in from the strategy",
            trigger: ".o_field_widget[name=kpi_ids] .o_data_row:contains('Tour KPI'):contains('80')",
        },
        {
            trigger: area("core_approach"),
            run: "edit Answer within a day",
        },
        {
            content: "the price changes",
            trigger: ".o_form_view .o_field_widget[name=kind_ids] input",
            run: "edit Price",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:contains('Price')",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=date] :is(input, button)",
            run: "click",
        },
        {
            trigger: ".o_datetime_picker .o_today",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=reason_id] input",
            run: "edit KPI missed",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:contains('KPI missed')",
            run: "click",
        },
        {
            trigger: area("reason"),
            run: "edit Satisfaction fell",
        },
        {
            trigger: area("root_cause"),
            run: "edit Slow answers",
        },
        {
            trigger: area("expected_effect"),
            run: "edit Satisfaction above 90",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=feasibility] .o_radio_item:contains('High') input",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_submit]",
            run: "click",
        },
        {
            content: "it waits for the team leader",
            trigger: ".o_form_view .alert:contains('Lena')",
        },
        {
            trigger: status("Submitted"),
        },
        {
            content: "who wrote it gets no button to approve it",
            trigger: ".o_form_view .o_statusbar_buttons:not(:has(button[name=action_approve]))",
        },
    ],
});

/** STR-3: the team leader finds what waits for her, and approves it. */
registry.category("web_tour.tours").add("customer_success_approve_adjustment", {
    steps: () => [
        {
            trigger: ".o_data_row:contains('Toured Tools') td[name=name]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_approve]",
            run: "click",
        },
        {
            trigger: status("Approved"),
        },
    ],
});

/** STR-3: the account manager tells the customer, and the new version begins. */
registry.category("web_tour.tours").add("customer_success_apply_adjustment", {
    steps: () => [
        {
            trigger: ".o_data_row:contains('Toured Tools') td[name=name]",
            run: "click",
        },
        {
            content: "not before the customer was told",
            trigger: ".o_form_view:has(.alert:contains('has to be told')):not(:has(button[name=action_apply]))",
        },
        {
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_inform]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Agreed to the new price",
        },
        {
            trigger: ".modal button[name=action_inform]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_form_view .o_statusbar_buttons button[name=action_apply]",
            run: "click",
        },
        {
            trigger: status("Applied"),
        },
        {
            content: "the new version is a click away",
            trigger: "button[name=action_open_new_strategy]",
        },
    ],
});
