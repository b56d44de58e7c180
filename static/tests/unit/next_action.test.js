import { beforeEach, expect, test } from "@odoo/hoot";
import { Deferred, animationFrame, runAllTimers } from "@odoo/hoot-mock";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Card extends models.Model {
    _name = "customer.card";

    name = fields.Char();
    _records = [
        { id: 11, name: "Anna Ltd" },
        { id: 12, name: "Ben Ltd" },
    ];
}

defineMailModels();
defineModels([Card]);

let next;

beforeEach(() => {
    next = [
        { id: 11, customer_next_action: "Call", customer_next_reason: "It is overdue" },
        { id: 12, customer_next_action: false, customer_next_reason: false },
    ];
});

const ARCH = `
    <kanban sample="1">
        <templates><t t-name="card"><field name="name"/><widget name="customer_next_action"/></t></templates>
    </kanban>`;

const open = (domain = [["id", "in", [11, 12]]]) =>
    mountView({ type: "kanban", resModel: "customer.card", arch: ARCH, domain, noContentHelp: "Nobody" });

test("the cards are there first, and all actions come with one call", async () => {
    const answer = new Deferred();
    onRpc("res.partner", "search_read", async ({ kwargs }) => {
        expect.step(`asked for ${kwargs.domain[0][2].sort()}`);
        await answer;
        return next;
    });
    await open();
    await runAllTimers();
    expect(".o_kanban_record:not(.o_kanban_ghost)").toHaveCount(2);
    expect(".o_customer_next_wait").toHaveCount(2);
    expect.verifySteps(["asked for 11,12"]);
    answer.resolve();
    await animationFrame();
    expect(".o_customer_next_wait").toHaveCount(0);
    expect(".o_customer_next").toHaveCount(1);
    expect(".o_kanban_record:eq(0) .o_customer_next").toHaveText(/Call\s+It is overdue/);
});

test("a click does it, and what is next then is asked for", async () => {
    onRpc("res.partner", "search_read", () => next);
    onRpc("customer.card", "action_customer_next", ({ args }) => {
        expect.step(`done for ${args[0]}`);
        next[0].customer_next_action = "Wait";
        return false;
    });
    await open();
    await runAllTimers();
    await animationFrame();
    await contains(".o_customer_next").click();
    expect.verifySteps(["done for 11"]);
    // until it is answered, what was known before stays
    expect(".o_customer_next_wait").toHaveCount(0);
    await runAllTimers();
    await animationFrame();
    expect(".o_customer_next").toHaveText(/Wait/);
});

test("where it can't be found nothing is proposed", async () => {
    onRpc("res.partner", "search_read", () => {
        throw new Error("no");
    });
    await open();
    await runAllTimers();
    await animationFrame();
    expect(".o_kanban_record:not(.o_kanban_ghost)").toHaveCount(2);
    expect(".o_customer_next_wait, .o_customer_next").toHaveCount(0);
});

test("nothing is proposed for examples", async () => {
    onRpc("res.partner", "search_read", () => expect.step("asked"));
    await open([["id", "=", 0]]);
    await runAllTimers();
    await animationFrame();
    expect(".o_view_sample_data .o_kanban_record:not(.o_kanban_ghost)").not.toHaveCount(0);
    expect(".o_customer_next_wait, .o_customer_next").toHaveCount(0);
    expect.verifySteps([]);
});
