import { registry } from "@web/core/registry";
import { graphView } from "@web/views/graph/graph_view";
import { pivotView } from "@web/views/pivot/pivot_view";
import { told } from "@customer_success/scoped_view/told";
import { ScopedGraphController, ScopedGraphRenderer } from "./scoped_graph";
import { ScopedPivotController } from "./scoped_pivot";

registry.category("views").add("customer_told_pivot", {
    ...pivotView,
    Controller: told(ScopedPivotController, "customer_success.ToldPivotView"),
});
registry.category("views").add("customer_told_graph", {
    ...graphView,
    Controller: told(ScopedGraphController, "customer_success.ToldGraphView"),
    Renderer: ScopedGraphRenderer,
});
