"""What the self-checks share: a running simulator and a small client."""

import atexit
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
SPECS = os.environ.get('MOMENTUM_SPECS') or os.path.join(HERE, '..', '..', '..', 'shared', 'specs')
TODAY = '2026-11-20'


class Simulator:
    """One simulator process for all checks, started at first use."""
    shared = None

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix='simcheck')
        port_file = os.path.join(self.dir, 'port')
        self.key_file = os.path.join(self.dir, 'key.json')
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, 'main.py'), '--port-file', port_file,
             '--today', TODAY, '--service-account', self.key_file],
            stdout=subprocess.DEVNULL)
        atexit.register(self.stop)
        until = time.time() + 60
        while not os.path.exists(port_file):
            if time.time() > until or self.process.poll() is not None:
                raise RuntimeError('the simulator did not start')
            time.sleep(0.02)
        with open(port_file, encoding='ascii') as f:
            self.url = 'http://127.0.0.1:%d' % int(f.read())

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def call(self, path, body=None, headers=None, method=None):
        """(status, JSON or text, headers) of one request; path may be absolute."""
        url = path if path.startswith('http') else self.url + path
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        request = urllib.request.Request(url, body, headers or {}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as got:
                status, raw, got_headers = got.status, got.read(), got.headers
        except urllib.error.HTTPError as e:
            status, raw, got_headers = e.code, e.read(), e.headers
        if got_headers.get('Content-Encoding') == 'gzip':
            raw = gzip.decompress(raw)
        text = raw.decode('utf-8')
        try:
            return status, json.loads(text), got_headers
        except ValueError:
            return status, text, got_headers

    def control(self, what, **spec):
        status, answer, _ = self.call('/_control/' + what, spec)
        if status != 200:
            raise RuntimeError(answer)
        return answer


def simulator():
    if Simulator.shared is None:
        Simulator.shared = Simulator()
    return Simulator.shared


class Case(unittest.TestCase):
    """A check with a clean simulator: self.sim."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.sim = simulator()

    def setUp(self):
        self.sim.control('reset')


def spec_path(*parts):
    """A file of the vendors' descriptions; skips the check when it is absent."""
    path = os.path.join(SPECS, *parts)
    if not os.path.exists(path):
        raise unittest.SkipTest('no specs: %s is absent (set MOMENTUM_SPECS)' % path)
    return path
