import { registry } from "@web/core/registry";

/** CAD-4: a call in which nobody was reached is marked as done with the button beside *Done*. */
registry.category("web_tour.tours").add("customer_success_ticked", {
    steps: () => [
        {
            content: "a task is no contact: nothing but Done",
            trigger: ".o-mail-Activity:contains('Tour task') .o-mail-Activity-markDone",
            run: "click",
        },
        {
            trigger: ".o-mail-ActivityMarkAsDone:not(:has(.o_customer_not_reached))",
        },
        {
            trigger: ".o-mail-ActivityMarkAsDone button:contains('Discard')",
            run: "click",
        },
        {
            content: "the call was tried",
            trigger: ".o-mail-Activity:contains('Tour call') .o-mail-Activity-markDone",
            run: "click",
        },
        {
            trigger: ".o-mail-ActivityMarkAsDone textarea",
            run: "edit Try on Tuesday",
        },
        {
            content: "nobody was reached",
            trigger: ".o-mail-ActivityMarkAsDone .o_customer_not_reached",
            run: "click",
        },
        {
            content: "it is done, and stands in the history",
            trigger:
                ".o-mail-Chatter:not(:has(.o-mail-Activity:contains('Tour call'))):has(.o-mail-Message:contains('Try on Tuesday'))",
        },
    ],
});
