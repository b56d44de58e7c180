import { registry } from "@web/core/registry";

const question = ".modal:contains('Test rhythm'):contains('the follow-ups of 2 customers are planned anew')";
const archive = ".o-dropdown-item:contains('Archive'):not(:contains('Unarchive'))";

/** S5: Archive of a rule that acts on everybody says first how many customers are concerned, on list and form. */
registry.category("web_tour.tours").add("customer_success_asking", {
    steps: () => [
        { trigger: ".o_data_row:contains('Test rhythm') .o_list_record_selector input", run: "click" },
        { trigger: ".o_cp_action_menus button:contains('Actions')", run: "click" },
        { trigger: archive, run: "click" },
        { trigger: `${question} .btn-secondary`, run: "click" },
        {
            trigger: "body:not(:has(.modal)) .o_data_row:contains('Test rhythm') .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: "body:not(:has(.o_data_row_selected)) .o_data_row:contains('Test rhythm') .o_data_cell[name=name]",
            run: "click",
        },
        { trigger: ".o_form_view .o_cp_action_menus button:has(.fa-cog)", run: "click" },
        { trigger: archive, run: "click" },
        { trigger: `${question} .btn-primary`, run: "click" },
        { trigger: ".o_form_view .ribbon:contains('Archived')" },
        { trigger: ".o_notification:contains('Since')" },
    ],
});
