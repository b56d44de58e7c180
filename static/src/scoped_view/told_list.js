import { registry } from "@web/core/registry";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";
import { onDemand } from "./on_demand";
import { ScopedListRenderer } from "./scoped_list";
import { told } from "./told";

registry.category("views").add("customer_told_list", {
    ...listView,
    Renderer: ScopedListRenderer,
    Controller: told(onDemand(ListController), "customer_success.ToldListView"),
});
