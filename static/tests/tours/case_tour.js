import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** Log a contact from the case, with what the customer said about the solution. */
function ask(answer, said, after) {
    return [
        {
            content: "ask the customer",
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_log]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=feedback] textarea",
            run: `edit ${said}`,
        },
        {
            trigger: `.modal .o_field_widget[name=outcome] .btn:contains('${answer}')`,
            run: "click",
        },
        {
            content: "the dialog says what the answer does",
            trigger: `.modal .o_field_widget[name=effect]:contains('${after}')`,
        },
        {
            trigger: ".modal button[name=action_done]",
            run: "click",
        },
    ];
}

/** SRV-1: a complaint on the phone becomes a case with what was typed, and stands on the customer. */
tours.add("customer_case_call", {
    steps: () => [
        {
            trigger: ".o_customer_strip button[name=action_customer_log]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=channel_id] .btn:contains('Call')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=feedback] textarea",
            run: "edit Crates broken, the third time",
        },
        {
            trigger: ".modal .o_field_widget[name=outcome] .btn:contains('Has a problem')",
            run: "click",
        },
        {
            content: "a case is proposed",
            trigger: ".modal .o_field_widget[name=open_case] input:checked",
        },
        {
            trigger: ".modal .o_field_widget[name=case_name] input",
            run: "edit Crates broken",
        },
        {
            trigger: ".modal button[name=action_done]",
            run: "click",
        },
        {
            content: "it stands under the name of the customer",
            trigger:
                "body:not(:has(.modal)) .o_customer_strip_cases:contains('Open complaint'):contains('Crates broken')",
        },
    ],
});

tours.add("customer_case_solve", {
    steps: () => [
        {
            content: "the deadline says how it adds up",
            trigger: ".o_customer_case_clocks .o_data_row:contains('Solution'):contains('8 h')",
        },
        {
            trigger: ".o_form_view button[name=action_solve]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=solution] textarea",
            run: "edit New crates sent",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "the revisit has its own deadline",
            trigger:
                "body:not(:has(.modal)) .o_customer_case_clocks .o_data_row:contains('Revisit'):contains('Running')",
        },
    ],
});

tours.add("customer_case_unhappy", {
    steps: () => [
        {
            content: "it can't be closed before the customer was asked",
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_close]",
            run: "click",
        },
        {
            trigger: ".modal:contains('nobody has asked the customer') .modal-footer button",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        ...ask("Has a problem", "Two are broken again", "Reopens the case"),
        {
            content: "it is worked on again",
            trigger: "body:not(:has(.modal)) .o_form_view .o_arrow_button_current:contains('Being worked on')",
        },
    ],
});

tours.add("customer_case_happy", {
    steps: () => [
        ...ask("Satisfied", "All whole", "Closes the case"),
        {
            trigger: "body:not(:has(.modal)) .o_form_view .o_arrow_button_current:contains('Closed')",
        },
    ],
});

/** SRV-2: a case is offered to a colleague, and taken. */
tours.add("customer_case_hand_over", {
    steps: () => [
        {
            trigger: ".o_form_view button[name=action_hand_over]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=user_id] input",
            run: "edit Ben",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Ben')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=note] input",
            run: "edit Speaks Dutch",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .alert:contains('Offered to Ben')",
        },
    ],
});

tours.add("customer_case_accept", {
    steps: () => [
        {
            trigger: ".alert:contains('Speaks Dutch')",
        },
        {
            trigger: ".o_form_view button[name=action_accept]",
            run: "click",
        },
        {
            trigger: ".o_form_view:not(:has(button[name=action_accept])) button[name=action_hand_over]",
        },
    ],
});
