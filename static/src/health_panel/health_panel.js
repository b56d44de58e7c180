import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { labelled } from "../local_text/local_text";
import { UsageMap } from "../usage_map/usage_map";
import { HealthChart } from "./health_chart";

const PERIODS = [7, 30, 90];
const KIND_ICONS = {
    measure: "fa-line-chart",
    known: "fa-question-circle-o",
    cap: "fa-lock",
    rules: "fa-sliders",
    override: "fa-hand-paper-o",
    rest: "fa-ellipsis-h",
};

/**
 * Why the health score of a customer is what it is, why it changed, and what to say about it.
 *
 * Everything is asked for when the panel is opened, so that opening a contact costs no more than without the addon.
 */
export class HealthPanel extends Component {
    static template = "customer_success.HealthPanel";
    static components = { HealthChart };
    static props = {
        partnerId: { type: Number },
        onChange: { type: Function, optional: true },
    };
    static defaultProps = { onChange: () => {} };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.periods = PERIODS;
        this.labelled = labelled;
        this.state = useState({ days: 30, data: false });
        onWillStart(() => this.load(this.props.partnerId));
        onWillUpdateProps((nextProps) => this.load(nextProps.partnerId));
    }

    async load(partnerId) {
        this.state.data = await this.orm.call("res.partner", "get_customer_health", [[partnerId]], {
            days: this.state.days,
        });
    }

    async setPeriod(days) {
        this.state.days = days;
        await this.load(this.props.partnerId);
    }

    async reload() {
        await this.load(this.props.partnerId);
        this.props.onChange();
    }

    // ---------------------------------------------------------
    // What is shown
    // ---------------------------------------------------------

    get now() {
        return this.state.data.now;
    }

    get bands() {
        return { healthy: this.now.healthy ?? 75, watch: this.now.watch ?? 50 };
    }

    get hasHistory() {
        return Boolean(this.state.data.history.stretches?.some(({ score }) => this.isKnown(score)));
    }

    /** The ring around the score, as long as the score. */
    get ring() {
        return `${this.now.score || 0} 100`;
    }

    /** Whether a number is there: what is not known has none. */
    isKnown(number) {
        return Number.isFinite(number);
    }

    get headline() {
        const { total } = this.state.data.change;
        const days = this.state.days;
        if (total === 0) {
            return _t("Unchanged in %(days)s days", { days });
        }
        const number = Math.abs(total);
        const points = number === 1 ? _t("%(number)s point", { number }) : _t("%(number)s points", { number });
        return total > 0
            ? _t("%(points)s more in %(days)s days", { points, days })
            : _t("%(points)s less in %(days)s days", { points, days });
    }

    /** The largest amount fills its half of the row. */
    barStyle(term) {
        const largest = Math.max(...this.state.data.change.terms.map(({ amount }) => Math.abs(amount)));
        return `width: ${(50 * Math.abs(term.amount)) / largest}%`;
    }

    kindIcon(term) {
        return KIND_ICONS[term.kind];
    }

    signed(amount) {
        return amount > 0 ? `+${amount}` : `−${-amount}`;
    }

    /** What a measure could give is as wide as the largest of them, or less in proportion. */
    possibleStyle(measure) {
        const all = this.state.data.groups.flatMap(({ measures }) => measures);
        return `width: ${(100 * measure.possible) / Math.max(...all.map(({ possible }) => possible || 0))}%`;
    }

    earnedStyle(measure) {
        return `width: ${measure.possible ? (100 * measure.earned) / measure.possible : 0}%`;
    }

    formatDate(day) {
        return formatDate(deserializeDate(day));
    }

    // ---------------------------------------------------------
    // What can be done
    // ---------------------------------------------------------

    async setPulse() {
        const action = await this.orm.call("res.partner", "action_customer_pulse", [[this.props.partnerId]]);
        this.dialog.add(FormViewDialog, {
            title: action.name,
            resModel: action.res_model,
            resId: action.res_id || false,
            viewId: action.views[0][0],
            context: action.context,
            canExpand: false,
            onRecordSaved: () => this.reload(),
        });
    }

    setByHand() {
        this.dialog.add(FormViewDialog, {
            title: _t("Set the health score by hand"),
            resModel: "customer.health.override",
            context: { default_partner_id: this.props.partnerId },
            canExpand: false,
            onRecordSaved: () => this.reload(),
        });
    }

    async endByHand() {
        await this.orm.call("customer.health.override", "action_end", [[this.now.override.id]]);
        await this.reload();
    }

    async doNext() {
        const action = await this.orm.call("res.partner", "action_customer_next", [[this.props.partnerId]]);
        if (action) {
            return this.action.doAction(action, { onClose: () => this.reload() });
        }
        return this.reload();
    }

    async openHistory() {
        const action = await this.orm.call("res.partner", "action_view_customer_snapshots", [[this.props.partnerId]]);
        return this.action.doAction(action);
    }
}

/** The tab "Health" of a contact. */
export class HealthTab extends Component {
    static template = "customer_success.HealthTab";
    static components = { HealthPanel, UsageMap };
    static props = { ...standardWidgetProps };

    reloadRecord() {
        // what else the form shows of the health; what is being edited stays
        if (!this.props.record.dirty) {
            this.props.record.model.load();
        }
    }
}

/** The same in a dialog, from wherever a score is shown. */
export class HealthWhy extends Component {
    static template = "customer_success.HealthWhy";
    static components = { HealthPanel };
    static props = { ...standardActionServiceProps, "*": true };
}

registry.category("view_widgets").add("customer_health_panel", { component: HealthTab });
registry.category("actions").add("customer_health_why", HealthWhy);
