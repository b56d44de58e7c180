import { describe, expect, test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { mountWithCleanup, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";
import { EffectChart } from "@customer_success/effect_chart/effect_chart";

describe.current.tags("desktop");
defineMailModels();

const line = (values) => ({
    id: 1,
    name: "Orders",
    verdict: "effective",
    sentence: "It helped.",
    holds: false,
    values: { before: null, after: null, target: null, drift: null, ...values },
    texts: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, `${value}`])),
});
const mount = (values) => mountWithCleanup(EffectChart, { props: { line: line(values) } });

test("more is above, and what is not known is not drawn", async () => {
    const chart = await mount({ before: 1, after: 3, target: 2 });
    expect(chart.after).toBeLessThan(chart.target);
    expect(chart.target).toBeLessThan(chart.before);
    expect(chart.drift).toBe(null);
});

test("labels never cover each other, nor leave the drawing", async () => {
    for (const values of [
        { before: 0, after: 10, target: 10 },
        { before: 10, after: 0, target: 0.1 },
        { before: 5, after: 5, target: 5 },
    ]) {
        const chart = await mount(values);
        const ends = chart.labels.filter((label) => label.isAfter).sort((one, other) => one.y - other.y);
        expect(ends[1].y - ends[0].y).toBeGreaterThan(12.9);
        expect(ends[1].y).toBeLessThan(117);
    }
});

test("where all is the same the line is in the middle", async () => {
    const chart = await mount({ before: 5, after: 5, target: 5 });
    expect(chart.before).toBe(60);
});

test("time goes from where reading begins", async () => {
    const chart = await mount({ before: 1, after: 2, target: 3 });
    expect(chart.xBefore).toBeLessThan(chart.xAfter);
    patchWithCleanup(localization, { direction: "rtl" });
    expect(chart.xBefore).toBeGreaterThan(chart.xAfter);
});
