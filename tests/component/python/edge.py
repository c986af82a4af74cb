"""The component in Python, as an edge for `cargo xtask replay`: lines come in, each has one line
out; `tests/notation/src/edge.rs` describes them. Every client has a raw session."""

import json
import sys

from wasmtime.component import ResourceAny

from . import values
from .host import Failed, Host


class Client:
    """One session, and what it was told."""

    def __init__(self, host, database):
        self.host = host
        self.session = host.call("raw", "[static]session.open", database)
        self.id = host.call("raw", "[method]session.id", self.session)
        self.heard = b""
        self.closed = False

    def send(self, request):
        try:
            self.heard += self.host.call("raw", "[method]session.exchange", self.session, request)
        except Failed as failed:
            if failed.tag != "closed":
                raise
        self.closed = self.host.call("raw", "[method]session.closed", self.session)

    def leave(self):
        self.host.drop(self.session)


class Edge:
    """The verbs."""

    def __init__(self):
        self.host = Host()
        self.database = None
        self.clients = {}
        self.reads = {}

    def reset(self, now):
        for read in list(self.reads):
            self.end(read)
        for name in list(self.clients):
            self.leave(name)
        if self.database is not None:
            self.host.drop(self.database)
        self.host.clock = int(now)
        self.database = self.host.open("replay", durable=False)

    def open(self, name, protocol):
        self.leave(name)
        client = Client(self.host, self.database)
        self.clients[name] = client
        if protocol == "3":
            client.send(b"HELLO 3\r\n")
            client.heard = b""
        return client.id

    def command(self, name, *words):
        words = [unhex(word) for word in words]
        bulks = b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)
        self.clients[name].send(b"*%d\r\n%b" % (len(words), bulks))
        self.drain()

    def send(self, name, request):
        self.clients[name].send(unhex(request))
        self.drain()

    def leave(self, name):
        client = self.clients.pop(name, None)
        if client is not None:
            client.leave()

    def clock(self, now):
        self.host.advance(self.database, int(now))
        self.drain()

    def heard(self, name):
        client = self.clients.get(name)
        if client is None:
            return "-"
        heard, client.heard = client.heard, b""
        return (heard.hex() or "-") + (" closed" if client.closed else "")

    def call(self, function, arguments):
        interface, name = function.split(".")
        arguments = values.value(json.loads(arguments))
        told = self.result(lambda: self.host.call(interface, name, self.database, *arguments))
        self.drain()
        return json.dumps(told)

    def take(self, read):
        handle = self.reads[read]
        taken = self.host.function("streams", "[method]pending-read.take")(self.host.store, handle)
        if taken is None:
            return "null"
        self.end(read)
        return json.dumps(self.result(lambda: self.host.checked(taken)))

    def end(self, read):
        self.host.drop(self.reads.pop(read))

    def result(self, call):
        """The result of a typed call, or the contract's `error`."""
        try:
            result = call()
        except Failed as failed:
            return {"err": values.json(failed.error)}
        if not isinstance(result, ResourceAny):
            return {"ok": values.json(result)}
        number = self.host.call("streams", "[method]pending-read.id", result)
        self.reads[str(number)] = result
        return {"ok": {"tag": "=pending", "val": f"n{number}"}}

    def drain(self):
        """Whoever was told of is asked."""
        for number in self.host.take_ready():
            for client in self.clients.values():
                if client.id == number:
                    client.send(b"")


def unhex(text):
    return b"" if text == "-" else bytes.fromhex(text)


def main():
    edge = Edge()
    for line in sys.stdin:
        verb, *words = line.rstrip("\n").split(" ")
        try:
            told = getattr(edge, verb)(*words)
            answer = f"ok {'' if told is None else told}"
        except Exception as error:  # whatever it is, the player shall tell it
            answer = f"error {type(error).__name__}: {error}".replace("\n", " | ")
        print(answer, flush=True)


main()
