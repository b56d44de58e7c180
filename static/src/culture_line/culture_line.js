import { Component, status, useEffect, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const ICONS = {
    danger: "fa-ban",
    warning: "fa-exclamation-triangle",
    success: "fa-thumbs-o-up",
    info: "fa-clock-o",
};

/**
 * What to know of a customer before making contact right now: a festival, a public holiday, night over there.
 *
 * It is asked for when the form stands already, so that opening a contact waits for nothing; most days it stays empty.
 */
export class CultureLine extends Component {
    static template = "customer_success.CultureLine";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ lines: [] });
        useEffect(
            () => {
                this.load();
            },
            // anew after another contact was opened, and after a change was saved
            () => [this.props.record.resId, this.props.record.dirty],
        );
    }

    async load() {
        const { resId, dirty } = this.props.record;
        if (dirty) {
            return;
        }
        let lines = [];
        if (resId) {
            try {
                lines = await this.orm.silent.call("res.partner", "get_customer_now", [resId]);
            } catch {
                // a hint that can't be had must not stand in the way of the contact
            }
        }
        if (status(this) !== "destroyed" && resId === this.props.record.resId) {
            this.state.lines = lines;
        }
    }

    /** The lines come the loudest first, so the first one gives the colour. */
    get level() {
        return this.state.lines[0].level;
    }

    icon(line) {
        return ICONS[line.level];
    }
}

registry.category("view_widgets").add("customer_culture_line", { component: CultureLine });
