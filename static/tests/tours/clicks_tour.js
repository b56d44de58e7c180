import { registry } from "@web/core/registry";

/**
 * The jobs of a day, with no more clicks than said (S10).
 *
 * A click is each step that clicks, and each that types where the cursor is not already: a field has to be clicked first.
 *
 * @param {number} most
 * @param {Object[]} steps
 */
function withClicks(most, steps) {
    const clicks = steps.filter(
        ({ run, trigger }) => run === "click" || (run?.startsWith("edit") && !trigger.includes(":focus")),
    ).length;
    if (clicks > most) {
        throw new Error(`${clicks} clicks, and not more than ${most} are meant to be needed`);
    }
    return steps;
}

const row = (name) => `.o_data_row:contains('${name}')`;
const gone = (name) => `body:not(:has(.modal)) .o_list_view:not(:has(${row(name)}))`;

registry.category("web_tour.tours").add("customer_success_clicks_log", {
    steps: () =>
        withClicks(5, [
            { trigger: `${row("Log Ltd")} button[name=action_log]`, run: "click" },
            { trigger: ".modal .o_field_widget[name=feedback] textarea:focus", run: "edit Wants samples" },
            { trigger: ".modal .o_field_widget[name=outcome] [role=radio]:contains('Has a need')", run: "click" },
            { trigger: ".modal .o_field_widget[name=next_step] input", run: "edit Send samples" },
            { trigger: ".modal .o_field_widget[name=next_date] input", run: "edit 12/30/2099" },
            { trigger: ".modal button[name=action_done]", run: "click" },
            {
                content: "one line says what comes next",
                trigger: ".o_notification:contains('Next:'):contains('Send samples on')",
            },
            { trigger: gone("Log Ltd") },
        ]),
});

registry.category("web_tour.tours").add("customer_success_clicks_put_off", {
    steps: () =>
        withClicks(2, [
            { trigger: `${row("Put Off Ltd")} .o_customer_put_off button`, run: "click" },
            { trigger: ".o_customer_put_off_day:contains('In a week')", run: "click" },
            { trigger: ".o_notification:contains('Put Off Ltd'):contains('moved to')" },
            { trigger: gone("Put Off Ltd") },
        ]),
});

registry.category("web_tour.tours").add("customer_success_clicks_skip", {
    steps: () =>
        withClicks(4, [
            { trigger: `${row("Skip Ltd")} .o_customer_put_off button`, run: "click" },
            { trigger: ".o_customer_put_off_skip", run: "click" },
            {
                trigger: ".modal .o_field_widget[name=reason_id] [role=radio]:contains('Customer is busy')",
                run: "click",
            },
            { trigger: ".modal button[name=action_apply]", run: "click" },
            { trigger: gone("Skip Ltd") },
        ]),
});

registry.category("web_tour.tours").add("customer_success_clicks_pause", {
    steps: () =>
        withClicks(4, [
            { trigger: ".o_kanban_record:contains('Pause Ltd')", run: "click" },
            { trigger: ".o_customer_strip button[name=action_customer_pause]", run: "click" },
            { trigger: ".modal .o_field_widget[name=date_to] input:focus", run: "edit 12/30/2099" },
            {
                trigger: ".modal .o_field_widget[name=reason_id] [role=radio]:contains('Customer asked for it')",
                run: "click",
            },
            { trigger: ".modal button[name=action_apply]", run: "click" },
            { trigger: "body:not(:has(.modal)) .o_customer_strip:contains('Paused')" },
        ]),
});

