import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const step = (code) => `.o_customer_first_step[data-code=${code}]`;
const backToTheDay = [
    {
        content: "back to the day",
        trigger: ".o_breadcrumb .o_back_button, .o_breadcrumb a:contains('My Day')",
        run: "click",
    },
];

/** PLT-5: a company without anything gets a customer, a preset and its first planned follow-up. */
tours.add("customer_success_first_steps", {
    steps: () => [
        {
            content: "nothing is done, and the first step is the next",
            trigger: `.o_customer_first_steps:has(.o_customer_first_steps_count:contains('0 / 7')) ${step("customers")} .btn-primary`,
            run: "click",
        },
        {
            trigger: ".o_control_panel .o-kanban-button-new, .o_control_panel .o_list_button_add, .o_kanban_button_new",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=name] :is(input, textarea)",
            run: "edit Tour Trading",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved, .o_form_view:not(:has(.o_form_dirty))",
        },
        {
            trigger: ".o_breadcrumb .o_back_button, .o_breadcrumb a:contains('Customers')",
            run: "click",
        },
        {
            trigger: ".o_kanban_view:contains('Tour Trading')",
        },
        ...backToTheDay,
        {
            content: "the customer counts, the preset comes next",
            trigger: `${step("customers")}.o_customer_first_step_done:contains('1 customer')`,
        },
        {
            trigger: `${step("preset")} .btn-primary`,
            run: "click",
        },
        {
            trigger: ".o_kanban_record:contains('3 + 2') button[name=action_preview]",
            run: "click",
        },
        {
            content: "it says what would be done, and how much work it is",
            trigger: ".modal .o_customer_preset_moved:contains('1 of 1 customer')",
        },
        {
            trigger: ".modal .o_customer_preset_load:contains('Maya')",
        },
        {
            trigger: ".modal button[name=action_apply]:contains('Apply')",
            run: "click",
        },
        {
            content: "what was written stands there, with the way back",
            trigger: ".o_form_view button[name=action_take_back]",
        },
        {
            trigger: ".o_breadcrumb .o_back_button, .o_breadcrumb a:contains('Fits My Business')",
            run: "click",
        },
        {
            trigger: ".o_kanban_record:contains('3 + 2'):contains('In force')",
        },
        ...backToTheDay,
        {
            content: "the first planned follow-up",
            trigger: `${step("preset")}.o_customer_first_step_done:contains('3 + 2')`,
        },
        {
            trigger: `${step("followup")}.o_customer_first_step_done:contains('Tour Trading')`,
        },
        {
            content: "the next one is said",
            trigger: `${step("people")} .btn-primary`,
        },
        {
            trigger: ".o_customer_first_steps_away",
            run: "click",
        },
        {
            trigger: ".o_customer_day_page:not(:has(.o_customer_first_steps))",
        },
    ],
});

const QUESTIONS = [
    "Who is a customer?",
    "How do we rank them?",
    "How often do we get in touch?",
    "What about cultures and holidays?",
    "How fast do we answer?",
    "What is a healthy customer?",
    "Who approves a change of strategy?",
    "What is sent automatically?",
];

/** What people type, and the setting they look for. */
const LOOKED_FOR = {
    ABC: "customer_success_presets",
    "remind before": "customer_success_promises",
    "gift register": "customer_success_gift_limits",
};

/** PLT-5: eight questions, each setting found by the words that people use, and the first steps come back. */
tours.add("customer_success_settings", {
    steps: () => [
        {
            trigger: ".o_setting_container .o_customer_first_steps",
            run() {
                const titles = [...document.querySelectorAll(".app_settings_block h2:not(.o_customer_first_steps h2)")];
                const found = titles.map((title) => title.textContent.trim());
                if (found.join() !== QUESTIONS.join()) {
                    throw new Error(`The questions are ${found.join()}`);
                }
            },
        },
        ...Object.entries(LOOKED_FOR).flatMap(([words, id]) => [
            {
                content: `look for ${words}`,
                trigger: ".o_searchview_input",
                run: `edit ${words}`,
            },
            {
                trigger: `#${id}.o_searchable_setting, .o_searchable_setting:has(#${id}), [id=${id}]`,
            },
            {
                content: "what does not fit is gone",
                trigger:
                    ".o_setting_container:not(:has([id=customer_success_abbreviation])):not(:has(.o_customer_first_steps))",
            },
        ]),
        {
            trigger: ".o_searchview_input",
            run: "edit first steps",
        },
        {
            trigger: "#customer_success_first_steps .o_field_boolean input",
            run: "check",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "kept, and shown anew",
            trigger:
                ".o_setting_container:has(#customer_success_first_steps .o_field_boolean input:checked) .o_customer_first_steps",
        },
    ],
});
