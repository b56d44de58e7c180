import { Component } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const COLORS = { effective: "text-success", partly: "text-warning", not: "text-danger" };
const BADGES = {
    effective: "text-bg-success",
    partly: "text-bg-warning",
    not: "text-bg-danger",
    unknown: "text-bg-secondary",
};

// units of the drawing; it grows with its place
const WIDTH = 260;
const HEIGHT = 120;
const LEFT = 62;
const RIGHT = 190;
const MARGIN = 14;
/** So far apart two labels can be read. */
const LABEL = 13;

/**
 * One KPI before and after: the customer's line, where it would be had it gone along with its segment, and the target.
 * The gap between the first two is the net effect.
 */
export class EffectChart extends Component {
    static template = "customer_success.EffectChart";
    static props = { line: Object };

    get viewBox() {
        return `0 0 ${WIDTH} ${HEIGHT}`;
    }

    get color() {
        return COLORS[this.props.line.verdict] || "text-muted";
    }

    /** Time goes from where reading begins. */
    get isMirrored() {
        return localization.direction === "rtl";
    }

    get xBefore() {
        return this.isMirrored ? WIDTH - LEFT : LEFT;
    }

    get xAfter() {
        return this.isMirrored ? WIDTH - RIGHT : RIGHT;
    }

    /** Where a value is drawn; nothing where it is not known. */
    y(value) {
        if (value === null) {
            return null;
        }
        const { before, after, target, drift } = this.props.line.values;
        const known = [before, after, target, drift].filter((other) => other !== null);
        const low = Math.min(...known);
        const span = Math.max(...known) - low;
        // where all is the same, in the middle
        const part = span ? (value - low) / span : 0.5;
        return HEIGHT - MARGIN - part * (HEIGHT - 2 * MARGIN);
    }

    get before() {
        return this.y(this.props.line.values.before);
    }

    get after() {
        return this.y(this.props.line.values.after);
    }

    get drift() {
        return this.y(this.props.line.values.drift);
    }

    get target() {
        return this.y(this.props.line.values.target);
    }

    /** The labels next to the ends of the lines, moved apart where they would cover each other. */
    get labels() {
        const { texts } = this.props.line;
        const ends = [
            { key: "after", y: this.after, text: texts.after, color: "fw-bold", isAfter: true },
            { key: "target", y: this.target, text: texts.target, color: "text-muted", isAfter: true },
        ];
        const starts = [{ key: "before", y: this.before, text: texts.before, color: "", isAfter: false }];
        return [...this.spread(starts), ...this.spread(ends)].map((label) => ({
            ...label,
            x: label.isAfter === this.isMirrored ? this.labelLeft : this.labelRight,
            anchor: label.isAfter === this.isMirrored ? "end" : "start",
        }));
    }

    get labelLeft() {
        return Math.min(this.xBefore, this.xAfter) - 8;
    }

    get labelRight() {
        return Math.max(this.xBefore, this.xAfter) + 12;
    }

    spread(labels) {
        const shown = labels.filter((label) => label.y !== null).sort((one, other) => one.y - other.y);
        shown.forEach((label, index) => {
            const above = shown[index - 1];
            label.y = above ? Math.max(label.y, above.y + LABEL) : label.y;
        });
        const beyond = shown.length ? Math.max(shown.at(-1).y - (HEIGHT - 4), 0) : 0;
        return shown.map((label) => ({ ...label, y: label.y - beyond }));
    }

    /** What stands below the drawing. */
    get gist() {
        const { holds, texts } = this.props.line;
        if (!texts.net) {
            return "";
        }
        return holds
            ? _t("net %(net)s, at the target before", { net: texts.net })
            : _t("net %(net)s of %(expected)s", { net: texts.net, expected: texts.expected });
    }

    /** The whole drawing in words. */
    get description() {
        const { name, texts, sentence } = this.props.line;
        return _t("%(kpi)s: before %(before)s, after %(after)s, target %(target)s. %(sentence)s", {
            kpi: name,
            before: texts.before || "–",
            after: texts.after || "–",
            target: texts.target,
            sentence,
        });
    }
}

/** What an adjustment brought: the verdict, a chart and the figures of each KPI. */
export class EffectPanel extends Component {
    static template = "customer_success.EffectPanel";
    static components = { EffectChart };
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    get data() {
        return this.props.record.data[this.props.name];
    }

    get badge() {
        return BADGES[this.data.verdict] || BADGES.unknown;
    }

    get charts() {
        return this.data.lines.filter(({ values }) => values.before !== null || values.after !== null);
    }

    verdictColor(verdict) {
        return COLORS[verdict] || "text-muted";
    }

    get segmentHelp() {
        return _t("The mean of the same other customers of the segment, before and after");
    }

    /** The figures of a KPI in the order of the columns, with their names for narrow screens. */
    cells({ texts }) {
        const segment =
            texts.segment_before || texts.segment_after
                ? `${texts.segment_before || "–"} → ${texts.segment_after || "–"}`
                : null;
        return [
            { key: "before", label: _t("Before"), text: texts.before },
            { key: "after", label: _t("After"), text: texts.after },
            { key: "change", label: _t("Change"), text: texts.change },
            {
                key: "segment",
                label: _t("Segment"),
                text: segment,
                note: texts.segment_change && `(${texts.segment_change})`,
            },
            { key: "net", label: _t("Net effect"), text: texts.net, strong: true },
            { key: "target", label: _t("Target"), text: texts.target, note: texts.expected && `(${texts.expected})` },
            { key: "percent", label: _t("Reached"), text: texts.percent, strong: true },
        ];
    }

    async enter(line) {
        // what was typed elsewhere in the form is kept first; the dialog works on what is stored
        if (!(await this.props.record.save())) {
            return;
        }
        const action = await this.orm.call("customer.strategy.adjustment.kpi", "action_enter_effect", [[line.id]]);
        await this.action.doAction(action, { onClose: () => this.props.record.load() });
    }
}

registry.category("fields").add("customer_effect", {
    component: EffectPanel,
    displayName: _t("Effect of an Adjustment"),
    supportedTypes: ["json"],
});
