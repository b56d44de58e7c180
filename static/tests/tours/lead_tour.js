import { registry } from "@web/core/registry";

const choose = (name, text) => [
    {
        trigger: `.o_form_view .o_field_widget[name=${name}] input`,
        run: "click",
    },
    {
        trigger: `.o-autocomplete--dropdown-item a:contains('${text}')`,
        run: "click",
    },
];

/** SEG-6: grade a lead by three answers, see its next follow-up, and log a contact. */
registry.category("web_tour.tours").add("customer_success_grade_lead", {
    steps: () => [
        {
            trigger: ".o_form_view .o_notebook_headers a[name=customer_needs]",
            run: "click",
        },
        {
            content: "it says what is missing",
            trigger: ".o_form_view .o_field_widget[name=customer_grade_note]:contains('No grade yet')",
        },
        ...choose("customer_urgency_id", "Within a month"),
        ...choose("customer_importance_id", "High"),
        ...choose("customer_fit_id", "High"),
        {
            content: "why, before it is saved",
            trigger: ".o_form_view .o_field_widget[name=customer_grade_note]:contains('A, points: 9 of 9')",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=customer_core_need] textarea",
            run: "edit Bottles without a stop",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=customer_grade_id]:contains('A')",
        },
        {
            content: "the next follow-up",
            trigger: ".o_customer_lead_contact .o_field_widget[name=customer_contact_text]:contains('Call')",
        },
        {
            trigger: ".o_customer_lead_contact button[name=action_customer_log]",
            run: "click",
        },
        {
            content: "what is needed stands in the dialog",
            trigger: ".modal .o_field_widget[name=core_need]:contains('Bottles without a stop')",
        },
        {
            trigger: ".modal .o_field_widget[name=feedback] textarea",
            run: "edit They want an offer",
        },
        {
            trigger: ".modal button[name=action_done]",
            run: "click",
        },
        {
            trigger: ".o_notification:contains('Next:')",
        },
        {
            trigger: "body:not(:has(.modal)) .o_customer_lead_contact:contains('Last contact')",
        },
        {
            trigger: ".o_customer_lead_contact button[name=action_view_customer_followups]",
            run: "click",
        },
        {
            content: "what was said, and what comes next",
            trigger: ".o_list_view .o_data_row:contains('They want an offer')",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Tour lead')",
        },
    ],
});
