import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * A button that takes a proposed day: it copies one date field of the form into another, without saving.
 */
export class TakeDay extends Component {
    static template = "customer_success.TakeDay";
    static props = {
        ...standardWidgetProps,
        from: { type: String },
        to: { type: String },
    };

    get day() {
        return this.props.record.data[this.props.from];
    }

    get label() {
        return _t("Take %(day)s", {
            day: this.day.toLocaleString({ weekday: "short", day: "numeric", month: "short" }),
        });
    }

    take() {
        return this.props.record.update({ [this.props.to]: this.day });
    }
}

registry.category("view_widgets").add("customer_take_day", {
    component: TakeDay,
    extractProps: ({ options }) => ({ from: options.from, to: options.to }),
});
