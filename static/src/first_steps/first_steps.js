import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const MANAGER = "customer_success.group_customer_success_manager";

/**
 * What leads a company that begins to its first planned follow-up: each step says by itself whether it is done. For managers.
 *
 * In somebody's day it stands until all is done or it is put away; on the settings page it always stands.
 */
export class FirstSteps extends Component {
    static template = "customer_success.FirstSteps";
    static props = { always: { type: Boolean, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ data: false });
        // on the settings page, what is looked for is shown alone
        this.search = this.env.searchState ? useState(this.env.searchState) : false;
        onWillStart(() => this.load());
    }

    async load() {
        if (!(await user.hasGroup(MANAGER))) {
            return; // nobody else has anything to do here, and the server is not asked
        }
        try {
            this.state.data = await this.orm.silent.call("customer.first.steps", "look", [Boolean(this.props.always)]);
        } catch {
            // the day is there without it
        }
    }

    get isShown() {
        const { data } = this.state;
        return data && data.total && !this.search?.value && (this.props.always || data.shown);
    }

    /** The first one that is left is the next to be done. */
    get next() {
        return this.state.data.steps.find((step) => !step.done)?.code;
    }

    open(step) {
        return this.action.doAction(step.action);
    }

    async putAway() {
        await this.orm.call("customer.first.steps", "show", [false]);
        await this.load();
    }
}

registry.category("view_widgets").add("customer_first_steps", {
    component: class extends Component {
        static template = "customer_success.FirstStepsWidget";
        static components = { FirstSteps };
        static props = { ...standardWidgetProps };
    },
});
