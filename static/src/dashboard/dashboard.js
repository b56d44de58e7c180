import { Component, onWillStart, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { labelled } from "../local_text/local_text";

/** Under which name a browser keeps what somebody looks at. */
const KEPT = "customer_success.dashboard";

/**
 * How the customers do that somebody answers for, on one screen: each tile says one thing and opens what it is told by.
 *
 * One call to the server answers all of it. What is looked at (company, team, period) holds for all tiles, and is kept for each
 * user in the browser; the server leaves out what is not, or no longer, the user's to choose.
 */
export class CustomerDashboard extends Component {
    static template = "customer_success.Dashboard";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.labelled = labelled;
        this.state = useState({ data: false, busy: false });
        this.filters = this.kept();
        this.env.config.setDisplayName(_t("Dashboard"));
        onWillStart(() => this.load());
    }

    get data() {
        return this.state.data;
    }

    get display() {
        return { controlPanel: {} };
    }

    // ---------------------------------------------------------
    // What is looked at
    // ---------------------------------------------------------

    get key() {
        return `${KEPT}.${user.userId}`;
    }

    kept() {
        try {
            const kept = JSON.parse(browser.localStorage.getItem(this.key)) || {};
            return { months: kept.months || 12, company_id: kept.company_id || false, team_id: kept.team_id || false };
        } catch {
            // whatever stands there is not ours
            return { months: 12, company_id: false, team_id: false };
        }
    }

    async load() {
        const asked = (this.asked = { ...this.filters });
        this.state.busy = true;
        try {
            const data = await this.orm.call("customer.dashboard", "look", [], asked);
            // an answer to an earlier question comes too late
            if (asked === this.asked) {
                this.state.data = data;
                this.filters = { ...data.filters };
            }
        } finally {
            if (asked === this.asked) {
                this.state.busy = false;
            }
        }
    }

    choose(name, event) {
        this.filters = { ...this.filters, [name]: Number(event.target.value) || false };
        browser.localStorage.setItem(this.key, JSON.stringify(this.filters));
        return this.load();
    }

    // ---------------------------------------------------------
    // What a click opens
    // ---------------------------------------------------------

    opensSomething(tile) {
        return tile.domain || tile.opens.length;
    }

    async open(tile) {
        if (tile.domain) {
            return this.openRecords(tile, tile.domain, tile.label);
        }
        const [model, id, method] = tile.opens;
        return this.action.doAction(await this.orm.call(model, method, [[id]]));
    }

    /**
     * Show exactly the records that a figure counts, in the list of the screen that shows them all.
     *
     * @param {Object} tile
     * @param {Array} domain
     * @param {string} name of what was clicked
     */
    async openRecords(tile, domain, name) {
        const action = await this.action.loadAction(`customer_success.${tile.action}`);
        const lists = action.views.filter(([, mode]) => mode === "list");
        return this.action.doAction({
            ...action,
            name: name === tile.label ? name : labelled(tile.label, name),
            views: [...lists, ...action.views.filter(([, mode]) => mode !== "list")],
            domain,
            // the filters with which the screen usually opens would hide some
            context: { ...tile.context },
        });
    }

    async goFurther(method) {
        return this.action.doAction(await this.orm.call("customer.dashboard", method, []));
    }

    goTo(xmlId) {
        return this.action.doAction(`customer_success.${xmlId}`);
    }

    // ---------------------------------------------------------
    // Words
    // ---------------------------------------------------------

    say(...parts) {
        return parts.filter(Boolean).join(" · ");
    }
}

registry.category("actions").add("customer_dashboard", CustomerDashboard);
