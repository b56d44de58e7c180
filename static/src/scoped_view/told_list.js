import { registry } from "@web/core/registry";
import { ListController } from "@web/views/list/list_controller";
import { told } from "./told";

const base = registry.category("views").get("customer_list");

registry.category("views").add("customer_told_list", {
    ...base,
    Controller: told(ListController, "customer_success.ToldListView"),
});
