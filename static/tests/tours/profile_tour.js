import { registry } from "@web/core/registry";

/** Type into a field, a line or a text. */
function type(field, text, inside = "") {
    return {
        trigger: `${inside} .o_field_widget[name=${field}] :is(input, textarea)`,
        run: `edit ${text}`,
    };
}

/** Choose a record by its name: from a list under the field, on a phone from one that fills the screen. */
function choose(field, name, phone) {
    if (phone) {
        return [
            {
                trigger: `.o_field_widget[name=${field}] input`,
                run: "click",
            },
            {
                trigger: `.modal .o_kanban_record:contains('${name}')`,
                run: "click",
            },
        ];
    }
    return [
        type(field, name),
        {
            trigger: `.o-autocomplete--dropdown-item a:contains('${name}')`,
            run: "click",
        },
    ];
}

/** PRO-2: a new customer is filled in until nothing is missing. */
function steps(phone) {
    return [
        {
            trigger: ".o-kanban-button-new",
            run: "click",
        },
        type("name", "Pier Nine", ".o_form_view"),
        {
            content: "it may be saved with little",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".nav-link[name=customer_success]",
            run: "click",
        },
        {
            content: "what is missing is named",
            trigger:
                ".o_customer_panel .alert:contains('Industry'):contains('Phone of the contact person'):contains('Initial needs')",
        },
        ...choose("customer_source_id", "Harbour fair", phone),
        type("customer_needs", "A quay for two ships"),
        {
            trigger: ".nav-link[name=contact_addresses]",
            run: "click",
        },
        {
            trigger:
                ".o-kanban-button-new, .o_field_x2many_kanban .o_field_x2many_kanban_add, button:contains('Add Contact')",
            run: "click",
        },
        type("name", "Ada Pier", ".modal"),
        type("function", "Harbour master", ".modal"),
        type("email", "ada@pier-nine.example", ".modal"),
        type("phone", "+49 40 37501234", ".modal"),
        {
            trigger: ".modal .o_form_button_save, .modal .btn-primary:contains('Save')",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_kanban_record:contains('Ada Pier')",
        },
        {
            trigger: ".nav-link[name=sales_purchases]",
            run: "click",
        },
        ...choose("industry_id", "Transportation", phone),
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved",
        },
        {
            trigger: ".nav-link[name=customer_success]",
            run: "click",
        },
        {
            content: "nothing is missing any more",
            trigger: ".o_customer_panel:not(:has(.alert-warning)) .o_customer_chain",
        },
    ];
}

registry
    .category("web_tour.tours")
    .add("customer_success_new_customer", { steps: () => steps(false) })
    .add("customer_success_new_customer_on_a_phone", { steps: () => steps(true) });
