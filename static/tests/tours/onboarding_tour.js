import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** LIF-1: the order of a new customer is confirmed. */
tours.add("customer_onboarding_sign", {
    steps: () => [
        {
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_confirm]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_statusbar_status .o_arrow_button_current:contains('Sales Order')",
        },
    ],
});

/** Tick an item of the onboarding with a note on how one knows. */
function tick(item, note) {
    return [
        {
            trigger: `.o_field_widget[name=item_ids] .o_data_row:contains('${item}') td[name=note]`,
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=item_ids] .o_selected_row [name=note] input",
            run: `edit ${note}`,
        },
        {
            trigger: `.o_field_widget[name=item_ids] .o_data_row:contains('${item}') button[name=action_tick]`,
            run: "click",
        },
        {
            trigger: `.o_field_widget[name=item_ids] .o_data_row:contains('${item}') td[name=state]:contains('Done')`,
        },
    ];
}

/** Note what hurts, in a line of the list. */
function note(name) {
    return [
        {
            trigger: ".o_field_widget[name=insight_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=insight_ids] .o_selected_row [name=name] input",
            run: `edit ${name}`,
        },
    ];
}

/** LIF-1, LIF-2: what keeps this customer from done, until nothing does. */
tours.add("customer_onboarding_done", {
    steps: () => [
        {
            content: "the list says what is missing",
            trigger: ".o_data_row:contains('Newcomer') td[name=missing]:contains('Key terms confirmed')",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=why]:contains('On track')",
        },
        {
            content: "pain points, one after the other",
            trigger: ".nav-link[name=pains]",
            run: "click",
        },
        ...note("Paper lists"),
        ...note("Slow answers"),
        ...note("No figures"),
        {
            trigger: ".nav-link[name=items]",
            run: "click",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "three pain points are on file",
            trigger: ".o_data_row:contains('Three pain points') td[name=state]:contains('Done')",
        },
        ...tick("Key terms confirmed", "By phone"),
        ...tick("First call", "With the plant manager"),
        ...tick("Contract annexes signed", "On paper"),
        ...tick("Problems solved", "There were none"),
        ...tick("Needs collected", "See the minutes"),
        ...tick("Emails of two decision makers", "In the contract"),
        {
            content: "nothing that is required is missing",
            trigger: ".o_form_view .o_statusbar_status .o_arrow_button_current:contains('Done')",
        },
    ],
});
