import { registry } from "@web/core/registry";

/** HEA-6: what people see first: the card with health and what is best done next, and the strip of the form. */
registry.category("web_tour.tours").add("customer_success_card", {
    steps: () => [
        {
            content: "who is not scored has a dash, not a zero",
            trigger: ".o_kanban_record:contains('Unscored Ltd') .o_customer_health:contains('–'):not(:contains('0'))",
        },
        {
            content: "the card shows the score and how it moved",
            trigger:
                ".o_kanban_record:contains('Figures Ltd'):has(.o_customer_health:contains('82')):has(.o_customer_health_line):has(.o_customer_health_moved:contains('+12'))",
        },
        {
            content: "what is best done next, with the reason",
            trigger:
                ".o_kanban_record:contains('Figures Ltd') .o_customer_next:contains('it is overdue'):contains('Monthly call was due on')",
        },
        {
            content: "to the form",
            trigger: ".o_kanban_record:contains('Figures Ltd') .fs-5",
            run: "click",
        },
        {
            content: "the strip shows the same",
            trigger: ".o_customer_strip:has(.o_customer_health:contains('82')):contains('Healthy'):contains('Overdue')",
        },
        {
            content: "one click does it",
            trigger: ".o_customer_strip_next button[name=action_customer_next]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=feedback] textarea",
            run: "edit Everything runs",
        },
        {
            trigger: ".modal button[name=action_done]",
            run: "click",
        },
        {
            content: "the strip follows",
            trigger: "body:not(:has(.modal)) .o_customer_strip:contains('Everything runs'):contains('On track')",
        },
        {
            content: "and proposes the next thing",
            trigger: ".o_customer_strip:not(:contains('it is overdue'))",
        },
        {
            content: "pause, and think better of it",
            trigger: ".o_customer_strip button[name=action_customer_pause]",
            run: "click",
        },
        {
            trigger: ".modal button[special=cancel], .modal .btn-close",
            run: "click",
        },
        {
            content: "to another one, which is paused",
            trigger: "body:not(:has(.modal)) .o_back_button a, body:not(:has(.modal)) .o_breadcrumb .o_back_button",
            run: "click",
        },
        {
            trigger: ".o_kanban_record:contains('Unscored Ltd'):contains('Paused until') .fs-5",
            run: "click",
        },
        {
            content: "its strip, not that of the other one",
            trigger: ".o_customer_strip:contains('Not scored'):contains('Paused'):not(:contains('Everything runs'))",
        },
        {
            content: "contact it again",
            trigger: ".o_customer_strip button[name=action_customer_resume]",
            run: "click",
        },
        {
            trigger: ".modal:contains('Contact this customer again') .btn-primary",
            run: "click",
        },
        {
            trigger:
                "body:not(:has(.modal)) .o_customer_strip:not(:contains('Paused')):has(button[name=action_customer_pause])",
        },
    ],
});
