import { useRef } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { BadgeSelectionField, badgeSelectionField } from "@web/views/fields/badge_selection/badge_selection_field";

/** So far the keys go through the answers; the ends join. */
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/**
 * One of a few answers, each to be seen and one click away: a channel, a mood, a reason.
 *
 * To Odoo's badges it adds what makes a group of radio buttons: it is one stop of the Tab key, the arrows go from answer
 * to answer, Space chooses or takes back, and a reader of screens says what it is.
 */
export class ChoiceField extends BadgeSelectionField {
    static template = "customer_success.ChoiceField";

    setup() {
        super.setup();
        this.root = useRef("root");
    }

    get label() {
        return this.props.record.fields[this.props.name].string;
    }

    isChosen(option) {
        return this.value === option[0];
    }

    /** The chosen answer is where Tab stops, without one the first. */
    tabIndex(option, index) {
        const stop = this.options.findIndex((other) => this.isChosen(other));
        return index === Math.max(stop, 0) ? 0 : -1;
    }

    onKeydown(event, index) {
        const { options } = this;
        const last = options.length - 1;
        let next;
        if (event.key === " " || (event.key === "Enter" && !event.ctrlKey)) {
            next = index;
        } else if (event.key in STEPS) {
            next = (index + STEPS[event.key] + options.length) % options.length;
        } else if (event.key === "Home" || event.key === "End") {
            next = event.key === "Home" ? 0 : last;
        } else {
            return;
        }
        event.preventDefault();
        event.stopPropagation();
        this.root.el.querySelectorAll("[role=radio]")[next].focus();
        this.onChange(options[next][0]);
    }
}

registry.category("fields").add("customer_choice", { ...badgeSelectionField, component: ChoiceField });
