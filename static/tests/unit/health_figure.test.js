import { describe, expect, test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";
import { HealthChange, HealthLine, HealthScore, WarningCount } from "@customer_success/health_figure/health_figure";

describe.current.tags("desktop");
defineMailModels();

test("a customer without a score has a dash, not a zero", async () => {
    await mountWithCleanup(HealthScore, { props: { score: 0, band: "unscored" } });
    expect(".o_customer_health").toHaveText("–");
    expect(".o_customer_health .fa-heart-o").toHaveClass("text-muted");
});

test("a score of nothing is a zero", async () => {
    await mountWithCleanup(HealthScore, { props: { score: 0.4, band: "risk" } });
    expect(".o_customer_health").toHaveText("0");
    expect(".o_customer_health .fa-heart").toHaveClass("text-danger");
});

test("weeks without a score leave a gap in the line", async () => {
    const line = await mountWithCleanup(HealthLine, { props: { scores: [50, 60, null, 70, 80], band: "healthy" } });
    expect(line.paths.match(/M/g)).toHaveLength(2);
    expect(line.paths.match(/L/g)).toHaveLength(2);
    expect(line.points.map((point) => point.score)).toEqual([50, 60, 70, 80]);
});

test("a change of one point is no landslide, and the line stays inside", async () => {
    const flat = await mountWithCleanup(HealthLine, { props: { scores: [99, 100], band: "healthy" } });
    const [first, last] = flat.points;
    expect(first.y - last.y).toBeLessThan(2);
    expect(Math.min(first.y, last.y)).toBeGreaterThan(0);
    const steep = await mountWithCleanup(HealthLine, { props: { scores: [0, 100], band: "healthy" } });
    expect(steep.points.map((point) => Math.round(point.y))).toEqual([steep.height - 2, 2]);
});

test("a single score is no line", async () => {
    await mountWithCleanup(HealthLine, { props: { scores: [50], band: "watch" } });
    expect(".o_customer_health_line").toHaveCount(0);
});

test("a fall has a real minus sign", async () => {
    await mountWithCleanup(HealthChange, { props: { change: -7.6 } });
    expect(".o_customer_health_moved").toHaveText("−8");
});

test("warnings have the colour and the name of the worst", async () => {
    await mountWithCleanup(WarningCount, { props: { count: 2, level: "3", name: "Red" } });
    expect(".o_customer_warnings .fa").toHaveClass("text-danger");
    expect(".o_customer_warnings").toHaveAttribute("title", "2 open, the worst is Red");
});
