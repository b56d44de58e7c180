import { Component, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * What can be done with a follow-up other than logging it: put off to one of the next days with two clicks, or moved, skipped
 * or given to somebody else with the dialog.
 *
 * The days come from the server when the menu opens: those on which the responsible person works and that suit the
 * customer.
 */
export class PutOffMenu extends Component {
    static template = "customer_success.PutOffMenu";
    static components = { Dropdown, DropdownItem };
    static props = {
        resId: { type: Number },
        onDone: { type: Function },
        /** Called with what opens the menu, for who opens it by a key. */
        opener: { type: Function, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ days: [] });
        this.dropdown = useDropdownState();
        this.props.opener?.(() => this.dropdown.open());
    }

    async loadDays() {
        this.state.days = await this.orm.call("customer.followup", "get_put_off_days", [[this.props.resId]]);
    }

    putOff(day) {
        return this.run("action_put_off", [[this.props.resId], day.day]);
    }

    change(action) {
        return this.run("action_change", [[this.props.resId]], { context: { default_action: action } });
    }

    async run(method, args, kwargs) {
        const action = await this.orm.call("customer.followup", method, args, kwargs);
        await this.action.doAction(action, { onClose: () => this.props.onDone() });
    }
}

/** The menu in a row of a list, and on a card. */
export class PutOff extends Component {
    static template = "customer_success.PutOff";
    static components = { PutOffMenu };
    static props = { ...standardWidgetProps };

    get isOpen() {
        return this.props.record.data.state === "planned";
    }

    reload() {
        return this.props.record.model.load();
    }
}

registry.category("view_widgets").add("customer_put_off", {
    component: PutOff,
    listViewWidth: 36,
    fieldDependencies: [{ name: "state", type: "selection" }],
});
