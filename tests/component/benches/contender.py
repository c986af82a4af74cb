"""The component in Python as a contender of `cargo xtask bench doors`: `typed` calls its functions,
`raw` exchanges RESP. Reads requests, a line each, as `benches/engine` does, and knows those of
doors; streams, commands and IDs are those of `benches/engine/workload.rs`."""

import sys
import time

from python.host import Host
from python.journals import record

FIRST = 1_700_000_000_000
A_MILLISECOND = 100
VALUE = "0123456789abcdef"
BATCH = 500  # how many commands of a preparation are sent at once


def adds(key, count):
    for index in range(count):
        yield f"XADD {key} {FIRST + index // A_MILLISECOND}-{index % A_MILLISECOND} f {VALUE}"


def resp(line):
    words = line.split(" ")
    return f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)


class Door:
    """A database with a session for its raw form."""

    def __init__(self, entries):
        self.host = Host(level="speed")
        self.host.clock = FIRST + 1_000_000_000
        self.db = self.host.open("bench", durable=False)
        self.session = self.host.call("raw", "[static]session.open", self.db)
        self.run(list(adds("s", entries)))

    def run(self, lines):
        for at in range(0, len(lines), BATCH):
            self.exchange("".join(map(resp, lines[at : at + BATCH])).encode())

    def exchange(self, request):
        reply = self.host.call("raw", "[method]session.exchange", self.session, request)
        assert not reply.startswith(b"-"), reply

    def sample(self, typed, name, size, times):
        """Nanoseconds an operation. What a call is given is made before the clock starts."""
        if name == "deliver":
            self.run(["DEL r", *adds("r", times * size), "XGROUP CREATE r g 0"])
        operation = self.typed(name, size) if typed else self.raw(name, size)
        begun = time.perf_counter_ns()
        for _ in range(times):
            operation()
        return (time.perf_counter_ns() - begun) / times

    def raw(self, name, size):
        lines = {
            "xadd": f"XADD s * f {VALUE}",
            "deliver": f"XREADGROUP GROUP g c COUNT {size} STREAMS r >",
        }
        request = resp(lines[name]).encode()
        return lambda: self.exchange(request)

    def typed(self, name, size):
        fields = [record(name=b"f", value=VALUE.encode())]
        adding = record(no_create=False, idempotency=None, trim=None)
        limits = record(count=size, max_count=None, max_size=None)
        reading = record(no_ack=False, claim=None)
        sources = [(b"r", None)]

        def add():
            self.host.call("streams", "add", self.db, b"s", None, fields, adding)

        def deliver():
            arguments = (self.db, b"g", b"c", sources, limits, reading, None)
            [stream] = self.host.call("groups", "read", *arguments)
            assert len(stream.entries) == size

        return {"xadd": add, "deliver": deliver}[name]


def main():
    typed = sys.argv[1] == "typed"
    door = None
    for line in sys.stdin:
        name, *numbers = line.split()
        size, times, _ = map(int, numbers)
        if name == "fill":
            door = Door(size)
            print("0 0", flush=True)
        else:
            print(door.sample(typed, name, size, times), flush=True)


main()
