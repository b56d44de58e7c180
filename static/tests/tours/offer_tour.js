import { registry } from "@web/core/registry";

/** HEA-7: an account manager sees why something is offered, says no to one thing, and takes another into a quotation. */
registry.category("web_tour.tours").add("customer_success_take_offer", {
    steps: () => [
        {
            content: "what to offer stands on the customer's form",
            trigger: ".nav-link[name=customer_offers]",
            run: "click",
        },
        {
            content: "with its reason from our own orders",
            trigger:
                ".o_field_widget[name=customer_offer_ids] .o_data_row:contains('Bellows'):contains('20 of 24 customers who buy Anvil also buy Bellows')",
        },
        {
            content: "the customer has no use for the other one",
            trigger:
                ".o_field_widget[name=customer_offer_ids] .o_data_row:contains('Derrick') button[name=action_not_interested]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reason_id] .o_radio_item:contains('No use for it') input",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_answer]",
            run: "click",
        },
        {
            content: "it is off the list",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name=customer_offer_ids]:not(:has(.o_data_row:contains('Derrick')))",
        },
        {
            content: "into a quotation with the first one",
            trigger:
                ".o_field_widget[name=customer_offer_ids] .o_data_row:contains('Bellows') button[name=action_quote]",
            run: "click",
        },
        {
            content: "the quotation is there, with the product",
            trigger: ".o_form_view .o_field_widget[name=order_line] .o_data_row:contains('Bellows')",
        },
    ],
});
