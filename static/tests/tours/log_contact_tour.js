import { registry } from "@web/core/registry";

/** CAD-5: a sales person opens the due list, logs a call in three clicks with a next step, and sees what became of it. */
registry.category("web_tour.tours").add("customer_success_log_contact", {
    steps: () => [
        {
            content: "who is overdue stands in the due list",
            trigger: ".o_data_row:contains('Tour Trading') td[name=cycle]:contains('monthly')",
        },
        {
            content: "first click: log",
            trigger: ".o_data_row:contains('Tour Trading') button[name=action_log]",
            run: "click",
        },
        {
            content: "the channel is chosen from the follow-up",
            trigger: ".modal .o_field_widget[name=channel_id] .btn.active:contains('Call')",
        },
        {
            content: "what was said; the cursor is there already",
            trigger: ".modal .o_field_widget[name=feedback] textarea:focus",
            run: "edit Asked about delivery times",
        },
        {
            content: "second click: the mood",
            trigger: ".modal .o_field_widget[name=outcome] .btn:contains('Satisfied')",
            run: "click",
        },
        {
            content: "the next step",
            trigger: ".modal .o_field_widget[name=next_step] input",
            run: "edit Send samples",
        },
        {
            content: "and its day",
            trigger: ".modal .o_field_widget[name=next_date] input",
            run: "edit 12/30/2099",
        },
        {
            content: "third click: done",
            trigger: ".modal button[name=action_done]",
            run: "click",
        },
        {
            content: "it is off the due list",
            trigger: "body:not(:has(.modal)) .o_list_view:not(:has(.o_data_row:contains('Tour Trading')))",
        },
        {
            content: "the customers",
            trigger: ".o_menu_sections [data-menu-xmlid='customer_success.customer_success_menu_section_customers']",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu [data-menu-xmlid='customer_success.customer_success_menu_customers']",
            run: "click",
        },
        {
            content: "the card shows the changed last contact",
            trigger: ".o_kanban_record:contains('Tour Trading'):contains('Call, today: “Asked about delivery times”')",
            run: "click",
        },
        {
            content: "the strip under the name shows it too",
            trigger: ".o_customer_strip:contains('Asked about delivery times'):contains('On track')",
        },
        {
            content: "the relationship tab",
            trigger: ".nav-link[name=customer_success]",
            run: "click",
        },
        {
            content: "the successor and the promise are there",
            trigger:
                ".o_customer_panel:not(:contains('false')):has(.o_customer_panel_followup:contains('Monthly call')):has(.o_customer_panel_followup:contains('Send samples'))",
        },
        {
            content: "the promise can be kept from here",
            trigger: ".o_customer_panel_followup:contains('Send samples') button:contains('Log')",
            run: "click",
        },
        {
            content: "what was agreed stands beside the dialog",
            trigger: ".modal .o_field_widget[name=good_to_know]:contains('Send samples')",
        },
        {
            trigger: ".modal .o_field_widget[name=feedback] textarea",
            run: "edit Samples sent",
        },
        {
            trigger: ".modal button[name=action_done]",
            run: "click",
        },
        {
            content: "the panel follows",
            trigger:
                "body:not(:has(.modal)) .o_customer_panel:not(:has(.o_customer_panel_followup:contains('Send samples')))",
        },
        {
            content: "and so does the strip",
            trigger: ".o_customer_strip:contains('Samples sent')",
        },
    ],
});
