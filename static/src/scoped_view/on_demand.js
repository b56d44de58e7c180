import { browser } from "@web/core/browser/browser";
import { extractFieldsFromArchInfo } from "@web/model/relational_model/utils";

/** What a column says of itself; all else that a view says may need the value of another column. */
const OWN = ["name", "field_id", "string", "optional"];

/**
 * The names of the columns that are shown only to who chooses them, and that nothing else in the view needs.
 *
 * @param {Element} arch
 * @param {Object} archInfo what the list made of it
 */
function optionalColumns(arch, archInfo) {
    if (archInfo.editable) {
        return []; // a new line is made of all its columns, hidden ones too
    }
    const words = new Set();
    for (const node of [arch, ...arch.querySelectorAll("*")]) {
        for (const { name, value } of node.attributes) {
            if (!OWN.includes(name)) {
                (value.match(/\w+/g) || []).forEach((word) => words.add(word));
            }
        }
    }
    const columns = archInfo.columns.filter((column) => column.type === "field");
    const always = new Set(columns.filter((column) => !column.optional).map((column) => column.name));
    return columns.filter(({ name, optional }) => optional && !words.has(name) && !always.has(name));
}

/** All that a list would read, by name. */
function activeFields(archInfo, fields, leftOut = []) {
    const fieldNodes = Object.values(archInfo.fieldNodes).filter((node) => !leftOut.includes(node.name));
    return extractFieldsFromArchInfo({ ...archInfo, fieldNodes }, fields).activeFields;
}

/**
 * Where the browser keeps which columns somebody chose, as Odoo's lists name it: by all fields that they read.
 *
 * @param {string} resModel
 * @param {number|false} viewId
 * @param {Object} archInfo
 * @param {Object} fields
 */
export function viewKey(resModel, viewId, archInfo, fields) {
    const names = Object.keys(activeFields(archInfo, fields)).filter((name) => !fields[name].relatedPropertyField);
    return [resModel, "list", viewId, ...names.sort((left, right) => (left < right ? -1 : 1))].join(",");
}

/**
 * A list that reads a column which is hidden as long as nobody chooses it only once somebody does.
 *
 * Odoo reads all of them with each page, whatever they cost.
 *
 * @param {Function} Controller of a list
 */
export function onDemand(Controller) {
    return class extends Controller {
        get modelParams() {
            const params = super.modelParams;
            const { archInfo, props } = this;
            const key = viewKey(props.resModel, this.env.config.viewId, archInfo, params.config.fields);
            const chosen = browser.localStorage.getItem(`optional_fields,${key}`)?.split(",");
            const hidden = optionalColumns(props.arch, archInfo)
                .filter(({ name, optional }) => (chosen ? !chosen.includes(name) : optional !== "show"))
                .map(({ name }) => name);
            const read = activeFields(archInfo, params.config.fields, hidden);
            params.config = { ...params.config, activeFields: read, fieldsToAggregate: Object.keys(read) };
            return params;
        }
    };
}

/**
 * Read a column that was not read so far, with the same lines chosen as before.
 *
 * @param {Object} list the root of the model
 * @param {Object} archInfo
 * @param {string} name
 */
export async function readColumn({ isDomainSelected, model, selection }, archInfo, name) {
    const { config } = model;
    const others = Object.keys(config.activeFields);
    const read = activeFields(
        archInfo,
        config.fields,
        archInfo.columns
            .filter((column) => column.name !== name && !others.includes(column.name))
            .map((column) => column.name),
    );
    const chosen = new Set(selection.map((record) => record.resId));
    Object.assign(config.activeFields, { ...read, ...config.activeFields });
    config.fieldsToAggregate = Object.keys(config.activeFields);
    await model.load();
    const again = model.root.records.filter(({ resId }) => chosen.has(resId));
    await Promise.all(again.map((record) => record.toggleSelection(true)));
    if (isDomainSelected) {
        await model.root.selectDomain(true);
    }
}
