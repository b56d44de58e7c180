import { onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { ActionHelper } from "@web/views/action_helper";

/** Names of the filters that show a person the own part of a screen. */
const SCOPES = ["mine", "my_team"];

/** So far others are counted: nobody needs to know it more exactly, and counting a table to its end takes time. */
const LIMIT = 1000;

/**
 * The help of an empty screen, which tells "there is none" from "there is none of yours".
 *
 * Most screens open with the filter Mine or My Team. Where only that filter leaves them empty, it says how many there are
 * of others, and one click shows them.
 */
export class ScopedHelper extends ActionHelper {
    static template = "customer_success.ScopedHelper";

    setup() {
        this.orm = useService("orm");
        this.state = useState({ others: 0, team: false });
        onWillStart(() => this.countOthers());
        onWillUpdateProps(() => this.countOthers());
    }

    /** The filters of :const:`SCOPES` that are on. */
    get scopes() {
        return (
            this.env.searchModel?.getSearchItems(
                (item) => item.type === "filter" && item.isActive && SCOPES.includes(item.name),
            ) || []
        );
    }

    get title() {
        return this.state.team ? _t("None of your team") : _t("None of yours");
    }

    get others() {
        const { others } = this.state;
        if (others === 1) {
            return _t("There is one of others.");
        }
        return others < LIMIT
            ? _t("There are %(count)s of others.", { count: others })
            : _t("There are more than %(count)s of others.", { count: LIMIT - 1 });
    }

    async countOthers() {
        const scopes = this.scopes;
        this.state.others = 0;
        if (scopes.length) {
            this.state.team = scopes.some((scope) => scope.name === "my_team");
            this.state.others = await this.orm.searchCount(
                this.env.searchModel.resModel,
                this.domainWithout(scopes.map((scope) => scope.id)),
                { context: this.env.searchModel.context, limit: LIMIT },
            );
        }
    }

    /**
     * The domain of the screen as it would be without some of its filters.
     *
     * @param {number[]} ids of the filters
     */
    domainWithout(ids) {
        const { searchModel } = this.env;
        const query = searchModel.query;
        searchModel.query = query.filter((part) => !ids.includes(part.searchItemId));
        try {
            return searchModel._getDomain();
        } finally {
            searchModel.query = query;
        }
    }

    showOthers() {
        for (const scope of this.scopes) {
            this.env.searchModel.toggleSearchItem(scope.id);
        }
    }
}
