"""A browser that opens screens one after the other and says what is wrong with each."""
import base64
import json
import os
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

from odoo.tests import HttpCase
from odoo.tests.common import ChromeBrowser, _registry_test_lock, release_test_lock

#: A folder outside the checkout; where it is given, a picture of every screen is kept there.
PICTURES = os.environ.get('CUSTOMER_SUCCESS_PICTURES')

#: What is asked of the page; ``open`` takes an action and a view type, ``look`` answers what is wrong.
SCRIPT = """
(() => {
    const { rpcBus } = odoo.loader.modules.get("@web/core/network/rpc");
    let waiting = 0;
    rpcBus.addEventListener("RPC:REQUEST", () => waiting++);
    rpcBus.addEventListener("RPC:RESPONSE", () => waiting--);
    const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
    const settle = async () => {
        for (let quiet = 0, tries = 0; quiet < 3 && tries < 400; tries++) {
            await sleep(25);
            quiet = waiting > 0 ? 0 : quiet + 1;
        }
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    };
    const CONTENT = [
        ".o_kanban_record:not(.o_kanban_ghost)", ".o_kanban_group", "tr.o_data_row", "tr.o_group_header",
        ".o_graph_canvas_container canvas", ".o_pivot table", ".fc-view",
        ".o_form_sheet, .o_form_renderer", ".o_activity_view table", ".o_view_nocontent",
        ".o_hierarchy_renderer", ".o_setting_container", ".o_customer_day_page", ".o_customer_dashboard_page",
    ].join(",");
    const shown = (node) => [...node.getClientRects()].some((box) => box.width && box.height);
    const something = () => [...document.querySelectorAll(CONTENT)].some(shown);
    const TECHNICAL = /\\b(undefined|NaN|False|Traceback)\\b|\\[object|\\b(customer|res)\\.[a-z.]+[(,]\\s?\\d*/g;
    const PAGES = [
        ".o_customer_day_page", ".o_customer_dashboard_page", ".o_form_sheet_bg", ".o_form_sheet", ".o_kanban_ungrouped",
        ".o_kanban_record"];
    const WIDE = [...PAGES.map((page) => `.o_action_manager ${page}`), ".modal-body"].join(",");
    /** What makes a box too wide: the innermost that reaches farthest. */
    const reason = (box) => {
        const { left, right } = box.getBoundingClientRect();
        const reach = (node) => {
            const rect = node.getBoundingClientRect();
            return rect.width ? Math.max(rect.right - right, left - rect.left, rect.left + node.scrollWidth - right) : 0;
        };
        let [worst, most] = [null, 1];
        for (const node of box.querySelectorAll("*")) {
            if (reach(node) >= most) {
                [worst, most] = [node, reach(node)];
            }
        }
        return worst ? `, by ${path(worst)}` : "";
    };
    /** Whether a text ends before its end. */
    const cut = (node) => {
        if (!node.innerText || node.matches("input, textarea, select, option, .o_searchview *")) {
            return false;
        }
        const style = getComputedStyle(node);
        if ([...node.childNodes].every((child) => child.nodeType !== Node.TEXT_NODE || !child.data.trim())) {
            return false; // who holds the text is looked at
        }
        const sideways = style.overflowX === "hidden" || style.textOverflow === "ellipsis";
        const clamped = style.webkitLineClamp !== "none" && style.overflowY === "hidden";
        return (
            (sideways && node.scrollWidth - node.clientWidth > 1) || (clamped && node.scrollHeight - node.clientHeight > 4)
        );
    };
    const told = (node) => node.closest("[title]:not([title='']), [data-tooltip], [data-tooltip-template]");
    const path = (node) => {
        const parts = [];
        for (let at = node; at && parts.length < 4; at = at.parentElement) {
            const name = at.getAttribute("name") || at.dataset.name;
            parts.unshift(at.localName + (name ? `[${name}]` : "") + [...at.classList].slice(0, 2).map((c) => `.${c}`).join(""));
        }
        return parts.join(" > ");
    };
    window.customerScreens = {
        async open(action, options) {
            const services = odoo.__WOWL_DEBUG__.root.env.services;
            await services.action.doAction(action, { clearBreadcrumbs: true, ...options });
            await settle();
            for (let tries = 0; tries < 80 && !something(); tries++) {
                await sleep(25); // what draws a graph is fetched by its first
            }
        },
        look(names = []) {
            const problems = [];
            for (const dialog of document.querySelectorAll(".o_error_dialog")) {
                problems.push("an error: " + dialog.innerText.slice(0, 300));
            }
            if (!something()) {
                problems.push("a blank page");
            }
            const wide = document.documentElement.scrollWidth - window.innerWidth;
            if (wide > 1) {
                problems.push(`the page is ${wide} pixels too wide`);
            }
            if (window.innerWidth > 1400) {
                for (const header of document.querySelectorAll(".o_list_view > .o_content th[data-name] span.text-truncate")) {
                    if (shown(header) && header.scrollWidth - header.clientWidth > 1) {
                        problems.push(`the heading “${header.innerText}” is cut`);
                    }
                }
            }
            for (const box of document.querySelectorAll(WIDE)) {
                if (shown(box) && box.scrollWidth - box.clientWidth > 2) {
                    const name = box.className.split(" ")[0];
                    problems.push(`${name} is ${box.scrollWidth - box.clientWidth} pixels too wide${reason(box)}`);
                }
            }
            for (const words of document.body.innerText.matchAll(TECHNICAL)) {
                problems.push(`it says “${words[0]}”`);
            }
            for (const node of document.querySelectorAll(names.length ? ".o_action_manager .o_content *, .modal *" : "none")) {
                if (shown(node) && names.some((name) => node.textContent.includes(name)) && cut(node) && !told(node)) {
                    problems.push(`“${node.textContent.slice(0, 30)}” is cut in ${path(node)}, and nothing tells the rest`);
                }
            }
            return [...new Set(problems)];
        },
        /** Type into a field of the dialog and press a button; answers what stands in the field then, and how many dialogs. */
        async refuse(field, button, text) {
            const input = document.querySelector(`.modal [name=${field}] :is(input, textarea)`);
            input.value = text;
            input.dispatchEvent(new Event("input", { bubbles: true }));
            input.dispatchEvent(new Event("change", { bubbles: true }));
            await settle();
            document.querySelector(`.modal footer button${button ? `[name=${button}]` : ".o_form_button_save"}`).click();
            await settle();
            for (let tries = 0; tries < 80 && document.querySelectorAll(".modal").length < 2; tries++) {
                await sleep(25);
            }
            return [
                document.querySelector(`.modal [name=${field}] :is(input, textarea)`)?.value,
                document.querySelectorAll(".modal").length,
            ];
        },
        async close() {
            for (const button of document.querySelectorAll(".o_error_dialog .btn-close, .modal .btn-close")) {
                button.click();
            }
            await settle();
        },
    };
})()
"""


