import { Component, onWillStart, onWillUpdateProps, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { useSetupAction } from "@web/search/action_hook";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const WEEKS = [13, 26, 52];
/** The steps of the engine, as names of classes. */
const STEPS = { "-2": "much_less", "-1": "less", 0: "usual", 1: "more", 2: "much_more" };

/**
 * What a customer, or the customers of a segment, do with what they bought: metric by week, as a map of colours.
 *
 * It is a table, so that a screen reader reads it as one; arrow keys go through its cells, and each opens its readings.
 */
export class UsageMap extends Component {
    static template = "customer_success.UsageMap";
    static props = {
        partnerId: { type: Number, optional: true },
        segmentId: { type: Number, optional: true },
        choice: { type: Object, optional: true },
        onChoice: { type: Function, optional: true },
    };
    static defaultProps = { choice: {}, onChoice: () => {} };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.tableRef = useRef("table");
        this.periods = WEEKS;
        this.state = useState({
            weeks: 13,
            against: "own",
            how: "mean",
            ...this.props.choice,
            data: false,
            // the cell that has the focus, or the pointer above it: [metric, week]
            at: false,
        });
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((nextProps) => this.load(nextProps));
        // the latest weeks first, where there is no room for all
        useEffect(
            (table) => {
                const view = table?.parentElement;
                view?.scrollTo({
                    left: getComputedStyle(view).direction === "rtl" ? -view.scrollWidth : view.scrollWidth,
                });
            },
            () => [this.tableRef.el, this.state.weeks],
        );
    }

    async load({ partnerId, segmentId }) {
        const data = await this.orm.call("customer.usage.map", "get_map", [], {
            weeks: this.state.weeks,
            partner_id: partnerId || false,
            segment_id: segmentId || false,
            against: this.state.against,
        });
        Object.assign(this.state, { data, at: false });
    }

    async choose(choice) {
        Object.assign(this.state, choice);
        const { weeks, against, how } = this.state;
        this.props.onChoice({ weeks, against, how });
        if (!("how" in choice)) {
            await this.load(this.props);
        }
    }

    // ---------------------------------------------------------
    // What is shown
    // ---------------------------------------------------------

    get legend() {
        return [
            ["much_less", _t("half or less")],
            ["less", _t("less")],
            ["usual", _t("about as usual")],
            ["more", _t("more")],
            ["much_more", _t("twice as much or more")],
            ["none", _t("nothing was counted")],
        ];
    }

    /** The months above the weeks, each as wide as it has weeks. */
    get months() {
        const months = [];
        for (const { month } of this.state.data.weeks) {
            if (months.at(-1)?.name === month) {
                months.at(-1).span++;
            } else {
                months.push({ name: month, span: 1 });
            }
        }
        return months;
    }

    figure(cell) {
        return cell[this.state.how];
    }

    cellClass(cell, week) {
        const { step } = cell ? this.figure(cell) : {};
        return {
            [`o_customer_usage_${cell ? STEPS[step] || "plain" : "none"}`]: true,
            o_customer_usage_running: week.running,
        };
    }

    /** A cell in words: what a screen reader says, and what stands below the map. */
    describe(metric, cell, week) {
        const values = {
            metric: metric.name,
            week: week.label,
            unit: metric.unit,
            usual: metric.usual[this.state.how],
        };
        if (!cell) {
            return _t("%(metric)s, week of %(week)s: nothing was counted", values);
        }
        Object.assign(values, { value: this.figure(cell).text, count: cell.count });
        const parts = [_t("%(metric)s, week of %(week)s: %(value)s %(unit)s", values).trim()];
        if (this.props.segmentId) {
            parts.push(
                this.state.how === "mean" ? _t("mean of n = %(count)s", values) : _t("median of n = %(count)s", values),
            );
        }
        if (week.running) {
            parts.push(_t("the week is not over"));
        } else if (values.usual) {
            parts.push(_t("usually %(usual)s", values));
        }
        return parts.join(" · ");
    }

    get told() {
        if (!this.state.at) {
            return "";
        }
        const [row, column] = this.state.at;
        const metric = this.state.data.metrics[row];
        return this.describe(metric, metric.cells[column], this.state.data.weeks[column]);
    }

    /** One cell is reached by Tab; from there arrows go on. */
    tabIndex(row, column) {
        const [atRow, atColumn] = this.state.at || [0, this.state.data.weeks.length - 1];
        return row === atRow && column === atColumn ? 0 : -1;
    }

    // ---------------------------------------------------------
    // What can be done
    // ---------------------------------------------------------

    look(row, column) {
        this.state.at = [row, column];
    }

    onKeydown(ev, row, column) {
        const ahead = getComputedStyle(ev.target).direction === "rtl" ? -1 : 1;
        const last = this.state.data.weeks.length - 1;
        const [toRow, toColumn] = {
            ArrowLeft: [row, column - ahead],
            ArrowRight: [row, column + ahead],
            ArrowUp: [row - 1, column],
            ArrowDown: [row + 1, column],
            Home: [row, 0],
            End: [row, last],
        }[ev.key] || [null, null];
        if (toRow === null) {
            return;
        }
        ev.preventDefault();
        this.tableRef.el.querySelector(`[data-cell="${toRow}-${toColumn}"]`)?.focus();
    }

    async open(metric, week) {
        const action = await this.orm.call("customer.usage.map", "action_open_readings", [metric.id], {
            start: week.from,
            stop: week.to,
            partner_id: this.props.partnerId || false,
            segment_id: this.props.segmentId || false,
        });
        await this.action.doAction(action);
    }
}

/** The map as a page, of a customer or of a segment. */
export class UsageMapPage extends Component {
    static template = "customer_success.UsageMapPage";
    static components = { Layout, UsageMap };
    static props = { ...standardActionServiceProps };

    setup() {
        this.choice = this.props.state?.choice || {};
        this.display = { controlPanel: {} };
        useSetupAction({ getLocalState: () => ({ choice: this.choice }) });
    }

    keep(choice) {
        this.choice = choice;
    }
}

registry.category("actions").add("customer_usage_map", UsageMapPage);
