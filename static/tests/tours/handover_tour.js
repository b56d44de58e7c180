import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** PRO-7: the leader gives a customer to somebody else, after a look at what moves along. */
tours.add("customer_success_handover", {
    steps: () => [
        {
            trigger: ".o_form_view .nav-link:contains('Relationship')",
            run: "click",
        },
        {
            trigger: "button[name=action_customer_handover]",
            run: "click",
        },
        {
            content: "what is open is counted",
            trigger: ".modal .o_field_widget[name=preview]:contains('Agreed next steps')",
        },
        {
            trigger: ".modal .o_field_widget[name=user_id] input",
            run: "edit Ben",
        },
        {
            trigger: ".modal .o_field_widget[name=user_id] .dropdown-item:contains('Ben')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit New region",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "it stands on the customer",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name=customer_handover_ids] .o_data_row:contains('New region')",
        },
    ],
});

/** PRO-7: the new account manager reads the sheet, promises first. */
tours.add("customer_success_handover_sheet", {
    steps: () => [
        {
            trigger: ".o_field_widget[name=sheet] h5:first:contains('Promised')",
        },
        {
            trigger: ".o_field_widget[name=sheet] td:contains('Send the sample of Handed Ltd')",
        },
        {
            trigger: ".o_field_widget[name=moved_text]:contains('Agreed next steps: 1')",
        },
    ],
});
