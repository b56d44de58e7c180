import { Component, status, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ViewButton } from "@web/views/view_button/view_button";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { HealthChange, HealthLine, HealthScore, WarningCount } from "../health_figure/health_figure";

const STATES = { overdue: "danger", stopped: "danger", week: "warning", track: "success" };
const RISKS = { high: "danger", medium: "warning", low: "success" };

/**
 * Under the name of a customer: tier, stage, segment, health, risk, warnings, the last and the next contact, what is best done
 * next, and the buttons for it.
 *
 * It is asked for when the form stands already, so that opening a contact waits for nothing. The buttons are there from
 * the beginning: they need no figures.
 */
export class CustomerStrip extends Component {
    static template = "customer_success.CustomerStrip";
    static components = { HealthChange, HealthLine, HealthScore, ViewButton, WarningCount };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ data: {}, loading: true });
        useEffect(
            () => {
                this.load();
            },
            // anew after another contact was opened, after a button did something, and after a change was saved
            () => [this.props.record, this.props.record.resId, this.props.record.dirty],
        );
    }

    async load() {
        const { record } = this.props;
        const { resId, dirty } = record;
        if (dirty) {
            return;
        }
        if (resId !== this.resId) {
            // nobody shall read the figures of another customer meanwhile
            Object.assign(this.state, { data: {}, loading: true });
            this.resId = resId;
        }
        let data = {};
        if (resId) {
            try {
                data = await this.orm.silent.call("res.partner", "get_customer_strip", [resId]);
            } catch {
                // the buttons stay; a figure that can't be had must not stand in the way of the contact
            }
        }
        if (status(this) !== "destroyed" && record === this.props.record && resId === this.resId) {
            Object.assign(this.state, { data, loading: false });
        }
    }

    get data() {
        return this.state.data;
    }

    get isStill() {
        return ["paused", "stopped"].includes(this.data.state);
    }

    get stateColor() {
        return `text-bg-${STATES[this.data.state] || "secondary"}`;
    }

    get riskColor() {
        return `text-${RISKS[this.data.risk.level]}`;
    }

    button(name, extra = {}) {
        return { type: "object", name, ...extra };
    }

    get resume() {
        return this.button("action_customer_resume", {
            confirm: _t("Contact this customer again? Its follow-ups are planned anew."),
        });
    }
}

registry.category("view_widgets").add("customer_strip", {
    component: CustomerStrip,
    additionalClasses: ["d-block", "w-100"],
});
