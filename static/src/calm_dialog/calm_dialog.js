import { registry } from "@web/core/registry";
import { FormRenderer } from "@web/views/form/form_renderer";
import { formView } from "@web/views/form/form_view";

/** On a narrow screen the cursor opens the calendar or the keyboard over what one has to read first. */
export class CalmFormRenderer extends FormRenderer {
    get shouldAutoFocus() {
        return super.shouldAutoFocus && !this.env.isSmall;
    }
}

registry.category("views").add("customer_calm_form", { ...formView, Renderer: CalmFormRenderer });
