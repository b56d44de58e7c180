import { Component, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const COLORS = { healthy: "success", watch: "warning", risk: "danger" };
const LEVELS = { 1: "text-warning", 2: "o_customer_orange", 3: "text-danger" };

const WIDTH = 72;
const HEIGHT = 20;
/** A line of less than so many points is drawn flat: a change of one point is no landslide. */
const LEAST_SPAN = 20;

/** The text class of the colour that a band of health has everywhere. */
export function healthColor(band) {
    return `text-${COLORS[band] || "muted"}`;
}

/** The score as people read it; a customer without one has a dash, not a zero. */
export class HealthScore extends Component {
    static template = "customer_success.HealthScore";
    static props = {
        score: { type: [Number, Boolean, { value: null }], optional: true },
        band: { type: [String, Boolean], optional: true },
        title: { type: String, optional: true },
    };

    get isScored() {
        return Boolean(COLORS[this.props.band]);
    }

    get color() {
        return healthColor(this.props.band);
    }

    get text() {
        return this.isScored ? `${Math.round(this.props.score)}` : "–";
    }

    get title() {
        return this.props.title || (this.isScored ? _t("Health, 100 is best") : _t("Health: not scored"));
    }
}

/** The scores of the last weeks as a small line; weeks without a score leave a gap. A single score is no line. */
export class HealthLine extends Component {
    static template = "customer_success.HealthLine";
    static props = {
        scores: { type: [Array, Boolean], optional: true },
        band: { type: [String, Boolean], optional: true },
    };

    get width() {
        return WIDTH;
    }

    get height() {
        return HEIGHT;
    }

    get color() {
        return healthColor(this.props.band);
    }

    get points() {
        const scores = Array.isArray(this.props.scores) ? this.props.scores : [];
        const known = scores.filter(Number.isFinite);
        let low = Math.min(...known);
        const span = Math.max(Math.max(...known) - low, LEAST_SPAN);
        low = Math.max(Math.min((low + Math.max(...known) - span) / 2, 100 - span), 0);
        return scores.flatMap((score, index) =>
            !Number.isFinite(score)
                ? []
                : {
                      index,
                      score,
                      x: 2 + ((WIDTH - 4) * index) / Math.max(scores.length - 1, 1),
                      y: HEIGHT - 2 - ((HEIGHT - 4) * (score - low)) / span,
                  },
        );
    }

    /** The stretches without a gap, as paths. */
    get paths() {
        let last = -2;
        let path = "";
        for (const { index, x, y } of this.points) {
            path += `${index === last + 1 ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
            last = index;
        }
        return path;
    }

    get end() {
        return this.points.at(-1);
    }

    get title() {
        const points = this.points;
        return _t("Health in 18 weeks: from %(first)s to %(last)s", {
            first: Math.round(points[0].score),
            last: Math.round(points.at(-1).score),
        });
    }
}

/** How far the score moved; nothing where it did not. */
export class HealthChange extends Component {
    static template = "customer_success.HealthChange";
    static props = { change: { type: Number } };

    get points() {
        return Math.round(this.props.change);
    }

    get text() {
        return this.points > 0 ? `+${this.points}` : `−${-this.points}`;
    }

    get title() {
        return _t("Change in 30 days");
    }
}

/** How many warnings are open, in the colour of the worst. */
export class WarningCount extends Component {
    static template = "customer_success.WarningCount";
    static props = {
        count: { type: Number },
        level: { type: [String, Boolean], optional: true },
        name: { type: String, optional: true },
    };

    get color() {
        return LEVELS[this.props.level] || "text-muted";
    }

    get title() {
        return this.props.name
            ? _t("%(count)s open, the worst is %(level)s", { count: this.props.count, level: this.props.name })
            : _t("Open warnings");
    }
}

/** What all figures of a field have; each draws its own. */
class FigureField extends Component {
    static template = xml``;
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get band() {
        return this.props.record.data.customer_health_band;
    }
}

class HealthScoreField extends FigureField {
    static template = "customer_success.HealthScoreField";
    static components = { HealthScore };
}

class HealthLineField extends FigureField {
    static template = "customer_success.HealthLineField";
    static components = { HealthLine };
}

class HealthChangeField extends FigureField {
    static template = "customer_success.HealthChangeField";
    static components = { HealthChange };
}

class WarningCountField extends FigureField {
    static template = "customer_success.WarningCountField";
    static components = { WarningCount };

    get level() {
        return this.props.record.data.customer_warning_level;
    }

    get name() {
        const labels = Object.fromEntries(this.props.record.fields.customer_warning_level?.selection || []);
        return labels[this.level] || "";
    }
}

const BAND = [{ name: "customer_health_band", type: "selection" }];
const fields = registry.category("fields");

fields.add("customer_health", {
    component: HealthScoreField,
    displayName: _t("Health Score"),
    supportedTypes: ["float"],
    fieldDependencies: BAND,
});
fields.add("customer_health_line", {
    component: HealthLineField,
    displayName: _t("Health Trend"),
    supportedTypes: ["json"],
    fieldDependencies: BAND,
});
fields.add("customer_health_change", {
    component: HealthChangeField,
    displayName: _t("Health Change"),
    supportedTypes: ["float"],
});
fields.add("customer_warnings", {
    component: WarningCountField,
    displayName: _t("Open Warnings"),
    supportedTypes: ["integer"],
    fieldDependencies: [{ name: "customer_warning_level", type: "selection" }],
});
