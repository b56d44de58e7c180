import { registry } from "@web/core/registry";

/** SEG-1, CAD-1, CAD-4: an administrator changes shares and an interval, and sees customers and follow-ups re-planned. */
registry.category("web_tour.tours").add("customer_success_configure", {
    steps: () => [
        {
            content: "the ranking in force",
            trigger: ".o_data_row:contains('20 / 50 / 30') td[name=name]",
            run: "click",
        },
        {
            content: "the share of the first tier",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains('High') td[name=share]",
            run: "click",
        },
        {
            content: "40 percent are high from now on",
            trigger: ".o_field_widget[name=line_ids] .o_selected_row .o_field_widget[name=share] input",
            run: "edit 40",
        },
        {
            content: "the share of the second tier",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains('Mid') td[name=share]",
            run: "click",
        },
        {
            content: "the form warns as long as it is not 100",
            trigger: ".text-danger:contains('The shares add up to')",
        },
        {
            content: "30 percent are mid",
            trigger: ".o_field_widget[name=line_ids] .o_selected_row .o_field_widget[name=share] input",
            run: "edit 30",
        },
        {
            content: "save and rank",
            trigger: "button[name=action_recompute]",
            run: "click",
        },
        {
            content: "it says how many changed",
            trigger: ".o_notification:contains('2 customers of 10 are in another tier')",
        },
        {
            content: "the cadences",
            trigger: ".o_menu_sections button:contains('Configuration')",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='customer_success.customer_success_menu_cadences']",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains('High value') td[name=name]",
            run: "click",
        },
        {
            content: "four customers are on it now",
            trigger: ".oe_stat_button[name=action_view_customers]:contains('4')",
        },
        {
            content: "the interval of the talk",
            trigger: ".o_data_row:contains('Monthly talk') td[name=interval_count]",
            run: "click",
        },
        {
            content: "every two months instead",
            trigger: ".o_selected_row .o_field_widget[name=interval_count] input",
            run: "edit 2",
        },
        {
            content: "save and re-plan",
            trigger: "button[name=action_replan]",
            run: "click",
        },
        {
            content: "it says what happened",
            trigger: ".o_notification:contains('follow-ups opened')",
        },
        {
            content: "the follow-ups show the new cycle",
            trigger: ".o_menu_sections [data-menu-xmlid='customer_success.customer_success_menu_section_followups']",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu [data-menu-xmlid='customer_success.customer_success_menu_followups']",
            run: "click",
        },
        {
            content: "all of mine, not only this week's",
            trigger: ".o_searchview_facet:contains('Due This Week') .o_facet_remove",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains('Ranked 3') td[name=cycle]:contains('every 2 months')",
        },
    ],
});
