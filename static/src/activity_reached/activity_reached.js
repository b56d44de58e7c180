import { Activity } from "@mail/core/common/activity_model";
import { ActivityMarkAsDone } from "@mail/core/web/activity_markasdone_popover";
import { assignIn } from "@mail/utils/common/misc";
import { patch } from "@web/core/utils/patch";

patch(Activity, {
    _insert(data) {
        const activity = super._insert(...arguments);
        assignIn(activity, data, ["customer_counts"]);
        return activity;
    },
});

/** CAD-4: a call in which nobody was reached is done, and no contact. */
patch(ActivityMarkAsDone.prototype, {
    async onClickNotReached() {
        const { id, res_id, res_model, feedback } = this.props.activity;
        const store = this.env.services["mail.store"];
        const thread = store.Thread.insert({ model: res_model, id: res_id });
        await this.env.services.orm.call("mail.activity", "action_customer_not_reached", [[id]], { feedback });
        store.activityBroadcastChannel?.postMessage({
            type: "RELOAD_CHATTER",
            payload: { id: res_id, model: res_model },
        });
        this.props.close?.();
        this.props.onActivityChanged(thread);
        await thread.fetchNewMessages();
    },
});
