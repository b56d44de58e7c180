import { registry } from "@web/core/registry";

/** REP-4: the monthly report of a customer, by email. */
registry.category("web_tour.tours").add("customer_success_print_sheet", {
    steps: () => [
        {
            content: "the menu of the customer",
            trigger: ".o_form_view .o_cp_action_menus .fa-cog",
            run: "click",
        },
        {
            trigger:
                ".o-dropdown--menu .o_menu_item:contains('Print or send a sheet'), .o_bottom_sheet .o_menu_item:contains('Print or send a sheet')",
            run: "click",
        },
        {
            content: "of this customer, of the last month",
            trigger: ".modal .o_field_widget[name=summary]:contains('1 customer')",
        },
        {
            content: "a workbook alone",
            trigger: ".modal .o_field_widget[name=as_pdf] input",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_send]",
            run: "click",
        },
        {
            trigger: ".o_notification:contains('On its way to Anna')",
        },
    ],
});
