import { registry } from "@web/core/registry";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";
import { ListRenderer } from "@web/views/list/list_renderer";
import { onDemand, readColumn, viewKey } from "./on_demand";
import { ScopedHelper } from "./scoped_helper";

export class ScopedListRenderer extends ListRenderer {
    static components = { ...ListRenderer.components, ActionHelper: ScopedHelper };

    /** As long as not all columns are read, what is read no longer tells one list from another. */
    createViewKey() {
        const { archInfo, list } = this.props;
        return viewKey(list.resModel, this.env.config.viewId, archInfo, list.fields);
    }

    async toggleOptionalField(name) {
        const { archInfo, list } = this.props;
        if (!(name in list.activeFields)) {
            await readColumn(list, archInfo, name);
        }
        return super.toggleOptionalField(name);
    }
}

registry.category("views").add("customer_list", {
    ...listView,
    Renderer: ScopedListRenderer,
    Controller: onDemand(ListController),
});
