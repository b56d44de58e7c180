import { registry } from "@web/core/registry";

/** LIF-4: from the stage of a customer to its loss, with what helps with the reason; the next order wins it back. */
registry.category("web_tour.tours").add("customer_success_loss", {
    steps: () => [
        {
            content: "where it stands with us stands on the strip",
            trigger: ".o_customer_strip_stage:contains('Growth')",
            run: "click",
        },
        {
            content: "why it stands there",
            trigger: ".modal .o_field_widget[name=explanation]:contains('In the stage “Growth”')",
        },
        {
            trigger: ".modal footer button[name=action_mark_lost]",
            run: "click",
        },
        {
            content: "what follows from it is said before",
            trigger: ".modal .o_field_widget[name=consequence]:contains('counts as won back')",
        },
        {
            trigger: ".modal .o_field_widget[name=reason_id] input",
            run: "edit Price",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Price')",
            run: "click",
        },
        {
            content: "what helps with this reason",
            trigger: ".modal .o_field_widget[name=advice]:contains('another price')",
        },
        {
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Ours was the dearest by a tenth",
        },
        {
            trigger: ".modal footer button[name=action_mark]",
            run: "click",
        },
        {
            content: "it is lost at once, and the strip says why",
            trigger: ".o_customer_strip_loss:contains('Price')",
        },
        {
            trigger: ".o_customer_strip_stage:contains('Lost')",
        },
    ],
});

/** LIF-4: the customer is back, and the report counts it. */
registry.category("web_tour.tours").add("customer_success_won_back", {
    steps: () => [
        {
            trigger: ".o_customer_strip_stage:contains('Won back')",
            run: "click",
        },
        {
            content: "the history has both ways",
            trigger: ".modal .o_field_widget[name=change_ids] .o_data_row:contains('Lost'):contains('Won back')",
        },
        {
            trigger: ".modal .o_field_widget[name=explanation]:contains('won back on')",
        },
    ],
});