@contextmanager
def answering():
    """Let the server answer the page, where the test keeps it from doing so."""
    with release_test_lock() if _registry_test_lock._is_owned() else nullcontext():
        yield


class Browser(ChromeBrowser):
    """Keeps what the page complains of instead of ending at the first complaint."""

    def __init__(self, *args, **kwargs):
        self.complaints = []
        super().__init__(*args, **kwargs)

    def _handle_console(self, type, args=None, stackTrace=None, **kw):
        if type != 'error':
            return super()._handle_console(type, args=args, stackTrace=stackTrace, **kw)
        self.complaints.append(' '.join(str(self._from_remoteobject(arg)) for arg in args or []))
        return None

    def _handle_exception(self, exceptionDetails, timestamp):
        exception = exceptionDetails.get('exception')
        text = exceptionDetails['text']
        self.complaints.append(f'{text} {self._from_remoteobject(exception)}' if exception else text)

    def run(self, expression, timeout=60):
        """Evaluate an expression in the page, and answer its value; only meanwhile the server answers the page."""
        with answering():
            answer = self._websocket_request('Runtime.evaluate', timeout=timeout, params={
                'expression': expression, 'awaitPromise': True, 'returnByValue': True})
        if details := answer.get('exceptionDetails'):
            self._handle_exception(details, None)
            return None
        return answer['result'].get('value')

    def state(self):
        """Say where the page is, what it shows, what it still waits for, and what it complained of."""
        try:
            seen = self.run("""JSON.stringify({
                address: location.href, state: document.readyState, text: (document.body?.innerText || "").slice(0, 500),
                scripts: [...document.scripts].map((script) => script.src).filter(Boolean),
                loaded: performance.getEntriesByType("resource").map((entry) => [entry.name, entry.duration]),
                modules: odoo?.loader?.failed?.size, jobs: odoo?.loader?.jobs?.size,
            })""", timeout=10)
        except TimeoutError as error:
            seen = f'no answer: {error}'
        return f'{seen}\n{self.complaints}'

    def picture(self, path):
        """Keep a picture of the page."""
        data = self._websocket_request('Page.captureScreenshot', timeout=30)['data']
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(data))


