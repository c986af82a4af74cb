"""Starts what the tests speak to: `brooklet serve`, or the Redis that REDIS_SERVER names."""

import os
import re
import shutil
import socket
import subprocess
import time
import unittest
from pathlib import Path

import redis

HOST = "127.0.0.1"
DEADLINE_SECONDS = 10
BROOKLET = Path(__file__).parents[3] / "www/package/bin/brooklet.js"


class Server:
    """A running server; `port` is where it listens."""

    def __init__(self, password=None):
        secret = ["--requirepass", password] if password else []
        program = os.environ.get("REDIS_SERVER")
        if program:
            self.port = free_port()
            command = [program, "--port", str(self.port), "--bind", HOST, "--save", "", *secret]
            self._start(command, r"Ready to accept connections")
        else:
            command = [shutil.which("node"), str(BROOKLET), "serve", "--port", "0", *secret]
            self.port = int(self._start(command, r"^Listening on 127\.0\.0\.1:(\d+)")[1])

    def _start(self, command, ready):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            said = re.search(ready, line)
            if said:
                return said
        raise RuntimeError(f"{command[0]} ended before it was ready")

    def stop(self):
        """Asks the server to end; one that has ended by itself, or badly, is an error."""
        if self.process.poll() is not None:
            raise RuntimeError(f"the server ended with {self.process.returncode}")
        self.process.terminate()
        self.process.stdout.read()
        code = self.process.wait()
        self.process.stdout.close()
        if code != 0:
            raise RuntimeError(f"the server was asked to end and did so with {code}")


def free_port():
    """A port that nobody listens on."""
    with socket.create_server((HOST, 0)) as probe:
        return probe.getsockname()[1]


class ClientTest(unittest.TestCase):
    """A test with a server for its class, and no keys at its beginning.

    `PROTOCOL` is what redis-py is told to speak; None leaves the choice to redis-py.
    """

    PROTOCOL = None
    PASSWORD = None

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.PASSWORD)
        cls.addClassCleanup(cls.server.stop)

    def setUp(self):
        self.client = self.open(password=self.PASSWORD)
        self.client.flushall()

    def open(self, **options):
        """One more client, on one connection of its own, closed when the test ends."""
        if self.PROTOCOL is not None:
            options["protocol"] = self.PROTOCOL
        options = {"decode_responses": True, "single_connection_client": True, **options}
        # An error is the subject of a test, never to be tried again.
        retry = redis.retry.Retry(redis.backoff.NoBackoff(), 0)
        client = redis.Redis(host=HOST, port=self.server.port, retry=retry, **options)
        self.addCleanup(client.close)
        return client

    def until(self, what, condition):
        """Asks again until it is so, or fails."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"in vain: {what}")
            time.sleep(0.005)
