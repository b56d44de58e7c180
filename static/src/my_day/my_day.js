import { Component, onWillStart, onWillUnmount, useEffect, useExternalListener, useRef, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { deserializeDate, deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { debounce } from "@web/core/utils/timing";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { FirstSteps } from "../first_steps/first_steps";
import { PutOffMenu } from "../put_off/put_off";

const { DateTime } = luxon;

/** Looked at anew after so long, if nothing else asks for it: deadlines come nearer by themselves. */
const REFRESH = 5 * 60 * 1000;
/** Changes that follow each other closely are one look. */
const NEWS = 1500;
/** What is lost within the hour is said in minutes. */
const SOON = 60;

/**
 * The first screen of the day: what needs this person today, what is lost first if nobody does it comes first, and one tap for
 * each.
 *
 * One call to the server answers all of it. Whatever a tap opens comes back to the line after the one that was done.
 */
export class MyDay extends Component {
    static template = "customer_success.MyDay";
    static components = { Dropdown, DropdownItem, FirstSteps, Layout, PutOffMenu };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.ui = useService("ui");
        this.root = useRef("root");
        this.openers = {};
        this.state = useState({
            data: false,
            userId: this.props.state?.userId || false,
            current: this.props.state?.current || "",
            only: "",
            help: false,
            now: DateTime.now(),
        });
        onWillStart(() => this.load());
        this.env.config.setDisplayName(_t("My Day"));
        const refresh = debounce(() => this.reload(), NEWS);
        const bus = useService("bus_service");
        for (const news of ["customer_success.day", "mail.activity/updated"]) {
            bus.subscribe(news, refresh);
            onWillUnmount(() => bus.unsubscribe(news, refresh));
        }
        const timer = setInterval(() => this.reload(), REFRESH);
        onWillUnmount(() => clearInterval(timer));
        useExternalListener(window, "keydown", (event) => this.onKeydown(event));
        useExternalListener(document, "visibilitychange", () => !document.hidden && this.reload());
        useEffect(
            (key) => {
                this.root.el?.querySelector(`[data-key="${key}"]`)?.scrollIntoView({ block: "nearest" });
            },
            () => [this.state.current],
        );
    }

    // ---------------------------------------------------------
    // What is shown
    // ---------------------------------------------------------

    async load() {
        const userId = this.state.userId;
        const data = await this.orm.silent.call("customer.day", "look", [], { user_id: userId });
        if (userId === this.state.userId) {
            Object.assign(this.state, { data, now: DateTime.now() });
            this.keepPlace();
        }
    }

    /** Look again without getting in the way: what can't be had now comes with the next look. */
    async reload() {
        if (document.hidden || this.isCovered) {
            return;
        }
        try {
            await this.load();
        } catch {
            // the day that is shown stays
        }
    }

    get data() {
        return this.state.data;
    }

    get display() {
        return { controlPanel: {} };
    }

    /** Whether something lies over the screen that is to be finished first. */
    get isCovered() {
        return this.ui.activeElement !== document;
    }

    get sections() {
        const only = this.state.only;
        return this.data.sections
            .map((section) => ({ ...section, lines: section.lines.filter((line) => !only || line.kind === only) }))
            .filter((section) => section.lines.length);
    }

    get lines() {
        return this.sections.flatMap((section) => section.lines);
    }

    get current() {
        return this.lines.find((line) => line.key === this.state.current);
    }

    get greeting() {
        const { user } = this.data;
        if (!user.own) {
            return _t("The day of %(name)s", { name: user.name });
        }
        const { hour } = this.state.now;
        if (hour < 11) {
            return _t("Good morning, %(name)s", { name: user.name });
        }
        return hour < 18
            ? _t("Good afternoon, %(name)s", { name: user.name })
            : _t("Good evening, %(name)s", { name: user.name });
    }

    /** The kinds of a section of which not all lines are shown. */
    rest(section) {
        const only = this.state.only;
        return this.data.kinds.filter(
            (kind) => kind.section === section.code && kind.more && (!only || kind.code === only),
        );
    }

    count(kind) {
        return kind.counted ? kind.count : `${kind.count - 1}+`;
    }

    left(line) {
        const until = line.until && deserializeDateTime(line.until);
        const minutes = until ? Math.round(until.diff(this.state.now, "minutes").minutes) : SOON + 1;
        if (minutes < 0 || minutes > SOON) {
            return "";
        }
        return _t("in %(minutes)s min", { minutes });
    }

    day(text) {
        return deserializeDate(text).toLocaleString({ weekday: "short", day: "numeric", month: "short" });
    }

    get doneText() {
        const { done } = this.data;
        return done === 1 ? _t("One contact recorded today.") : _t("%(done)s contacts recorded today.", { done });
    }

    // ---------------------------------------------------------
    // The place one is at
    // ---------------------------------------------------------

    /** The line that was done is gone: the next one that is left is the current one, or the first. */
    keepPlace() {
        const keys = this.lines.map((line) => line.key);
        if (!keys.includes(this.state.current)) {
            const next = (this.order || []).slice((this.order || []).indexOf(this.state.current) + 1);
            this.state.current = next.find((key) => keys.includes(key)) || keys[0] || "";
        }
        this.order = keys;
    }

    select(line) {
        this.state.current = line.key;
    }

    step(number) {
        const { lines } = this;
        const at = lines.findIndex((line) => line.key === this.state.current);
        const line = lines[Math.min(Math.max(at + number, 0), lines.length - 1)];
        this.state.current = line?.key || "";
    }

    onKeydown(event) {
        const typing = event.target.closest?.(
            "input, textarea, select, [contenteditable=true], .o_dropdown_menu, .modal",
        );
        if (typing || this.isCovered || event.ctrlKey || event.altKey || event.metaKey || event.repeat) {
            return;
        }
        const inControl = event.target.closest?.("button, a");
        const keys = {
            j: () => this.step(1),
            ArrowDown: () => this.step(1),
            k: () => this.step(-1),
            ArrowUp: () => this.step(-1),
            Enter: () => !inControl && this.open(this.current),
            d: () => this.current?.does.length && this.run(this.current, this.current.does[0].method),
            s: () => this.current?.put_off && this.openers[this.current.key]?.(),
            e: () => this.current?.writes && this.run(this.current, this.current.writes),
            o: () => this.openCustomer(this.current),
            "?": () => (this.state.help = !this.state.help),
            Escape: () => Object.assign(this.state, { help: false, only: "" }),
        };
        const act = keys[event.key];
        if (act && !(event.key === "Enter" && inControl)) {
            event.preventDefault();
            act();
        }
    }

    // ---------------------------------------------------------
    // What can be done
    // ---------------------------------------------------------

    onDone() {
        return this.load();
    }

    async run(line, method) {
        this.select(line);
        const action = await this.orm.call(line.model, method, [[line.id]]);
        if (action && typeof action === "object") {
            await this.action.doAction(action, { onClose: () => this.load() });
        }
        if (!action || action === true || action.target !== "new") {
            await this.load();
        }
    }

    open(line) {
        if (!line) {
            return;
        }
        this.select(line);
        if (line.opens) {
            return this.openBy(line);
        }
        return this.openRecord(line.model, line.id);
    }

    async openBy(line) {
        return this.action.doAction(await this.orm.call(line.model, line.opens, [[line.id]]));
    }

    openCustomer(line) {
        return line?.customer_id && this.openRecord("res.partner", line.customer_id);
    }

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    async openKind(kind) {
        const action = await this.orm.call("customer.day", "get_more", [kind.code], { user_id: this.state.userId });
        return this.action.doAction(action);
    }

    openTold(told) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: told.text,
            res_model: told.model,
            domain: told.domain,
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }

    async closeBriefing() {
        await this.orm.call("customer.day", "close_briefing", [this.data.briefing.id]);
        await this.load();
    }

    sortPile() {
        return this.action.doAction("customer_success.customer_triage_action", { onClose: () => this.load() });
    }

    goTo(xmlId) {
        return this.action.doAction(`customer_success.${xmlId}`);
    }

    show(kind) {
        this.state.only = this.state.only === kind.code ? "" : kind.code;
        this.keepPlace();
    }

    lookAt(userId) {
        Object.assign(this.state, { userId, only: "", current: "" });
        return this.load();
    }
}

registry.category("actions").add("customer_day", MyDay);
