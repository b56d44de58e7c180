import { onWillStart } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

/**
 * A report whose figures are a share of something says of what, above them: its model tells it.
 *
 * @param {Function} Controller of a view
 * @param {string} template
 */
export function told(Controller, template) {
    return class extends Controller {
        static template = template;

        setup() {
            super.setup();
            const orm = useService("orm");
            onWillStart(async () => {
                this.sentence = await orm.call(this.props.resModel, "get_customer_denominator", []);
            });
        }
    };
}
