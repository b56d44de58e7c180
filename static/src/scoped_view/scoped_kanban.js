import { registry } from "@web/core/registry";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { ScopedHelper } from "./scoped_helper";

export class ScopedKanbanRenderer extends KanbanRenderer {
    static components = { ...KanbanRenderer.components, ActionHelper: ScopedHelper };

    /** A board that is grouped by records and has none is empty too: Odoo leaves its page blank. */
    get showNoContentHelper() {
        const { groups, isGrouped } = this.props.list;
        return super.showNoContentHelper || (isGrouped && !groups.length && !this.canCreateGroup());
    }
}

registry.category("views").add("customer_kanban", { ...kanbanView, Renderer: ScopedKanbanRenderer });
