import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getCustomColor } from "@web/core/colors/colors";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

const DAY = 24 * 3600 * 1000;

/**
 * The health score of a customer over a year: a stepped line over the bands, with marks where the rules changed.
 */
export class HealthChart extends Component {
    static template = "customer_success.HealthChart";
    static props = {
        history: Object,
        today: String,
        bands: Object,
    };

    setup() {
        this.canvasRef = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const chart = new window.Chart(this.canvasRef.el, this.config);
                return () => chart.destroy();
            },
            () => [this.props.history],
        );
    }

    get description() {
        return _t("The health score over the last twelve months");
    }

    /** Two points per stretch, so that the line is level over it; a gap where there was no score. */
    get points() {
        return this.props.history.stretches.flatMap((stretch) => {
            const from = deserializeDate(stretch.from).toMillis();
            const to = deserializeDate(stretch.to).toMillis() + (stretch.to < this.props.today ? DAY - 1 : 0);
            return [
                { x: from, y: stretch.score ?? null, stretch },
                { x: to, y: stretch.score ?? null, stretch },
            ];
        });
    }

    get config() {
        const scheme = cookie.get("color_scheme");
        const text = getCustomColor(scheme, "#5f636f", "#b1b3bc");
        const line = getCustomColor(scheme, "#374151", "#e4e4e4");
        const grid = getCustomColor(scheme, "#e5e7eb", "#3c3e4b");
        const { healthy, watch } = this.props.bands;
        return {
            type: "line",
            data: {
                datasets: [
                    {
                        data: this.points,
                        borderColor: line,
                        backgroundColor: line,
                        borderWidth: 2,
                        // a dot for today, at the end of the line
                        pointRadius: ({ dataIndex, dataset }) => (dataIndex === dataset.data.length - 1 ? 4 : 0),
                        clip: false,
                        pointHitRadius: 12,
                        spanGaps: false,
                        segment: { borderDash: ({ p0 }) => (p0.raw.stretch.by_hand ? [5, 4] : undefined) },
                    },
                ],
            },
            options: {
                maintainAspectRatio: false,
                animation: false,
                layout: { padding: { top: 14, right: 6 } },
                interaction: { mode: "nearest", axis: "x", intersect: false },
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        displayColors: false,
                        filter: (item, index) => index === 0,
                        callbacks: {
                            title: ([item]) => item && this.period(item.raw.stretch),
                            label: ({ raw }) => (raw.stretch.by_hand ? _t("%s, set by hand", raw.y) : String(raw.y)),
                        },
                    },
                },
                scales: {
                    x: {
                        type: "time",
                        min: deserializeDate(this.props.history.start).toMillis(),
                        max: deserializeDate(this.props.today).toMillis(),
                        time: { unit: "month", displayFormats: { month: "LLL" } },
                        grid: { display: false },
                        ticks: { color: text, maxRotation: 0, autoSkipPadding: 12 },
                    },
                    y: {
                        min: 0,
                        max: 100,
                        grid: { color: grid },
                        afterBuildTicks: (axis) => {
                            axis.ticks = [0, watch, healthy, 100].map((value) => ({ value }));
                        },
                        ticks: { color: text },
                    },
                },
            },
            plugins: [this.bandsPlugin(scheme), this.marksPlugin(text)],
        };
    }

    period(stretch) {
        const [from, to] = [stretch.from, stretch.to].map((day) => formatDate(deserializeDate(day)));
        return from === to ? from : `${from} – ${to}`;
    }

    /** The bands of the score as quiet colours behind the line. */
    bandsPlugin(scheme) {
        const { healthy, watch } = this.props.bands;
        const strength = scheme === "dark" ? 0.18 : 0.09;
        const colors = [
            [0, watch, `rgba(220, 53, 69, ${strength})`],
            [watch, healthy, `rgba(240, 173, 40, ${strength})`],
            [healthy, 100, `rgba(40, 167, 69, ${strength})`],
        ];
        return {
            id: "bands",
            beforeDraw: ({ ctx, chartArea, scales }) => {
                ctx.save();
                for (const [from, to, color] of colors) {
                    ctx.fillStyle = color;
                    const top = scales.y.getPixelForValue(to);
                    ctx.fillRect(chartArea.left, top, chartArea.width, scales.y.getPixelForValue(from) - top);
                }
                ctx.restore();
            },
        };
    }

    /** A dashed line with a number for each change of the rules; the numbers are told below the chart. */
    marksPlugin(color) {
        const marks = this.props.history.marks;
        return {
            id: "marks",
            afterDatasetsDraw: ({ ctx, chartArea, scales }) => {
                ctx.save();
                ctx.strokeStyle = ctx.fillStyle = color;
                ctx.font = "bold 11px sans-serif";
                ctx.textAlign = "center";
                marks.forEach((mark, index) => {
                    const x = scales.x.getPixelForValue(deserializeDate(mark.date).toMillis());
                    ctx.setLineDash([3, 3]);
                    ctx.beginPath();
                    ctx.moveTo(x, chartArea.top);
                    ctx.lineTo(x, chartArea.bottom);
                    ctx.stroke();
                    ctx.fillText(String(index + 1), x, chartArea.top - 4);
                });
                ctx.restore();
            },
        };
    }
}
