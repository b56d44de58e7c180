import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Kpi extends models.Model {
    _name = "customer.kpi.line";

    actual = fields.Float();
    has_actual = fields.Boolean();
    by_hand = fields.Boolean();
    actual_text = fields.Char();
    better = fields.Date();
    day = fields.Date();
    _records = [
        { id: 1, actual: 0, has_actual: false, better: "2026-12-01", day: "2026-11-29" },
        { id: 2, actual: 0, has_actual: true, by_hand: true, actual_text: "0 %" },
    ];
}

defineMailModels();
defineModels([Kpi]);

const form = (resId, arch) => mountView({ type: "form", resModel: "customer.kpi.line", resId, arch });

test("what is not known is a dash, and a known zero is a zero", async () => {
    await mountView({
        type: "list",
        resModel: "customer.kpi.line",
        arch: `<list><field name="actual" widget="customer_kpi_actual" readonly="1"/></list>`,
    });
    expect(".o_data_row:eq(0) .o_field_widget").toHaveText("–");
    expect(".o_data_row:eq(1) .o_field_widget").toHaveText("0 %");
});

test("a zero can be entered where nothing is known", async () => {
    onRpc("web_save", ({ args }) => expect.step(`saved ${JSON.stringify(args[1])}`));
    await form(1, `<form><field name="actual" widget="customer_kpi_actual"/></form>`);
    expect("[name=actual] input").toHaveValue("");
    await contains("[name=actual] input").edit("0");
    await contains(".o_form_button_save").click();
    expect.verifySteps([`saved {"actual":0}`]);
});

test("a proposed day is taken into the form, and not saved", async () => {
    onRpc("web_save", () => expect.step("saved"));
    await form(
        1,
        `<form><field name="better"/><field name="day"/>
            <widget name="customer_take_day" options="{'from': 'better', 'to': 'day'}"/></form>`,
    );
    await contains(".o_widget_customer_take_day button").click();
    expect("[name=day]").toHaveText(/Dec 1/);
    expect.verifySteps([]);
});

test("feedback is asked for by the tab of a contact that is there", async () => {
    onRpc("res.partner", "get_customer_feedback", ({ args }) => {
        expect.step(`feedback of ${args[0]}`);
        return [["Answered last", "9 of 10"]];
    });
    await form(1, `<form><widget name="customer_feedback_panel"/></form>`);
    await animationFrame();
    expect.verifySteps(["feedback of 1"]);
    expect(".o_customer_feedback_panel").toHaveText("Answered last\n9 of 10");
});
