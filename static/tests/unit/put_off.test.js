import { expect, test } from "@odoo/hoot";
import { contains, defineModels, fields, mockService, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Followup extends models.Model {
    _name = "customer.followup";

    name = fields.Char();
    state = fields.Selection({
        selection: [
            ["planned", "Open"],
            ["done", "Done"],
        ],
    });
    _records = [
        { id: 1, name: "Call", state: "planned" },
        { id: 2, name: "Visit", state: "done" },
    ];
}

defineMailModels();
defineModels([Followup]);

const mount = () =>
    mountView({
        type: "list",
        resModel: "customer.followup",
        arch: `<list><field name="name"/><widget name="customer_put_off"/></list>`,
    });

test("only what is open can be put off", async () => {
    await mount();
    expect(".o_customer_put_off").toHaveCount(1);
});

test("the days come when the menu opens, and one click takes a day", async () => {
    onRpc("get_put_off_days", ({ args }) => {
        expect.step(`days of ${args[0]}`);
        return [{ day: "2026-12-01", name: "Tomorrow", text: "Tue", note: "St Andrew's Day over there" }];
    });
    onRpc("action_put_off", ({ args }) => {
        expect.step(`${args[0]} to ${args[1]}`);
        return { type: "ir.actions.act_window_close" };
    });
    await mount();
    expect.verifySteps([]);
    await contains(".o_customer_put_off button").click();
    expect.verifySteps(["days of 1"]);
    expect(".o_customer_put_off_day").toHaveText("Tomorrow\nTue\nSt Andrew's Day over there");
    await contains(".o_customer_put_off_day").click();
    expect.verifySteps(["1 to 2026-12-01"]);
});

test("the rest is asked in the dialog, which knows what is meant", async () => {
    onRpc("get_put_off_days", () => []);
    onRpc("action_change", ({ args, kwargs }) => {
        expect.step(`${args[0]} ${kwargs.context.default_action}`);
        return { type: "ir.actions.act_window", res_model: "customer.followup.change" };
    });
    mockService("action", { doAction: (action) => expect.step(action.res_model) });
    await mount();
    for (const [item, action] of Object.entries({ move: "move", skip: "skip", give: "reassign" })) {
        await contains(".o_customer_put_off button").click();
        await contains(`.o_customer_put_off_${item}`).click();
        expect.verifySteps([`1 ${action}`, "customer.followup.change"]);
    }
});