/** The dialog is read before anything covers it. */
registry.category("web_tour.tours").add("customer_success_pause_on_a_phone", {
    steps: () => [
        { trigger: ".o_customer_strip button[name=action_customer_pause]", run: "click" },
        { trigger: ".modal .o_field_widget[name=reason_id] [role=radio]:contains('Customer asked for it')" },
        {
            trigger: "body:not(:has(.o_datetime_picker)) .modal:not(:has([name=date_to] input:focus))",
            // what would open has a moment to
            run: async () => {
                await new Promise((done) => setTimeout(done, 300));
                if (document.querySelector(".o_datetime_picker")) {
                    throw new Error("the calendar covers the dialog");
                }
            },
        },
        { trigger: ".modal footer button[special=cancel], .modal .modal-footer .btn-secondary", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_customer_strip" },
    ],
});

const radio = (name, text) => `.modal .o_field_widget[name=${name}] [role=radio]:contains(${text})`;

/** Without a mouse: from opening the dialog to *Done*, channel, mood and satisfaction included. */
registry.category("web_tour.tours").add("customer_success_log_by_keyboard", {
    steps: () => [
        { trigger: ".o_customer_strip button[name=action_customer_log]" },
        { trigger: ".o_customer_strip:contains('Next')", run: "press alt+l" },
        {
            content: "the cursor is where one types",
            trigger: ".modal .o_field_widget[name=feedback] textarea:focus",
            run: "edit Asked about delivery times",
        },
        { trigger: ".modal .o_field_widget[name=feedback] textarea:focus", run: "press shift+Tab" },
        {
            content: "one stop back is the channel",
            trigger: `${radio("channel_id", "/^Call$/")}:focus`,
            run: "press End",
        },
        { trigger: `.modal .o_field_widget[name=channel_id] [role=radio]:last-child:focus`, run: "press ArrowRight" },
        {
            content: "the ends join",
            trigger: `.modal .o_field_widget[name=channel_id] [role=radio].active:first-child:focus`,
            run: "press ArrowRight",
        },
        {
            content: "a choice is one stop: the next is the text again",
            trigger: `.modal .o_field_widget[name=channel_id] [role=radio].active:nth-child(2):focus`,
            run: "press Tab",
        },
        { trigger: ".modal .o_field_widget[name=feedback] textarea:focus", run: "press Tab" },
        { content: "then the mood", trigger: `${radio("outcome", "'Just in touch'")}:focus`, run: "press Home" },
        { trigger: `${radio("outcome", "'Satisfied'")}.active[aria-checked=true]:focus`, run: "press Tab" },
        {
            content: "satisfaction is not chosen by passing by",
            trigger: ".modal .o_field_widget[name=pulse] [role=radio]:first-child:not(.active):focus",
            run: "press ArrowLeft",
        },
        { trigger: `${radio("pulse", "'Very happy'")}.active:focus`, run: "press Space" },
        {
            content: "and can be taken back",
            trigger: `${radio("pulse", "'Very happy'")}:not(.active):focus`,
            run: "press Space",
        },
        { trigger: `${radio("pulse", "'Very happy'")}.active:focus`, run: "press ctrl+Enter" },
        { trigger: "body:not(:has(.modal)) .o_customer_strip:contains('Asked about delivery times')" },
    ],
});

/** S1: a colleague's customer says whose it is, and *Log* becomes *Tell Otto*. */
registry.category("web_tour.tours").add("customer_success_tell", {
    steps: () => [
        {
            trigger:
                ".o_kanban_record:contains('Ottos Ltd'):contains('With Otto'):not(:contains('No contact yet')) button:contains('Tell Otto')",
        },
        { trigger: ".o_kanban_record:contains('Ottos Ltd')", run: "click" },
        {
            trigger:
                ".o_customer_strip:contains('With Otto'):not(:contains('No contact yet')):not(:has(button:contains('Pause')))",
        },
        { trigger: ".o_customer_strip button:contains('Tell Otto')", run: "click" },
        {
            trigger: ".modal:contains('is looked after by Otto') .o_field_widget[name=note] textarea:focus",
            run: "edit They moved",
        },
        { trigger: ".modal button[name=action_tell]", run: "click" },
        { trigger: ".o_notification:contains('Otto was told')" },
        { trigger: "body:not(:has(.modal)) .o_customer_strip" },
    ],
});
