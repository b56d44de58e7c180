import { expect, test } from "@odoo/hoot";
import { press, queryAll, queryAllAttributes } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Contact extends models.Model {
    mood = fields.Selection({
        selection: [
            ["good", "Good"],
            ["fair", "Fair"],
            ["bad", "Bad"],
        ],
    });
    _records = [{ id: 1, mood: "fair" }];
}

defineMailModels();
defineModels([Contact]);

const RADIO = ".o_customer_choice [role=radio]";
const mount = () =>
    mountView({
        type: "form",
        resModel: "contact",
        resId: 1,
        arch: `<form><field name="mood" widget="customer_choice"/></form>`,
    });
const checked = () => queryAllAttributes(RADIO, "aria-checked");

test("it is one stop of the Tab key, at what is chosen", async () => {
    await mount();
    expect(checked()).toEqual(["false", "true", "false"]);
    expect(queryAllAttributes(RADIO, "tabindex")).toEqual(["-1", "0", "-1"]);
    expect(".o_customer_choice").toHaveAttribute("role", "radiogroup");
});

test("the arrows go from answer to answer, and the ends join", async () => {
    await mount();
    queryAll(RADIO)[1].focus();
    await press("ArrowRight");
    await animationFrame();
    expect(checked()).toEqual(["false", "false", "true"]);
    await press("ArrowRight");
    await animationFrame();
    expect(checked()).toEqual(["true", "false", "false"]);
    await press("End");
    await animationFrame();
    expect(checked()).toEqual(["false", "false", "true"]);
});

test("a click chooses, and Space takes back", async () => {
    await mount();
    await contains(`${RADIO}:contains(Good)`).click();
    expect(checked()).toEqual(["true", "false", "false"]);
    queryAll(RADIO)[0].focus();
    await press(" ");
    await animationFrame();
    expect(checked()).toEqual(["false", "false", "false"]);
});
