import { registry } from "@web/core/registry";

const line = (name) => `.o_customer_day_line:contains('${name}')`;

/** REP-1: from the first screen a promise is logged in three clicks, and the next line is the current one. */
registry.category("web_tour.tours").add("customer_success_my_day", {
    steps: () => [
        {
            content: "what was promised comes first",
            trigger: `.o_customer_day_first ${line("Day Trading")}.o_customer_day_current:contains('Send samples')`,
        },
        {
            trigger: `${line("Send samples")} .o_customer_day_do`,
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=feedback] textarea",
            run: "edit They arrived",
        },
        {
            trigger: ".modal .o_field_widget[name=outcome] .btn:contains('Satisfied')",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_done]",
            run: "click",
        },
        {
            content: "it is gone, the next one is current, and it is counted",
            trigger: `.o_customer_day_page:not(:has(${line("Send samples")})):contains('One contact recorded today')`,
        },
        {
            trigger: ".o_customer_day_line.o_customer_day_current",
        },
        {
            content: "a follow-up is put off with two clicks",
            trigger: `${line("Second Trading")} .o_customer_put_off button`,
            run: "click",
        },
        {
            trigger: ".o_customer_put_off_day",
            run: "click",
        },
        {
            content: "only the case is left",
            trigger: `.o_customer_day_page:not(:has(${line("Second Trading")})) ${line("Pump broken")}`,
        },
        {
            trigger: `${line("Pump broken")} .o_customer_day_title`,
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=name] :is(input, textarea)",
        },
        {
            content: "back to the day",
            trigger: ".o_breadcrumb a, .o_back_button",
            run: "click",
        },
        {
            trigger: `.o_customer_day ${line("Pump broken")}.o_customer_day_current`,
        },
    ],
});

/** REP-1: keys go through the lines and open the dialog; a leader looks at another's day. */
registry.category("web_tour.tours").add("customer_success_day_keys", {
    steps: () => [
        {
            trigger: ".o_customer_day_whose",
            run: "click",
        },
        {
            trigger: ".o_customer_day_colleague:contains('Anna')",
            run: "click",
        },
        {
            content: "the case whose time runs out comes first",
            trigger: `.o_customer_day_page:has(.o_customer_day_greeting:contains('Anna')) ${line("Pump broken")}.o_customer_day_current:contains('min')`,
            run: "press j",
        },
        {
            trigger: `${line("Send samples")}.o_customer_day_current`,
            run: "press j",
        },
        {
            trigger: `${line("Second Trading")}.o_customer_day_current`,
            run: "press k",
        },
        {
            trigger: `${line("Send samples")}.o_customer_day_current`,
            run: "press d",
        },
        {
            trigger: ".modal .o_field_widget[name=feedback] textarea",
        },
        {
            trigger: ".modal .btn-close",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_customer_day_greeting",
            run: "press ?",
        },
        {
            trigger: ".o_customer_day_help",
        },
    ],
});
