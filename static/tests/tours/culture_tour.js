import { registry } from "@web/core/registry";

const { DateTime } = luxon;
const badDay = () => DateTime.now().plus({ days: 10 }).toFormat("MM/dd/yyyy");

/** CUL-3: a visit is planned on a day the customer's culture forbids; the card and the warning say so. */
registry.category("web_tour.tours").add("customer_success_culture", {
    steps: () => [
        {
            content: "a new follow-up",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=partner_id] input",
            run: "edit Gulf Trading",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Gulf Trading')",
            run: "click",
        },
        {
            content: "the card appears with the customer",
            trigger: ".o_field_widget[name=advice_html] .o_customer_culture_card:contains('Accept the coffee')",
        },
        {
            trigger: ".o_field_widget[name=name] input",
            run: "edit See them",
        },
        {
            trigger: ".o_field_widget[name=channel_id] input",
            run: "edit Visit",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(/^Visit$/)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=date_planned] input, .o_field_widget[name=date_planned] button",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=date_planned] input",
            run: () => {},
        },
        {
            trigger: ".o_field_widget[name=date_planned] input",
            run({ edit }) {
                return edit(badDay());
            },
        },
        {
            trigger: ".o_form_view .o_form_sheet",
            run: "click",
        },
        {
            content: "the warning names the festival",
            trigger: ".o_field_widget[name=advice_warning] [role=alert]:contains('Month of fasting until')",
        },
        {
            content: "the better day is a click away",
            trigger: ".o_customer_take_day",
            run: "click",
        },
        {
            content: "and is no longer warned of",
            trigger: ".o_form_view:not(:has(.o_customer_culture_alert [role=alert]))",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "the customer",
            trigger:
                ".o_form_saved .oe_stat_button[name=action_open_customer], .o_form_view .oe_stat_button[name=action_open_customer]",
            run: "click",
        },
        {
            content: "the line under the strip says what holds today",
            trigger:
                ".o_customer_culture_line:contains('Forbidden'):contains('Month of fasting until'):contains('no visits by day')",
        },
        {
            trigger: ".nav-link[name=customer_success]",
            run: "click",
        },
        {
            content: "the card stands in the tab",
            trigger: ".o_customer_panel .o_customer_culture_card:contains('Gulfland business')",
        },
        {
            content: "log a contact",
            trigger: ".o_customer_strip button[name=action_customer_log]",
            run: "click",
        },
        {
            trigger: ".modal details[name=etiquette] .o_field_widget[name=etiquette] .o_customer_culture_card",
        },
        {
            content: "a call is fine today, a visit is not",
            trigger: ".modal .o_field_widget[name=channel_id] .btn:contains(/^Visit$/)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=advice_warning] [role=alert]:contains('not today')",
        },
        {
            content: "the next step, a visit again",
            trigger: ".modal .o_field_widget[name=next_step] input",
            run: "edit Lunch",
        },
        {
            trigger: ".modal .o_field_widget[name=next_date] input",
            run({ edit }) {
                return edit(badDay());
            },
        },
        {
            trigger: ".modal .o_field_widget[name=next_step] input",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=next_warning] [role=alert]:contains('Month of fasting until')",
        },
        {
            content: "take the better day",
            trigger: ".modal .o_customer_take_day",
            run: "click",
        },
        {
            content: "that settles it",
            trigger: ".modal:not(:has(.o_field_widget[name=next_warning] [role=alert]))",
        },
        {
            trigger: ".modal button[special=cancel], .modal .btn-close",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_form_view",
        },
    ],
});

/** CUL-3: a customer's person is invited to a visit on a forbidden day. */
registry.category("web_tour.tours").add("customer_success_culture_meeting", {
    steps: () => [
        {
            content: "nobody of a customer attends yet",
            trigger:
                ".o_calendar_event_form_view:not(:has(.o_customer_culture_customers)) .o_field_widget[name=partner_ids] input",
            run: "edit Omar",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Omar')",
            run: "click",
        },
        {
            content: "the warning",
            trigger: ".o_field_widget[name=customer_advice_html] [role=alert]:contains('Month of fasting until')",
        },
        {
            content: "the card folds out",
            trigger: ".o_field_widget[name=customer_advice_html] details summary:contains('Gulf Trading')",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=customer_advice_html] details[open] .o_customer_culture_card:contains('Accept the coffee')",
        },
        {
            content: "leave it as it was",
            trigger: ".o_form_button_cancel",
            run: "click",
        },
        {
            trigger: ".o_form_saved, .o_form_view:not(:has(.o_form_dirty))",
        },
    ],
});
