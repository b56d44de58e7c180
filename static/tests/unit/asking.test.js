import { expect, test } from "@odoo/hoot";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    toggleActionMenu,
    toggleMenuItem,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Rule extends models.Model {
    _name = "customer.rule";

    name = fields.Char();
    active = fields.Boolean({ default: true });
    _records = [{ id: 1, name: "Everybody" }];
}

defineMailModels();
defineModels([Rule]);

async function ask() {
    onRpc("customer_archiving", ({ args }) => {
        expect.step(`asked ${args[0]} ${args[1]}`);
        return "200 customers go to another rule.";
    });
    onRpc("action_archive", ({ args }) => {
        expect.step(`archived ${args[0]}`);
        return false;
    });
    await mountView({
        type: "form",
        resModel: "customer.rule",
        resId: 1,
        arch: `<form js_class="customer_asking_form"><field name="name"/><field name="active" invisible="1"/></form>`,
        actionMenus: {},
    });
    await toggleActionMenu();
    await toggleMenuItem("Archive");
}

test("the question says what would happen to how many", async () => {
    await ask();
    expect.verifySteps(["asked 1 false"]);
    expect(".modal-body").toHaveText("200 customers go to another rule.");
    await contains(".modal-footer .btn:contains(Archive)").click();
    expect.verifySteps(["archived 1"]);
});

test("whoever says no changes nothing", async () => {
    await ask();
    await contains(".modal-footer .btn-secondary").click();
    expect(".modal").toHaveCount(0);
    expect.verifySteps(["asked 1 false"]);
});
