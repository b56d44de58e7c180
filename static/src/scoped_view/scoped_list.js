import { registry } from "@web/core/registry";
import { listView } from "@web/views/list/list_view";
import { ListRenderer } from "@web/views/list/list_renderer";
import { ScopedHelper } from "./scoped_helper";

export class ScopedListRenderer extends ListRenderer {
    static components = { ...ListRenderer.components, ActionHelper: ScopedHelper };
}

registry.category("views").add("customer_list", { ...listView, Renderer: ScopedListRenderer });
