import { registry } from "@web/core/registry";

/** Of our section, the page that stands there as so many-th. */
const page = (number) =>
    `.o_search_panel_section:contains('Customer Success') .o_search_panel_category_value:nth-child(${number})`;

/** REP-2: from the dashboard to the pages of pivots; each is left at once, while its figures are still on their way. */
registry.category("web_tour.tours").add("customer_pivots_tour", {
    steps: () => [
        { trigger: ".o_customer_dashboard_more[data-page=open_pivots]", run: "click" },
        { content: "the first page opens", trigger: `${page(1)}.active` },
        { trigger: page(2), run: "click" },
        { trigger: page(3), run: "click" },
        { trigger: page(1), run: "click" },
        { trigger: page(3), run: "click" },
        {
            content: "its charts are drawn",
            trigger: ".o_spreadsheet_dashboard_action .o-figure canvas",
        },
    ],
});
