import { registry } from "@web/core/registry";

const cell = (metric, place) => `.o_customer_usage tr[data-metric='${metric}'] td:nth-of-type(${place}) button`;

/** REP-7: usage of a customer, week by week: by keyboard, over a longer period, against its segment, and what is behind. */
registry.category("web_tour.tours").add("customer_success_usage_map", {
    steps: () => [
        {
            content: "the tab Health",
            trigger: ".nav-link[name=customer_health]",
            run: "click",
        },
        {
            content: "a row for the metric, a cell for the week that is running",
            trigger: cell("Logins", 13),
            run({ anchor }) {
                anchor.focus();
            },
        },
        {
            content: "it is told in words",
            trigger: ".o_customer_usage_told:contains('the week is not over')",
        },
        {
            content: "arrows go through the weeks",
            trigger: cell("Logins", 13),
            run: "press ArrowLeft",
        },
        {
            trigger: ".o_customer_usage_told:contains('usually')",
        },
        {
            content: "a year",
            trigger: ".o_customer_usage [data-weeks='52']",
            run: "click",
        },
        {
            content: "what was not counted is empty",
            trigger: `${cell("Logins", 52)}:not(:empty)`,
        },
        {
            trigger: ".o_customer_usage td.o_customer_usage_none button[aria-label*='nothing was counted']",
        },
        {
            content: "against its segment",
            trigger: ".o_customer_usage .btn:contains('Against its segment')",
            run: "click",
        },
        {
            trigger: ".o_customer_usage:contains('against the median of the segment')",
        },
        {
            content: "the page does not move sideways, the map does",
            trigger: ".o_customer_usage_scroll",
            run({ anchor }) {
                if (document.documentElement.scrollWidth > window.innerWidth + 1) {
                    throw new Error("the page is wider than the screen");
                }
                if (anchor.scrollWidth <= anchor.clientWidth) {
                    throw new Error("a year fits no screen");
                }
            },
        },
        {
            content: "the readings behind a week",
            trigger: cell("Logins", 51),
            run: "click",
        },
        {
            trigger: "body:contains('Logins of Blue') .o_view_controller",
        },
    ],
});

/** REP-7: the same of a segment, with mean, median and n. */
registry.category("web_tour.tours").add("customer_success_usage_map_segment", {
    steps: () => [
        {
            content: "the button, or the menu in which a phone keeps it",
            trigger: ".o_form_view",
            async run() {
                document.querySelector(".o-form-buttonbox .o_button_more")?.click();
            },
        },
        {
            trigger: "button[name=action_view_usage_map]",
            run: "click",
        },
        {
            content: "how many customers a cell is of",
            trigger: cell("Logins", 12),
            run({ anchor }) {
                anchor.focus();
            },
        },
        {
            trigger: ".o_customer_usage_told:contains('mean of n = 2')",
        },
        {
            trigger: ".o_customer_usage .btn:contains('Median')",
            run: "click",
        },
        {
            trigger: cell("Logins", 11),
            run({ anchor }) {
                anchor.focus();
            },
        },
        {
            trigger: ".o_customer_usage_told:contains('median of n = 2')",
        },
        {
            content: "the readings of both",
            trigger: cell("Logins", 11),
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Blue'), .o_kanban_view .o_kanban_record:contains('Blue')",
        },
        {
            content: "back, and what was chosen is still chosen",
            trigger: ".o_back_button, .breadcrumb-item a:contains('Usage Map')",
            run: "click",
        },
        {
            trigger: ".o_customer_usage .btn.active:contains('Median')",
        },
    ],
});
