import { expect, test } from "@odoo/hoot";
import { animationFrame, press } from "@odoo/hoot-dom";
import { advanceTime, mockDate } from "@odoo/hoot-mock";
import { contains, getService, mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { WebClient } from "@web/webclient/webclient";
import "@customer_success/my_day/my_day";

defineMailModels();

const line = (id, values = {}) => ({
    key: `due/${id}`,
    kind: "due",
    model: "customer.followup",
    id,
    title: `Customer ${id}`,
    what: "Call",
    why: "Due today",
    said: "",
    icon: "fa-phone",
    late: false,
    until: "",
    customer_id: id,
    badge: false,
    does: [{ method: "action_log", label: "Log", icon: "fa-check" }],
    put_off: false,
    phone: "",
    writes: "",
    opens: "",
    follows: false,
    ...values,
});

const day = (lines, values = {}) => ({
    user: { id: 7, name: "Mitchell", own: true },
    sections: [{ code: "today", label: "Today", lines }],
    kinds: lines.length
        ? [{ code: "due", name: "Due", section: "today", count: lines.length, counted: true, more: false }]
        : [],
    problems: [],
    colleagues: [],
    briefing: false,
    done: 0,
    coming: [],
    customers: { own: true, any: true },
    pile: false,
    ...values,
});

/** Open the day, whose answer may change from look to look. */
async function open(answers) {
    let look = 0;
    onRpc("customer.day", "look", () => answers[Math.min(look++, answers.length - 1)]);
    onRpc("customer.first.steps", "look", () => ({ steps: [], done: 0, total: 0, shown: false }));
    await mountWithCleanup(WebClient);
    await getService("action").doAction({ type: "ir.actions.client", tag: "customer_day" });
}

test("what is done is gone, and the next line is the current one", async () => {
    onRpc("customer.followup", "action_log", () => true);
    await open([day([line(1), line(2), line(3)]), day([line(1), line(3)])]);
    expect(".o_customer_day_current").toHaveAttribute("data-key", "due/1");
    await press("j");
    await animationFrame();
    expect(".o_customer_day_current").toHaveAttribute("data-key", "due/2");
    await press("d");
    await animationFrame();
    expect(".o_customer_day_line").toHaveCount(2);
    expect(".o_customer_day_current").toHaveAttribute("data-key", "due/3");
    await press("j");
    await animationFrame();
    expect(".o_customer_day_current").toHaveAttribute("data-key", "due/3");
});

test("keys don't act while somebody types or a dialog is open", async () => {
    onRpc("customer.followup", "action_log", () => {
        expect.step("log");
        return true;
    });
    await open([day([line(1)])]);
    const field = document.createElement("input");
    document.querySelector(".o_customer_day_page").append(field);
    field.focus();
    await press("d");
    expect.verifySteps([]);
    field.blur();
    await press("d");
    await animationFrame();
    expect.verifySteps(["log"]);
});

test("the minutes that are left are counted, and hours are not", async () => {
    mockDate("2026-09-16 08:22:00", 0);
    await open([
        day([
            line(1, { until: "2026-09-16 09:00:00" }),
            line(2, { until: "2026-09-16 12:00:00" }),
            line(3, { until: "2026-09-16 08:00:00" }),
        ]),
    ]);
    expect(".o_customer_day_line b.o_customer_red").toHaveCount(1);
    expect(".o_customer_day_line:first b.o_customer_red").toHaveText("in 38 min");
});

test("one kind alone is shown by its chip, and everything by Escape", async () => {
    const lines = [line(1), line(2, { kind: "promise", key: "promise/2" })];
    const kinds = ["due", "promise"].map((code) => ({
        code,
        name: code,
        section: "today",
        count: 1,
        counted: true,
        more: false,
    }));
    await open([day(lines, { kinds })]);
    await contains(".o_customer_day_kinds button:contains(promise)").click();
    expect(".o_customer_day_line").toHaveCount(1);
    expect(".o_customer_day_current").toHaveAttribute("data-key", "promise/2");
    await press("Escape");
    await animationFrame();
    expect(".o_customer_day_line").toHaveCount(2);
});

test("more than are shown are a click away", async () => {
    onRpc("customer.day", "get_more", ({ args }) => {
        expect.step(args[0]);
        return { type: "ir.actions.act_window_close" };
    });
    const kinds = [{ code: "due", name: "Due", section: "today", count: 1000, counted: false, more: true }];
    await open([day([line(1)], { kinds })]);
    expect(".o_customer_day_more").toHaveText("All 999+ · Due");
    await contains(".o_customer_day_more").click();
    expect.verifySteps(["due"]);
});

test("an empty day says what it means", async () => {
    await open([day([], { done: 3 })]);
    expect(".o_customer_day_empty").toHaveText(/Nothing waits today[^]*3 contacts recorded today/);
});

test("who has no customers is told so", async () => {
    await open([day([], { customers: { own: false, any: true } })]);
    expect(".o_customer_day_empty").toHaveText(/No customers to look after/);
});

test("it is looked at anew after a while, and what can't be had stays as it was", async () => {
    let look = 0;
    onRpc("customer.day", "look", () => {
        look += 1;
        expect.step(`look ${look}`);
        if (look === 2) {
            throw new Error("no line");
        }
        return day([line(look)]);
    });
    mockService("bus_service", { subscribe: () => {}, unsubscribe: () => {}, addChannel: () => {}, start: () => {} });
    await mountWithCleanup(WebClient);
    await getService("action").doAction({ type: "ir.actions.client", tag: "customer_day" });
    expect.verifySteps(["look 1"]);
    await advanceTime(5 * 60 * 1000);
    expect.verifySteps(["look 2"]);
    expect(".o_customer_day_line").toHaveAttribute("data-key", "due/1");
    await advanceTime(5 * 60 * 1000);
    await animationFrame();
    expect.verifySteps(["look 3"]);
    expect(".o_customer_day_line").toHaveAttribute("data-key", "due/3");
});
