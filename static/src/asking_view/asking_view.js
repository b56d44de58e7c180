import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";
import { listView } from "@web/views/list/list_view";

/**
 * Archive and Unarchive of rules that act on everybody: the question before it says what would happen to how many customers.
 *
 * @param {typeof import("@odoo/owl").Component} Controller of a form or a list
 */
const asking = (Controller) =>
    class extends Controller {
        getStaticActionMenuItems() {
            const items = super.getStaticActionMenuItems();
            items.archive.callback = () => this.askFirst(false);
            items.unarchive.callback = () => this.askFirst(true);
            return items;
        }

        /** @param {boolean} active whether the rules are to be used again */
        async askFirst(active) {
            const { root } = this.model;
            const ids = root.resId ? [root.resId] : await root.getResIds(true);
            const body = await this.model.orm.call(root.resModel, "customer_archiving", [ids, active], {
                context: root.context,
            });
            this.model.dialog.add(ConfirmationDialog, {
                title: active ? _t("Use again?") : _t("Archive?"),
                body,
                confirmLabel: active ? _t("Unarchive") : _t("Archive"),
                confirm: () => (active ? root.unarchive(true) : root.archive(true)),
                cancel: () => {},
            });
        }
    };

registry.category("views").add("customer_asking_form", { ...formView, Controller: asking(formView.Controller) });
registry.category("views").add("customer_asking_list", { ...listView, Controller: asking(listView.Controller) });
