import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * What the tab "Feedback" of a contact says: what was answered last, and when this person may be asked again.
 *
 * It is loaded when the tab is opened, so that opening a contact costs no more than without the addon.
 */
export class FeedbackPanel extends Component {
    static template = "customer_success.FeedbackPanel";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ lines: [] });
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps((nextProps) => this.load(nextProps.record));
    }

    async load(record) {
        this.state.lines = record.resId
            ? await this.orm.call("res.partner", "get_customer_feedback", [record.resId])
            : [];
    }
}

registry.category("view_widgets").add("customer_feedback_panel", { component: FeedbackPanel });
