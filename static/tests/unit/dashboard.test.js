import { expect, test } from "@odoo/hoot";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import { contains, getService, mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";
import { WebClient } from "@web/webclient/webclient";
import "@customer_success/dashboard/dashboard";

defineMailModels();

const tile = (code, values = {}) => ({
    code,
    label: `Tile ${code}`,
    model: "res.partner",
    action: "some_action",
    figure: "NPS 41 ± 12, n = 63",
    sentence: "What it says.",
    notes: [],
    tone: "",
    domain: [["id", "=", 1]],
    opens: [],
    context: {},
    empty: "",
    todo: false,
    legend: [],
    rows: [],
    columns: [],
    ...values,
});

const part = (label, values = {}) => ({
    label,
    text: "3",
    tone: "good",
    size: 30,
    domain: [["id", "=", 3]],
    ...values,
});

const dashboard = (tiles, values = {}) => ({
    filters: { months: 12, company_id: false, team_id: false },
    periods: [
        { months: 3, label: "3 months" },
        { months: 12, label: "12 months" },
    ],
    companies: [],
    teams: [{ id: 5, name: "North" }],
    since: "Jan 1 to Dec 31",
    more: [],
    tiles,
    problems: [],
    ...values,
});

async function open(answer) {
    onRpc("customer.dashboard", "look", ({ kwargs, args }) => answer({ ...args[0], ...kwargs }));
    await mountWithCleanup(WebClient);
    await getService("action").doAction({ type: "ir.actions.client", tag: "customer_dashboard" });
}

/** Note what is opened, and open nothing. */
function noteWhatIsOpened() {
    const { doAction } = getService("action");
    const action = getService("action");
    action.loadAction = async (name) => ({
        type: "ir.actions.act_window",
        xml_id: name,
        res_model: "res.partner",
        context: { search_default_mine: 1 },
        views: [
            [false, "pivot"],
            [false, "list"],
        ],
    });
    action.doAction = async (opened) => {
        expect.step(
            typeof opened === "string"
                ? opened
                : [
                      opened.name,
                      JSON.stringify(opened.domain),
                      opened.views?.[0][1],
                      JSON.stringify(opened.context),
                  ].join(" | "),
        );
    };
    return () => (action.doAction = doAction);
}

test("a figure, a line, a part of it and a month open exactly what they count, as a list", async () => {
    await open(() =>
        dashboard([
            tile("nps", {
                context: { months: 3 },
                rows: [{ label: "High", text: "3 of 10", domain: [["id", "=", 2]], bars: [[part("On time")]] }],
                columns: [
                    {
                        label: "Jan",
                        title: "January",
                        text: "5",
                        figure: "41",
                        parts: [part("Good"), part("Not", { domain: false })],
                    },
                ],
            }),
        ]),
    );
    noteWhatIsOpened();
    await contains(".o_customer_tile_figure").click();
    await contains(".o_customer_tile_label").click();
    await contains(".o_customer_tile_bar button").click();
    await contains(".o_customer_tile_stack button").click();
    expect.verifySteps([
        'Tile nps | [["id","=",1]] | list | {"months":3}',
        'Tile nps: High | [["id","=",2]] | list | {"months":3}',
        'Tile nps: High · On time | [["id","=",3]] | list | {"months":3}',
        'Tile nps: January · Good | [["id","=",3]] | list | {"months":3}',
    ]);
    expect(".o_customer_tile_stack > *").toHaveCount(2);
    expect(".o_customer_tile_stack button").toHaveAttribute("aria-label", "January · Good: 3");
    expect(".o_customer_tile_column").toHaveAttribute("aria-label", "January · 5");
});

test("what a record says that the figure opens, is asked of it", async () => {
    onRpc("customer.target", "action_open_behind", ({ args }) => {
        expect.step(`asked ${args[0]}`);
        return { type: "ir.actions.act_window_close", name: "behind" };
    });
    await open(() =>
        dashboard([tile("churn", { domain: false, opens: ["customer.target", 7, "action_open_behind"] })]),
    );
    await contains(".o_customer_tile_figure").click();
    expect.verifySteps(["asked 7"]);
});

test("what is chosen holds for all tiles and is kept for this user", async () => {
    await open((asked) => {
        expect.step(`${asked.months} ${asked.team_id}`);
        return dashboard([tile("nps")], {
            filters: { months: asked.months, company_id: false, team_id: asked.team_id },
        });
    });
    await contains(".o_customer_dashboard_team").select("5");
    await contains(".o_customer_dashboard_period").select("3");
    expect.verifySteps(["12 false", "12 5", "3 5"]);
    expect(JSON.parse(browser.localStorage.getItem(`customer_success.dashboard.${user.userId}`))).toEqual({
        months: 3,
        company_id: false,
        team_id: 5,
    });
    await getService("action").doAction({ type: "ir.actions.client", tag: "customer_dashboard" });
    expect.verifySteps(["3 5"]);
});

test("what is kept and is nonsense is forgotten", async () => {
    browser.localStorage.setItem(`customer_success.dashboard.${user.userId}`, "{nonsense");
    await open((asked) => {
        expect.step(`${asked.months} ${asked.team_id}`);
        return dashboard([]);
    });
    expect.verifySteps(["12 false"]);
});

test("an answer that comes too late is not shown", async () => {
    const late = new Deferred();
    let look = 0;
    await open(async () => {
        look += 1;
        if (look === 2) {
            await late;
        }
        return dashboard([tile("nps", { figure: `look ${look === 2 ? "late" : look}` })]);
    });
    contains(".o_customer_dashboard_team").select("5");
    await animationFrame();
    expect(".o_customer_dashboard_page").toHaveAttribute("aria-busy", "true");
    await contains(".o_customer_dashboard_period").select("3");
    expect(".o_customer_tile_figure").toHaveText("look 3");
    late.resolve();
    await animationFrame();
    expect(".o_customer_tile_figure").toHaveText("look 3");
    expect(".o_customer_dashboard_page").toHaveAttribute("aria-busy", "false");
});

test("where there is nothing, a tile says what to do first, and what fails is said above", async () => {
    await open(() =>
        dashboard(
            [
                tile("nps", {
                    figure: "",
                    sentence: "",
                    domain: false,
                    empty: "Nobody has answered yet.",
                    todo: { action: "customer_feedback_action", label: "Feedback" },
                }),
            ],
            { problems: ["“Health” could not be looked up."], teams: [] },
        ),
    );
    noteWhatIsOpened();
    expect(".o_customer_tile_figure").toHaveCount(0);
    expect(".o_customer_dashboard_team").toHaveCount(0);
    expect(".alert-warning").toHaveText("“Health” could not be looked up.");
    await contains(".o_customer_tile_empty button").click();
    expect.verifySteps(["customer_success.customer_feedback_action"]);
});

test("what can't be had leaves what is shown", async () => {
    expect.errors(1);
    mockService("notification", { add: () => () => {} });
    let look = 0;
    await open(() => {
        look += 1;
        if (look === 2) {
            throw new Error("no line");
        }
        return dashboard([tile("nps")]);
    });
    await contains(".o_customer_dashboard_period").select("3");
    await animationFrame();
    expect(".o_customer_tile").toHaveCount(1);
    expect(".o_customer_dashboard_page").toHaveAttribute("aria-busy", "false");
    expect.verifyErrors(["no line"]);
});

test("another page stands beside it, and is asked of the server", async () => {
    onRpc("customer.dashboard", "open_pivots", () => {
        expect.step("asked");
        return { type: "ir.actions.act_window_close" };
    });
    await open(() => dashboard([tile("tiers")], { more: [["open_pivots", "Pivots"]] }));
    expect(".o_customer_dashboard_more").toHaveText("Pivots");
    await contains(".o_customer_dashboard_more").click();
    expect.verifySteps(["asked"]);
});
