import { Component } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

/** What kinds of sheets are offered where: by model, the action that begins with the kind. */
const SHEETS = {
    "customer.followup": "customer_success.customer_import_action_followups",
    "customer.case": "customer_success.customer_import_action_cases",
    "customer.strategy.adjustment": "customer_success.customer_import_action_adjustments",
    "customer.occasion": "customer_success.customer_import_action_birthdays",
    "res.partner": "customer_success.customer_import_action_customers",
};

/** In the menu with the cogwheel: load a sheet of what the list shows. */
export class ImportSheet extends Component {
    static template = "customer_success.ImportSheet";
    static components = { DropdownItem };
    static props = {};

    setup() {
        this.action = useService("action");
    }

    open() {
        return this.action.doAction(SHEETS[this.env.searchModel.resModel]);
    }
}

registry.category("cogMenu").add(
    "customer-import-sheet",
    {
        Component: ImportSheet,
        groupNumber: 10,
        isDisplayed: async ({ config, searchModel, isSmall }) =>
            Boolean(
                !isSmall &&
                ["kanban", "list"].includes(config.viewType) &&
                searchModel?.resModel in SHEETS &&
                (await user.hasGroup("customer_success.group_customer_success_user")),
            ),
    },
    { sequence: 1 },
);
