import { registry } from "@web/core/registry";
import { FloatField, floatField } from "@web/views/fields/float/float_field";

/**
 * The actual value of a KPI: as it is read, with its unit, or a dash while it is not known; a number to be edited. A value
 * that somebody entered by hand has a pencil. 0 is a value: it can be entered where nothing is known.
 */
export class KpiActualField extends FloatField {
    static template = "customer_success.KpiActualField";

    get isKnown() {
        return this.props.record.data.has_actual;
    }

    get isByHand() {
        return this.isKnown && this.props.record.data.by_hand;
    }

    get formattedValue() {
        const { actual_text } = this.props.record.data;
        if (this.props.readonly) {
            return this.isKnown ? actual_text || super.formattedValue : "–";
        }
        return this.isKnown || this.value ? super.formattedValue : "";
    }

    parse(value) {
        const number = super.parse(value);
        if (!this.isKnown && !this.value && number === 0 && value.trim() !== "") {
            // where nothing is known the record holds a 0, so whoever asks for the parsed value sees no change
            this.props.record.update({ [this.props.name]: 0 });
        }
        return number;
    }
}

registry.category("fields").add("customer_kpi_actual", {
    ...floatField,
    component: KpiActualField,
    fieldDependencies: [
        { name: "has_actual", type: "boolean" },
        { name: "by_hand", type: "boolean" },
        { name: "actual_text", type: "char" },
    ],
});
