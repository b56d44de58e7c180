import { expect, test } from "@odoo/hoot";
import { hover, press, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { UsageMap } from "@customer_success/usage_map/usage_map";

defineMailModels();

const figure = (value, step, count = 1) => ({
    count,
    mean: { value, text: `${value}`, step },
    median: { value: value + 1, text: `${value + 1}`, step },
});
const data = (metrics) => ({
    name: "Blue",
    scope: "The colour says how much.",
    segment: true,
    silent: "Visits",
    weeks: [
        { from: "2026-05-31", to: "2026-06-06", label: "May 31", month: "May 2026", running: false },
        { from: "2026-06-07", to: "2026-06-13", label: "Jun 7", month: "June 2026", running: false },
        { from: "2026-06-14", to: "2026-06-20", label: "Jun 14", month: "June 2026", running: true },
    ],
    metrics,
});
const logins = {
    id: 1,
    name: "Logins",
    unit: "times",
    kind: "count",
    usual: { mean: "5", median: "6" },
    cells: [null, figure(0, -2), figure(9, null)],
};
const features = { ...logins, id: 2, name: "Features", cells: [figure(10, 2), null, figure(7, 1)] };

function answer(metrics) {
    onRpc("customer.usage.map", "get_map", ({ kwargs }) => {
        expect.step(`asked ${kwargs.weeks} ${kwargs.against}`);
        return data(metrics);
    });
}

test("nothing counted and a count of nothing are two things", async () => {
    answer([logins, features]);
    await mountWithCleanup(UsageMap, { props: { partnerId: 3 } });
    expect.verifySteps(["asked 13 own"]);
    expect(queryAllTexts("tbody td")).toEqual(["", "0", "9", "10", "", "7"]);
    expect("tr[data-metric=Logins] td:eq(0)").toHaveClass("o_customer_usage_none");
    expect("tr[data-metric=Logins] td:eq(1)").toHaveClass("o_customer_usage_much_less");
    expect("tr[data-metric=Logins] td:eq(2)").toHaveClass("o_customer_usage_running");
    expect("tr[data-metric=Features] td:eq(0)").toHaveClass("o_customer_usage_much_more");
    expect(".o_customer_usage_silent").toHaveText("Without a reading in these weeks: Visits");
});

test("a cell is told in words, under the pointer and by keyboard", async () => {
    answer([logins, features]);
    await mountWithCleanup(UsageMap, { props: { partnerId: 3 } });
    await hover("[data-cell='0-1']");
    await animationFrame();
    expect(".o_customer_usage_told").toHaveText("Logins, week of Jun 7: 0 times · usually 5");
    expect("[data-cell='0-0']").toHaveAttribute("aria-label", "Logins, week of May 31: nothing was counted");
    await contains("[data-cell='0-2']").focus();
    expect("[data-cell='0-2']").toHaveAttribute("tabindex", "0");
    await press("ArrowDown");
    await animationFrame();
    expect("[data-cell='1-2']").toBeFocused();
    await press("Home");
    await animationFrame();
    expect("[data-cell='1-0']").toBeFocused();
    expect(".o_customer_usage_told").toHaveText("Features, week of May 31: 10 times · usually 5");
    expect("button[data-cell][tabindex='0']").toHaveCount(1);
    expect.verifySteps(["asked 13 own"]);
});

test("of a segment: mean or median, with how many customers", async () => {
    answer([{ ...logins, cells: [figure(4, 0, 12), null, null] }]);
    await mountWithCleanup(UsageMap, { props: { segmentId: 3, onChoice: (choice) => expect.step(choice.how) } });
    expect("[data-cell='0-0']").toHaveAttribute(
        "aria-label",
        "Logins, week of May 31: 4 times · mean of n = 12 · usually 5",
    );
    await contains(".btn:contains(Median)").click();
    expect("[data-cell='0-0']").toHaveText("5");
    expect.verifySteps(["asked 13 own", "median"]);
    await contains(".btn:contains(26)").click();
    expect.verifySteps(["median", "asked 26 own"]);
});

test("a cell opens its readings; an empty one opens nothing", async () => {
    answer([logins]);
    onRpc("customer.usage.map", "action_open_readings", ({ args, kwargs }) => {
        expect.step(`open ${args[0]} ${kwargs.start} ${kwargs.stop}`);
        return { type: "ir.actions.act_window_close" };
    });
    await mountWithCleanup(UsageMap, { props: { partnerId: 3 } });
    await contains("[data-cell='0-0']").click();
    await contains("[data-cell='0-1']").click();
    expect.verifySteps(["asked 13 own", "open 1 2026-06-07 2026-06-13"]);
});

test("where nothing is counted it says how readings come in", async () => {
    answer([]);
    await mountWithCleanup(UsageMap, { props: { partnerId: 3 } });
    expect(".o_customer_usage_empty").toHaveText(/Reporting, Usage Readings/);
    expect("table").toHaveCount(0);
    expect.verifySteps(["asked 13 own"]);
});
