"""Takes pictures of pages in a headless browser; started by `dev/screenshots` in the environment's Python, which has a client for
web sockets and what makes pictures small."""

import base64
import io
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from itertools import count
from pathlib import Path

import websocket
from PIL import Image

from .console import progress
from .system import BROWSERS

FLAGS = ('--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
         '--disable-component-update', '--disable-sync', '--hide-scrollbars', '--remote-debugging-port=0')
#: What the steps of a picture may call.
HELPERS = """
    const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
    const find = async (selector, text = "") => {
        for (let tries = 0; tries < 300; tries++) {
            const found = [...document.querySelectorAll(selector)].find((node) => node.textContent.includes(text));
            if (found) {
                return found;
            }
            await sleep(100);
        }
        throw new Error(`"${selector}" is not there, at ${location.href}`);
    };
    const click = async (selector, text) => {
        (await find(selector, text)).click();
        await sleep(1500);
    };
"""
#: Nothing moves and nothing blinks any more.
STILL = """
    const style = document.createElement("style");
    style.textContent = "* { animation: none !important; transition: none !important; caret-color: transparent !important }"
        + " .o_notification_manager, .o-main-components-container .o_tour_pointer { display: none !important }";
    document.head.append(style);
    await document.fonts.ready;
    document.activeElement?.blur();
    await sleep(400);
"""


class Camera:
    """A browser, driven by its debugging protocol."""

    def __init__(self):
        self.profile = tempfile.mkdtemp()
        browser = next(filter(None, map(shutil.which, BROWSERS)))
        self.process = subprocess.Popen(
            [browser, *FLAGS, f'--user-data-dir={self.profile}', 'about:blank'],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.numbers = count(1)

    def __enter__(self):
        chosen = Path(self.profile, 'DevToolsActivePort')
        deadline = time.monotonic() + 60
        while not chosen.exists() or not chosen.read_text().strip():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError('The browser does not start.')
            time.sleep(0.2)
        port = chosen.read_text().split()[0]
        with urllib.request.urlopen(f'http://127.0.0.1:{port}/json') as answer:
            page = next(target for target in json.load(answer) if target['type'] == 'page')
        self.socket = websocket.create_connection(page['webSocketDebuggerUrl'], timeout=180, suppress_origin=True)
        self.call('Page.enable')
        return self

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, **parameters):
        """Call a method of the protocol and return its result."""
        number = next(self.numbers)
        self.socket.send(json.dumps({'id': number, 'method': method, 'params': parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get('id') == number:
                if 'error' in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message['result']

    def script(self, code):
        """Run JavaScript in the page and wait for its end."""
        done = self.call(
            'Runtime.evaluate', expression=f'(async () => {{ {HELPERS} {code} }})()', awaitPromise=True, returnByValue=True)
        if 'exceptionDetails' in done:
            raise RuntimeError(done['exceptionDetails'].get('exception', {}).get('description', 'A script failed.'))
        return done['result'].get('value')

    def go(self, address):
        """Open a page and wait until it is there."""
        self.call('Page.navigate', url=address)
        for __ in range(600):
            time.sleep(0.1)
            try:
                if self.script("return document.readyState === 'complete' && location.href !== 'about:blank'"):
                    return
            except RuntimeError:
                continue  # between two pages
        raise RuntimeError(f'{address} does not open.')

    def log_in(self, address, login):
        """Be somebody else, whose password is the login."""
        self.call('Network.clearBrowserCookies')
        self.go(f'{address}/web/login')
        self.script(f"""
            (await find("input[name=login]")).value = {json.dumps(login)};
            (await find("input[name=password]")).value = {json.dumps(login)};
            document.querySelector("form.oe_login_form").submit();""")
        time.sleep(1)
        self.script('await find(".o_web_client")')

    def take(self, address, job):
        """Take one picture and write it."""
        width, height = job['size']
        phone = width < 600
        self.call('Emulation.setDeviceMetricsOverride',
                  width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone)
        self.call('Emulation.setTouchEmulationEnabled', enabled=phone)
        self.go(f"{address}{job['path']}")
        self.script(f"await find({json.dumps(job['wait'])}); await sleep(1500);")
        for step in job['steps']:
            self.script(step)
        self.script(STILL)
        picture = Image.open(io.BytesIO(base64.b64decode(self.call('Page.captureScreenshot', format='png')['data'])))
        # a screen has few colours: half the size, and nobody sees it
        picture.convert('RGB').quantize(256, dither=Image.Dither.NONE).save(job['target'], optimize=True)


def main(address):
    """Take the pictures that the standard input names."""
    jobs = json.load(sys.stdin)
    login = None
    with Camera() as camera:
        for job in jobs:
            with progress(f"Taking {'/'.join(Path(job['target']).parts[-2:])}"):
                if job['login'] != login:
                    login = job['login']
                    camera.log_in(address, login)
                camera.take(address, job)


if __name__ == '__main__':
    main(*sys.argv[1:])
