import { registry } from "@web/core/registry";

/** STR-4: the owner reads what a change brought, enters what nothing measures, concludes, and proposes the next change. */
function enter(name, value) {
    return [
        {
            trigger: `.modal .o_field_widget[name=has_${name}] input`,
            run: "click",
        },
        {
            trigger: `.modal .o_field_widget[name=${name}] input`,
            run: `edit ${value}`,
        },
    ];
}

registry.category("web_tour.tours").add("customer_success_review_effect", {
    steps: () => [
        {
            content: "what is measured is there, with its reason",
            trigger: ".o_customer_effect_sentence:contains('Test orders ±0, segment ±0, net ±0 of +5 expected: 0 %.')",
        },
        {
            content: "and drawn, in words as well",
            trigger: ".o_customer_effect_chart svg[aria-label*='Test orders: before 1, after 1']",
        },
        {
            content: "what nothing measures is missing",
            trigger: ".o_customer_effect_sentence:contains('Test quality is entered by hand; missing are') button",
            run: "click",
        },
        ...enter("before", 80),
        ...enter("after", 84),
        ...enter("segment_before", 75),
        ...enter("segment_after", 75),
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "it is judged at once",
            trigger:
                "body:not(:has(.modal)) .o_customer_effect_sentence:contains('net +4 of +10 expected: 40 %.'):contains('Entered by Anna')",
        },
        {
            content: "40 % and 0 % are too little together",
            trigger: ".o_customer_effect .badge:contains('Not effective')",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_review]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=conclusion] textarea",
            run: "edit More visits were not what was missing",
        },
        {
            content: "the next change is proposed unless one does not want it",
            trigger: ".modal .o_field_widget[name=propose] input:checked",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "the draft of the next change",
            trigger:
                "body:not(:has(.modal)) .o_form_view .o_statusbar_status button[aria-checked=true]:contains('Draft')",
        },
    ],
});