class ScreensCase(HttpCase):
    """Opens screens as somebody, at a width, and answers what is wrong with them."""

    #: Where the client begins: a page that whoever opens it may see.
    begin = '/odoo/customer-followups'

    def _menu_actions(self, user):
        """Return the window actions that a user reaches by the menus of the addon, in the order of the menu."""
        menus = self.env['ir.ui.menu'].with_user(user)
        visible = menus.browse(menus._visible_menu_ids())
        root = self.env.ref('customer_success.customer_success_menu_root')
        ours = visible.search([('id', 'child_of', root.id), ('id', 'in', visible.ids)])
        # below a menu that is hidden from somebody nothing shows
        reachable = ours.filtered(lambda menu: menus.browse(map(int, menu.parent_path.strip('/').split('/'))) <= visible)
        return [
            action.sudo() for menu in reachable if (action := menu.action) and action._name == 'ir.actions.act_window']

    def _screens(self, user):
        """Return what to open as a user: name, action and options for every view of every menu, and a form for each."""
        screens = []
        for action in self._menu_actions(user):
            modes = [mode for mode in action.view_mode.split(',') if mode != 'form']
            screens += [(f'{action.name} › {mode}', action.id, {'viewType': mode}) for mode in modes]
            if 'form' in action.view_mode and action.res_model in self.env:
                record = self.env[action.res_model].with_user(user).search([], limit=1)
                target = {
                    'type': 'ir.actions.act_window', 'res_model': action.res_model, 'res_id': record.id or False,
                    'views': [[next((v[0] for v in action.views if v[1] == 'form'), False) or False, 'form']],
                }
                if record:
                    screens.append((f'{action.name} › form', target, {}))
        return screens

    def _comes_up(self, browser):
        """Load the client, and return whether it shows a screen."""
        with answering():
            browser.navigate_to(f'{self.base_url()}{self.begin}')
            try:
                return browser._wait_ready("!!document.querySelector('.o_action_manager .o_view_controller')")
            except TimeoutError:
                return False

    @contextmanager
    def _opened(self, login, size):
        """Open a browser of a size as somebody, with :data:`SCRIPT` in the page."""
        self.browser_size = size  # the browser takes it from the test, and writes it there in its own way
        browser = Browser(self)
        with self.allow_requests(browser=browser), ExitStack() as after:
            after.callback(self._wait_remaining_requests)
            after.callback(browser.stop)
            self.authenticate(login, login, browser=browser)
            # the page asks on while a test reads, on the same cursor: one would get the rows of the other
            after.enter_context(_registry_test_lock)
            self.cr.flush()
            self.cr.clear()
            if not self._comes_up(browser):
                self.fail(f"the client did not come up: {browser.state()}")
            browser.run(SCRIPT)
            browser.complaints.clear()
            yield browser

    def _sweep(self, login, screens, size='1440x900', names=()):
        """Open screens one after the other.

        :param screens: see :meth:`_screens`
        :param str size: of the window
        :param names: how the names begin that may not be cut without being told otherwise
        :return: a line for each problem
        :rtype: list[str]
        """
        problems = []
        with self._opened(login, size) as browser:
            for name, action, options in screens:
                where = f'{login} {size} {name}'
                browser.run(f'customerScreens.open({json.dumps(action)}, {json.dumps(options)})')
                found = browser.run(f'customerScreens.look({json.dumps(names)})') or []
                problems += [f'{where}: {problem}' for problem in [*found, *browser.complaints]]
                if PICTURES:
                    browser.picture(Path(PICTURES) / login / size / f'{name.replace("/", " ")}.png')
                browser.complaints.clear()
                if found:
                    browser.run('customerScreens.close()')
                    browser.complaints.clear()
        return problems
