import { Component, onMounted, onWillUpdateProps, status, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ViewButton } from "@web/views/view_button/view_button";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const FIELDS = ["customer_next_action", "customer_next_reason"];

/**
 * What is best done next, for all cards of a screen together: finding it takes longer than all else on a card.
 *
 * What was answered last is kept, so that a card which comes back has something to show until it is asked again.
 */
export const nextActionService = {
    dependencies: ["orm"],

    start(env, { orm }) {
        const known = new Map();
        let batch = null;

        async function answer(ids) {
            const domain = [["id", "in", ids]];
            let customers = [];
            try {
                customers = await orm.silent.searchRead("res.partner", domain, FIELDS, {
                    context: { active_test: false },
                });
            } catch {
                // the cards stay as they are; what can't be found must not stand in the way of the customers
            }
            const found = new Map(customers.map((customer) => [customer.id, customer]));
            for (const id of ids) {
                const { customer_next_action: action, customer_next_reason: reason } = found.get(id) || {};
                known.set(id, action ? { action, reason } : null);
            }
        }

        return {
            /**
             * @param {number} id of a customer
             * @returns {{action: string, reason: string}|null|undefined} as it was answered last, null where there is none
             */
            known: (id) => known.get(id),

            /**
             * Ask for a customer, together with all that ask in the same moment.
             *
             * @param {number} id of a customer
             */
            async ask(id) {
                if (!batch) {
                    const ids = new Set();
                    const answered = new Promise((resolve) => browser.setTimeout(resolve)).then(() => {
                        batch = null;
                        return answer([...ids]);
                    });
                    batch = { ids, answered };
                }
                batch.ids.add(id);
                await batch.answered;
            },
        };
    },
};

registry.category("services").add("customer_next_action", nextActionService);

/** The button on a card that does what is best done next; it comes when the card is there already. */
export class NextAction extends Component {
    static template = "customer_success.NextAction";
    static components = { ViewButton };
    static props = { ...standardWidgetProps };

    setup() {
        this.nextAction = useService("customer_next_action");
        this.state = useState({ next: this.nextAction.known(this.props.record.resId) });
        onMounted(() => this.ask(this.props.record));
        onWillUpdateProps(({ record }) => {
            if (record !== this.props.record) {
                this.state.next = this.nextAction.known(record.resId);
                this.ask(record);
            }
        });
    }

    async ask({ model, resId }) {
        if (model.useSampleModel) {
            this.state.next = null; // an example is nobody
            return;
        }
        await this.nextAction.ask(resId);
        if (status(this) !== "destroyed" && resId === this.props.record.resId) {
            this.state.next = this.nextAction.known(resId);
        }
    }
}

registry.category("view_widgets").add("customer_next_action", { component: NextAction });
