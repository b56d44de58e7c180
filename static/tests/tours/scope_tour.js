import { registry } from "@web/core/registry";

/** S1: an empty screen says how many there are of others, and one click shows them. */
registry.category("web_tour.tours").add("customer_success_none_of_yours", {
    steps: () => [
        {
            content: "a manager sees everybody's warnings",
            trigger: ".o_data_row:contains('Worried 1')",
        },
        {
            content: "narrow it to the own",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            trigger: ".o_filter_menu .o_menu_item:contains('Mine')",
            run: "click",
        },
        {
            content: "there is none of yours, which is not the same as none",
            trigger: ".o_view_nocontent:contains('None of yours'):contains('There are 2 of others')",
        },
        {
            trigger: ".o_customer_show_others",
            run: "click",
        },
        {
            content: "back to all",
            trigger: ".o_data_row:contains('Worried 0')",
        },
    ],
});

/** S13: whoever has a role begins with the follow-ups. */
registry.category("web_tour.tours").add("customer_success_begin_here", {
    steps: () => [
        { trigger: ".o_menu_brand:contains('Customer Success')" },
        { trigger: ".o_customer_day_greeting:contains('Anna')" },
    ],
});
