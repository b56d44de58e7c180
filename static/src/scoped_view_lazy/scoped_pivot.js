import { registry } from "@web/core/registry";
import { PivotController } from "@web/views/pivot/pivot_controller";
import { pivotView } from "@web/views/pivot/pivot_view";
import { ScopedHelper } from "@customer_success/scoped_view/scoped_helper";

export class ScopedPivotController extends PivotController {
    static components = { ...PivotController.components, ActionHelper: ScopedHelper };
}

registry.category("views").add("customer_pivot", { ...pivotView, Controller: ScopedPivotController });
