import { expect, test } from "@odoo/hoot";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import { contains, defineModels, fields, mountView, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels, mailModels } from "@mail/../tests/mail_test_helpers";

class ResPartner extends mailModels.ResPartner {
    _views = {};
    customer_managed = fields.Boolean();
}

defineMailModels();
defineModels({ ResPartner });

const figures = (last) => ({
    tier: { name: "High", color: 1 },
    segment: { name: "Stable", color: 2 },
    health: { score: 80, band: "healthy", scores: [], change: 0 },
    warnings: { count: 0 },
    service: {},
    state: "track",
    state_name: "On track",
    last,
});
const mount = (resIds) =>
    mountView({
        type: "form",
        resModel: "res.partner",
        resId: resIds[0],
        resIds,
        arch: `<form><widget name="customer_strip"/><field name="name"/></form>`,
    });

test("figures that can't be had don't stand in the way of the contact", async () => {
    ResPartner._records.push({ id: 901, name: "One" });
    onRpc("get_customer_strip", () => {
        throw new Error("no answer");
    });
    await mount([901]);
    await animationFrame();
    expect(".o_customer_strip").toHaveCount(1);
    expect(".o_field_widget[name=name] input").toHaveValue("One");
});

test("nobody reads the figures of another customer meanwhile", async () => {
    ResPartner._records.push({ id: 901, name: "One" }, { id: 902, name: "Two" });
    const slow = new Deferred();
    onRpc("get_customer_strip", async ({ args }) => {
        if (args[0] === 901) {
            await slow;
            return figures("of One");
        }
        return figures("of Two");
    });
    await mount([901, 902]);
    await contains(".o_pager_next").click();
    await animationFrame();
    expect(".o_customer_strip").toHaveText(/of Two/);
    slow.resolve();
    await animationFrame();
    expect(".o_customer_strip").toHaveText(/of Two/);
    expect(".o_customer_strip").not.toHaveText(/of One/);
});
