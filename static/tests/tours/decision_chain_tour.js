import { registry } from "@web/core/registry";

/** Choose a value of a selection in the dialog. */
function choose(field, label) {
    return [
        {
            trigger: `.modal .o_field_widget[name=${field}] input`,
            run: "click",
        },
        {
            trigger: `.o_select_menu_item:contains('${label}')`,
            run: "click",
        },
    ];
}

/** Fill in the dialog of a seat, and save it. */
function seat(role, person, more = []) {
    return [
        {
            trigger: ".o_customer_add_seat",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=role_id] input",
            run: `edit ${role}`,
        },
        {
            trigger: `.o-autocomplete--dropdown-item a:contains('${role}')`,
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=person_id] input",
            run: `edit ${person}`,
        },
        {
            trigger: `.o-autocomplete--dropdown-item a:contains('${person}')`,
            run: "click",
        },
        ...more,
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: `body:not(:has(.modal)) .o_customer_seat:contains('${role}'):contains('${person}')`,
        },
    ];
}

/** PRO-3, PRO-4: the decision chain of a new customer is filled in, its gap closes, and a competitor is noted. */
registry.category("web_tour.tours").add("customer_decision_chain", {
    steps: () => [
        {
            trigger: ".nav-link[name=customer_success]",
            run: "click",
        },
        {
            content: "the gap is named",
            trigger: ".o_customer_chain .badge:contains('Decision maker unknown')",
        },
        ...seat("Decision maker", "Ada", [
            ...choose("attitude", "Supporter"),
            ...choose("known_by", "Said so themselves"),
        ]),
        {
            content: "who decides is known; what the card says",
            trigger:
                ".o_customer_chain:not(:has(.badge:contains('Decision maker unknown'))) .o_customer_seat:contains('Supporter'):contains('Said so themselves')",
        },
        ...seat("Finance", "Bob"),
        {
            content: "a competitor is noted, by typing its name",
            trigger: ".o_customer_note_insight",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=kind] .btn:contains('Competitor')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=name] input",
            run: "edit Offers less",
        },
        {
            trigger: ".modal .o_field_widget[name=competitor_id] input",
            run: "edit Tour Rival",
        },
        {
            trigger:
                ".o-autocomplete--dropdown-item:contains('Create \"Tour Rival\"') a, .o-autocomplete--dropdown-item a:contains('Create')",
            run: "click",
        },
        {
            trigger:
                ".modal .o_field_widget[name=threat] input[data-value='3'], .modal .o_field_widget[name=threat] label:contains('High')",
            run: "click",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "it stands among what is open, and is settled with a click",
            trigger:
                ".o_customer_panel_insight:contains('Tour Rival'):contains('threat: High') button:contains('Settle')",
            run: "click",
        },
        {
            trigger: ".o_customer_insights:not(:has(.o_customer_panel_insight))",
        },
    ],
});
