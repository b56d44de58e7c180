import { registry } from "@web/core/registry";
import { GraphController } from "@web/views/graph/graph_controller";
import { GraphRenderer } from "@web/views/graph/graph_renderer";
import { graphView } from "@web/views/graph/graph_view";
import { ScopedHelper } from "@customer_success/scoped_view/scoped_helper";

export class ScopedGraphController extends GraphController {
    static components = { ...GraphController.components, ActionHelper: ScopedHelper };
}

const BANDS = Object.fromEntries(
    ["healthy", "watch", "risk", "none"].map((band) => [band, `o_customer_health_${band}`]),
);

/** What has a colour in the app has it in graphs too: by field and value, a class with that colour. */
const CLASSES = {
    customer_health_band: BANDS,
    band: BANDS,
    // deadlines of cases, and what is spent of a budget for care
    state: {
        met: BANDS.healthy,
        failed: BANDS.risk,
        ok: BANDS.healthy,
        near: BANDS.watch,
        over: BANDS.risk,
    },
    level: { 1: "o_customer_level_yellow", 2: "o_customer_level_orange", 3: "o_customer_level_red" },
};

/** The background of a class, also in the dark. */
function colorOfClass(name) {
    const probe = document.createElement("i");
    probe.className = name;
    document.body.append(probe);
    const { backgroundColor } = getComputedStyle(probe);
    probe.remove();
    return backgroundColor;
}

/**
 * The colour of what a domain asks for, where it has one.
 *
 * @param {Array} [domain] of a bar or a slice
 */
function colorOf(domain) {
    for (const leaf of domain || []) {
        const name = Array.isArray(leaf) && leaf[1] === "=" && CLASSES[leaf[0]]?.[leaf[2]];
        if (name) {
            return colorOfClass(name);
        }
    }
    return undefined;
}

export class ScopedGraphRenderer extends GraphRenderer {
    getBarChartData() {
        return this.paint(super.getBarChartData());
    }

    getPieChartData() {
        return this.paint(super.getPieChartData());
    }

    paint(data) {
        for (const dataset of data.datasets) {
            const colors = (dataset.domains || []).map(colorOf);
            const known = new Set(colors.filter(Boolean));
            const given = dataset.backgroundColor;
            if (known.size === 1 && !Array.isArray(given)) {
                dataset.backgroundColor = [...known][0];
            } else if (known.size) {
                dataset.backgroundColor = colors.map(
                    (color, index) => color || (Array.isArray(given) ? given[index] : given),
                );
            }
        }
        return data;
    }
}

registry
    .category("views")
    .add("customer_graph", { ...graphView, Controller: ScopedGraphController, Renderer: ScopedGraphRenderer });
