import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-dom";
import { contains, mockService, mountWithCleanup, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { user } from "@web/core/user";
import { FirstSteps } from "@customer_success/first_steps/first_steps";

defineMailModels();

const one = (code, done, values = {}) => ({
    code,
    label: `Do ${code}`,
    good_for: `Good for ${code}`,
    done,
    says: "",
    button: `Open ${code}`,
    action: `module.${code}`,
    sequence: 10,
    ...values,
});

const steps = (list, shown = true) => ({
    steps: list,
    done: list.filter((step) => step.done).length,
    total: list.length,
    shown,
});

test("what is left says what it is good for, the first of it is the next, and what is done is short", async () => {
    patchWithCleanup(user, { hasGroup: async () => true });
    onRpc("customer.first.steps", "look", () =>
        steps([
            one("customers", true, { says: "3 customers." }),
            one("preset", false),
            one("mail", false, { action: "" }),
        ]),
    );
    mockService("action", { doAction: (action) => expect.step(action) });
    await mountWithCleanup(FirstSteps);
    expect(".o_customer_first_steps_count").toHaveText("1 / 3");
    expect("[data-code=customers]").toHaveText(/3 customers\./);
    expect("[data-code=preset] .btn-primary").toHaveText("Open preset");
    expect("[data-code=preset]").toHaveText(/Good for preset/);
    expect("[data-code=mail] .btn").toHaveCount(0);
    await contains("[data-code=preset] .btn-primary").click();
    await contains("[data-code=customers] button").click();
    expect.verifySteps(["module.preset", "module.customers"]);
});

test("put away, it is gone; on the settings page it always stands", async () => {
    patchWithCleanup(user, { hasGroup: async () => true });
    let shown = true;
    onRpc("customer.first.steps", "look", () => steps([one("preset", false)], shown));
    onRpc("customer.first.steps", "show", ({ args }) => {
        expect.step(args[0]);
        shown = false;
        return true;
    });
    await mountWithCleanup(FirstSteps);
    await contains(".o_customer_first_steps_away").click();
    expect.verifySteps([false]);
    expect(".o_customer_first_steps").toHaveCount(0);
    await mountWithCleanup(FirstSteps, { props: { always: true } });
    expect(".o_customer_first_steps").toHaveCount(1);
    expect(".o_customer_first_steps_away").toHaveCount(0);
});

test("nobody else is shown any, and the server is not asked", async () => {
    patchWithCleanup(user, { hasGroup: async () => false });
    onRpc("customer.first.steps", "look", () => expect.step("asked"));
    await mountWithCleanup(FirstSteps, { props: { always: true } });
    await animationFrame();
    expect(".o_customer_first_steps").toHaveCount(0);
    expect.verifySteps([]);
});
