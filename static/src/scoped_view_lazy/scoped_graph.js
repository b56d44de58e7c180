import { registry } from "@web/core/registry";
import { GraphController } from "@web/views/graph/graph_controller";
import { graphView } from "@web/views/graph/graph_view";
import { ScopedHelper } from "@customer_success/scoped_view/scoped_helper";

export class ScopedGraphController extends GraphController {
    static components = { ...GraphController.components, ActionHelper: ScopedHelper };
}

registry.category("views").add("customer_graph", { ...graphView, Controller: ScopedGraphController });
