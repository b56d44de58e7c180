import { registry } from "@web/core/registry";

const dialog = ".modal:contains('What would By itself plan?')";

/** CAD-10: the messages of a cadence are read with their days and how many they are, and then it sends by itself. */
registry.category("web_tour.tours").add("customer_success_automatic", {
    steps: () => [
        {
            content: "nothing is sent by itself yet",
            trigger: ".o_data_row:contains('Letter') .o_data_cell[name=automatic]:not(:has(input:checked))",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_dry_run]",
            run: "click",
        },
        {
            content: "the message as a customer would read it",
            trigger: `${dialog} .o_customer_cadence_letters:contains('Dear Person 0 of Customer 0'):contains('all the best, Anna')`,
        },
        {
            content: "and how many there would be",
            trigger: `${dialog}:contains('Letter: about 4 a week, to 8 customers. At 1 more nobody may be written to')`,
        },
        {
            trigger: `${dialog} .o_field_widget[name=unable]:contains('Word: choose the template of its message first.')`,
        },
        {
            trigger: `${dialog} button[name=action_switch]`,
            run: "click",
        },
        {
            content: "it asks once more",
            trigger:
                ".modal:contains('From now on the messages of the chosen touchpoints are sent by themselves') .btn-primary:contains('Ok')",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_data_row:contains('Letter') .o_data_cell[name=automatic] input:checked",
        },
        {
            content: "the others are done by people",
            trigger: ".o_data_row:contains('Talk') .o_data_cell[name=automatic]:not(:has(input:checked))",
        },
    ],
});
