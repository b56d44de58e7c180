import { beforeEach, expect, test } from "@odoo/hoot";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Follow extends models.Model {
    _name = "customer.follow";

    name = fields.Char();
    dear = fields.Integer();
    color = fields.Integer();
    depends = fields.Integer();
    _records = [
        { id: 1, name: "Anna", dear: 7, color: 1 },
        { id: 2, name: "Ben", dear: 9, color: 2 },
    ];
}

defineMailModels();
defineModels([Follow]);

const ARCH = `
    <list js_class="customer_list" decoration-danger="color == 2">
        <field name="name"/>
        <field name="dear" optional="hide"/>
        <field name="color" optional="hide"/>
        <field name="depends" optional="show"/>
    </list>`;

const names = (specification) => Object.keys(specification).sort().join(" ");

const open = (arch = ARCH, options = {}) => mountView({ type: "list", resModel: "customer.follow", arch, ...options });

// each time a list reads, the names of what it reads are a step
beforeEach(() => {
    onRpc("web_search_read", ({ kwargs }) => expect.step(names(kwargs.specification)));
    onRpc("web_read_group", ({ kwargs }) =>
        expect.step(`${names(kwargs.unfold_read_specification)} | ${kwargs.aggregates}`),
    );
});

const choose = async (label) => {
    await contains(".o_optional_columns_dropdown .dropdown-toggle").click();
    await contains(`.o-dropdown-item:contains(${label})`).click();
};

test("a hidden column is read when it is chosen, and what the view needs always", async () => {
    await open();
    expect.verifySteps(["color depends name"]);
    expect(".o_data_row:eq(1)").toHaveClass("text-danger");
    await contains(".o_data_row:eq(1) .o_list_record_selector input").click();
    await choose("Dear");
    expect.verifySteps(["color dear depends name"]);
    expect(".o_data_row:eq(0) td[name=dear]").toHaveText("7");
    expect(".o_data_row:eq(1) .o_list_record_selector input").toBeChecked();
    expect(".o_data_row:eq(0) .o_list_record_selector input").not.toBeChecked();
    // hidden again nothing is read, and shown once more neither
    await contains(".o-dropdown-item:contains(Dear)").click();
    expect("td[name=dear]").toHaveCount(0);
    await contains(".o-dropdown-item:contains(Dear)").click();
    expect(".o_data_row:eq(1) td[name=dear]").toHaveText("9");
    expect.verifySteps([]);
});

test("what somebody chose is read the next time at once", async () => {
    await open();
    await choose("Dear");
    await contains(".o-dropdown-item:contains(Depends)").click();
    expect.verifySteps(["color depends name", "color dear depends name"]);
    await open();
    expect.verifySteps(["color dear name"]);
    expect(".o_data_row:eq(0) td[name=dear]:last").toHaveText("7");
});

test("of groups a hidden column is neither added up nor read", async () => {
    const arch = ARCH.replace("<list", '<list expand="1"').replace('name="dear"', 'name="dear" sum="Sum"');
    await open(arch, { groupBy: ["name"] });
    expect.verifySteps(["color depends name | color:sum,depends:sum"]);
    await choose("Dear");
    expect.verifySteps(["color dear depends name | color:sum,depends:sum,dear:sum"]);
    expect(".o_group_header:eq(1) .o_list_number:contains(9)").toHaveCount(1);
    expect(".o_data_row:eq(1) td[name=dear]").toHaveText("9");
});

test("where lines are added in the list, all is read", async () => {
    await open(ARCH.replace("<list", '<list editable="bottom"'));
    expect.verifySteps(["color dear depends name"]);
});
