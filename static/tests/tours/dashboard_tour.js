import { registry } from "@web/core/registry";

const tile = (code) => `.o_customer_tile[data-code='${code}']`;

/** REP-2: a leader chooses a team and a time, clicks on a figure, and finds exactly its records. */
registry.category("web_tour.tours").add("customer_success_dashboard", {
    steps: () => [
        {
            content: "each tile says one thing",
            trigger: `${tile("warnings")} .o_customer_tile_figure:contains('Raised: 4')`,
        },
        {
            trigger: ".o_customer_dashboard_period",
            run: "select 1",
        },
        {
            content: "one filter for all: only those of this month",
            trigger: `.o_customer_dashboard_page[aria-busy=false] ${tile("warnings")} .o_customer_tile_figure:not(:contains('Raised: 4'))`,
        },
        {
            trigger: ".o_customer_dashboard_period",
            run: "select 12",
        },
        {
            trigger: `${tile("warnings")} .o_customer_tile_figure:contains('Raised: 4')`,
            run: "click",
        },
        {
            content: "as many records as were counted",
            trigger:
                ":is(.o_list_view .o_pager_limit, .o_list_view:has(.o_data_row:nth-child(4)), .o_kanban_view:has(.o_kanban_record:nth-child(4))):not(:has(.o_data_row:nth-child(5)))",
        },
        {
            trigger: ".o_breadcrumb a, .o_back_button",
            run: "click",
        },
        {
            content: "back, with what was chosen",
            trigger: `${tile("tiers")} .o_customer_tile_row:contains('High value') .o_customer_tile_label`,
            run: "click",
        },
        {
            trigger: ".o_data_row:contains('Harbour Crane')",
        },
    ],
});
