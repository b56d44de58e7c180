import { registry } from "@web/core/registry";

/** HEA-2: a contact's score fell; its tab says why and what to say; the same opens as a dialog from a list. */
registry.category("web_tour.tours").add("customer_success_health_why", {
    steps: () => [
        {
            content: "the tab Health",
            trigger: ".nav-link[name=customer_health]",
            run: "click",
        },
        {
            content: "the score, and how much it fell",
            trigger: ".o_customer_health_head:contains('72'):contains('Watch'):contains('20 points less in 30 days')",
        },
        {
            content: "why: the measure that fell, with before and now",
            trigger:
                ".o_customer_health_term[data-kind=measure]:contains('−20'):contains('Orders stands at 40; before: Orders stands at 90')",
        },
        {
            content: "the terms add up",
            trigger: ".o_customer_health_sum:contains('−20'):contains('from 92 to 72')",
        },
        {
            content: "what to say",
            trigger: ".o_customer_health_say:contains('Ask about the next order.')",
        },
        {
            content: "earned points",
            trigger: ".o_customer_health_measure[data-measure=Orders]:contains('16 of 40')",
        },
        {
            content: "the chart, with the changes of the rules below it",
            trigger:
                ".o_customer_health_history:has(canvas) .o_customer_health_marks:contains('Orders weighs 40 (before: 20)')",
        },
        {
            content: "the last week only",
            trigger: ".o_customer_health_change .btn:contains('7 days')",
            run: "click",
        },
        {
            trigger: ".o_customer_health_head:contains('in 7 days')",
        },
        {
            content: "its history",
            trigger: ".o_customer_health_history button:contains('All of its history')",
            run: "click",
        },
        {
            content: "four stretches; the score of one of them",
            trigger: ".o_data_row:contains('Falling Ltd'):contains('72.0') button[name=action_why]",
            run: "click",
        },
        {
            content: "the same as a dialog",
            trigger: ".modal .o_customer_health_panel .o_customer_health_sum:contains('−20')",
        },
        {
            trigger: ".modal .btn-close",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_list_view",
        },
    ],
});

/** HEA-1: a weight is changed on the scorecard; the preview says what it would do before anything is saved. */
registry.category("web_tour.tours").add("customer_success_health_preview", {
    steps: () => [
        {
            content: "as it is, nothing would change",
            trigger:
                ".o_customer_health_preview:contains('All customers whose health is measured: 2.') .o_customer_health_preview_same",
        },
        {
            content: "the weight of the orders",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains('Orders') td[name=weight]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=line_ids] .o_selected_row .o_field_widget[name=weight] input",
            run: "edit 900 && press Tab",
        },
        {
            content: "one customer would be at risk",
            trigger:
                ".o_customer_health_preview:contains('Customers who would get another score: 1 of 2') [data-band=risk]:contains('1')",
        },
        {
            content: "it is named, with the score now and then",
            trigger: ".o_customer_health_preview tr:contains('Falling Ltd'):contains('72'):contains('43')",
        },
        {
            content: "not like this",
            trigger: ".o_form_button_cancel",
            run: "click",
        },
        {
            trigger:
                ".o_form_saved .o_customer_health_preview_same, .o_form_view:not(:has(.o_form_dirty)) .o_customer_health_preview_same",
        },
    ],
});
