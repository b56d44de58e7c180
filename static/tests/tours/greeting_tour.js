import { registry } from "@web/core/registry";

/** CUL-4: a personal greeting is written from its draft, sent, and thereby logged. */
registry.category("web_tour.tours").add("customer_success_greeting", {
    steps: () => [
        {
            content: "the greeting stands in the due list",
            trigger: ".o_data_row:contains('Tour Trading') td[name=whose]",
            run: "click",
        },
        {
            content: "what is noted of this person is for whoever writes, and not in the draft",
            trigger:
                ".o_customer_greeting:contains('in your own words'):has(.o_customer_aside:contains('sings in a choir')):not(:has(textarea:value('sings in a choir')))",
        },
        {
            content: "the text can be copied for a messenger",
            trigger: ".o_customer_greeting button:contains('Copy text')",
        },
        {
            content: "reword it",
            trigger: ".o_customer_greeting .o_field_widget[name=greeting_draft] textarea",
            run: "edit Dear Tour Person, happy birthday! Let us hear you sing soon. Anna",
        },
        {
            content: "write the email",
            trigger: "button[name=action_write_email]",
            run: "click",
        },
        {
            content: "the composer has the text",
            trigger:
                ".modal .o_mail_composer_form_view .odoo-editor-editable:contains('Let us hear you sing soon'), .modal .o_field_html:contains('Let us hear you sing soon')",
        },
        {
            content: "it goes to the person",
            trigger: ".modal .o_field_widget[name=partner_ids]:contains('Tour Person')",
        },
        {
            content: "send",
            trigger: ".modal button[name=action_send_mail]",
            run: "click",
        },
        {
            content: "the follow-up is done",
            trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains('Done')",
        },
    ],
});
