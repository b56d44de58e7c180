import { Component, markup, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * What the tab "Relationship" of a contact shows of its open follow-ups and its file.
 *
 * It is loaded when the tab is opened, so that opening a contact costs no more than without the addon.
 */
export class RelationshipPanel extends Component {
    static template = "customer_success.RelationshipPanel";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ data: false });
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps((nextProps) => this.load(nextProps.record));
    }

    async load(record) {
        this.state.data = record.resId
            ? await this.orm.call("res.partner", "get_customer_relationship", [record.resId])
            : false;
    }

    get missing() {
        return _t("The profile is %(percent)s % complete. Missing: %(missing)s", {
            percent: this.state.data.completeness,
            missing: this.state.data.missing,
        });
    }

    get service() {
        // an Html field, which the server has sanitized
        return markup(this.state.data.service);
    }

    get advice() {
        // rendered by the server from a template
        return markup(this.state.data.advice);
    }

    get moreInsights() {
        return _t("%(count)s more", { count: this.state.data.more_insights });
    }

    /** The seats of the chart in rows, those on top first. */
    get levels() {
        const levels = [];
        for (const seat of this.state.data.seats) {
            const depth = Math.min(seat.level, 3);
            levels[depth] ||= { depth, seats: [] };
            levels[depth].seats.push(seat);
        }
        return levels.filter(Boolean);
    }

    /** How a seat is marked: by the attitude of its person, or as vacant. */
    seatTone(seat) {
        const tones = { supporter: "for", positive: "for", critical: "critical", opponent: "against" };
        return seat.person ? tones[seat.attitude] || "open" : "vacant";
    }

    formatDate(day) {
        return formatDate(deserializeDate(day));
    }

    explainSegment() {
        return this.act("action_customer_segment_dialog");
    }

    /** Open a dialog about this customer, and show the form anew afterwards. */
    async act(method) {
        const action = await this.orm.call("res.partner", method, [[this.props.record.resId]]);
        await this.action.doAction(action, { onClose: () => this.props.record.model.load() });
    }

    async log(followup) {
        const action = await this.orm.call("customer.followup", "action_log", [[followup.id]]);
        await this.action.doAction(action, { onClose: () => this.props.record.model.load() });
    }

    noteOccasion() {
        const { resId } = this.props.record;
        return this.editOccasion(_t("Note an occasion"), false, {
            default_partner_id: resId,
            customer_people_of: resId,
        });
    }

    openOccasion(occasion) {
        return this.editOccasion(_t("Occasion"), occasion.id, {});
    }

    editOccasion(name, resId, context) {
        return this.edit("customer.occasion", name, resId, context);
    }

    /** Open the dialog of something that the panel shows, and show it anew afterwards. */
    edit(resModel, name, resId, context = {}) {
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name,
                res_model: resModel,
                res_id: resId,
                views: [[false, "form"]],
                target: "new",
                context,
            },
            { onClose: () => this.load(this.props.record) },
        );
    }

    addSeat() {
        return this.edit("customer.seat", _t("Add a seat"), false, {
            default_partner_id: this.props.record.resId,
        });
    }

    openSeat(seat) {
        return this.edit("customer.seat", seat.role, seat.id);
    }

    noteInsight() {
        return this.edit("customer.insight", _t("Note an insight"), false, {
            default_partner_id: this.props.record.resId,
        });
    }

    openInsight(insight) {
        return this.edit("customer.insight", insight.kind, insight.id);
    }

    async settle(insight) {
        await this.orm.call("customer.insight", "action_settle", [[insight.id]]);
        await this.load(this.props.record);
    }

    /** Open all of a customer: its decision chain, or its insights. */
    async viewAll(method) {
        const action = await this.orm.call("res.partner", method, [[this.props.record.resId]]);
        await this.action.doAction(action);
    }

    openFollowup(followup) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Follow-up"),
            res_model: "customer.followup",
            res_id: followup.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("customer_relationship_panel", { component: RelationshipPanel });
