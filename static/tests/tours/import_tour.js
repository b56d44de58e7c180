import { registry } from "@web/core/registry";

/** REP-5: from a file to what was loaded, with a look at what its columns mean and what becomes of its rows. */
registry.category("web_tour.tours").add("customer_import_tour", {
    steps: () => [
        { trigger: ".o_form_view button[name=action_read]", run: "click" },
        {
            content: "days are shown back in words",
            trigger: ".o_field_widget[name=column_ids] .o_data_row:contains('2026')",
        },
        { trigger: ".o_form_view button[name=action_ask]", run: "click" },
        {
            content: "what becomes of customers that are not there is asked",
            trigger: ".o_field_widget[name=missing]",
        },
        { trigger: ".o_form_view button[name=action_preview]", run: "click" },
        {
            content: "the bad row is named with its reason",
            trigger: ".o_field_widget[name=bad_ids]:contains('没有这个')",
        },
        { trigger: ".o_form_view button[name=action_load]", run: "click" },
        {
            content: "what came of it",
            trigger: ".o_field_widget[name=summary]:contains('1 new')",
        },
    ],
});
