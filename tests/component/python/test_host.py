"""The component in Python: its imports, reads that wait, its journal, its end."""

import unittest

from wasmtime import WasmtimeError
from wasmtime.component import Variant

from .host import Failed, Host, compiled
from .journals import journals, record

NO_LIMITS = record(count=None, max_count=None, max_size=None)
NEW_ONLY = record(no_ack=False, claim=None)


class Work:
    """A database of an instance, with short words for what the tests do most."""

    def __init__(self, host, durable=True):
        self.host = host
        self.db = host.open("jobs", durable)

    def add(self, value):
        options = record(no_create=False, idempotency=None, trim=None)
        fields = [record(name=b"f", value=value)]
        return self.host.call("streams", "add", self.db, b"s", None, fields, options)

    def create(self):
        start = Variant("after", record(ms=0, seq=0))
        options = record(create_stream=True, entries_read=None)
        self.host.call("groups", "create", self.db, b"s", b"g", start, options)

    def read(self, who, wait=None):
        sources = [(b"s", None)]  # undelivered
        return self.host.call(
            "groups", "read", self.db, b"g", who, sources, NO_LIMITS, NEW_ONLY, wait
        )

    def length(self):
        return self.host.call("streams", "length", self.db, b"s")

    def pending(self):
        return self.host.call("groups", "pending", self.db, b"s", b"g").count

    def exchange(self, request):
        session = self.host.call("raw", "[static]session.open", self.db)
        return self.host.call("raw", "[method]session.exchange", session, request)

    def take(self, read):
        """A result, None while it waits, or the error."""
        take = self.host.function("streams", "[method]pending-read.take")
        return take(self.host.store, read)


class HostTest(unittest.TestCase):
    def assert_fails(self, tag, payload, call, *arguments):
        with self.assertRaises(Failed) as caught:
            call(*arguments)
        self.assertEqual((caught.exception.tag, caught.exception.payload), (tag, payload))

    def test_it_imports_nothing_but_our_own_interfaces(self):
        engine, component = compiled("none")
        imports = component.type.imports(engine)
        names = sorted(name for name in imports)
        ours = ["clock", "journal", "types", "wake"]
        self.assertEqual(names, [f"brooklet:streams/{name}@0.1.0" for name in ours])

    def test_a_read_that_waits_is_woken_by_another_call(self):
        host = Host()
        work = Work(host, durable=False)
        work.create()
        one, two, gone = work.read(b"one", 0), work.read(b"two", 500), work.read(b"gone", 0)
        self.assertEqual(host.ticks["jobs"], 1500)

        host.drop(gone)
        added = work.add(b"first")
        first = host.call("streams", "[method]pending-read.id", one)
        self.assertEqual(host.take_ready(), [first], "first come, first served")
        [stream] = work.take(one)
        self.assertEqual(stream.entries[0].id, added)
        self.assertEqual(work.take(one), Variant("closed"))
        self.assertIsNone(work.take(two))

        host.advance(work.db, 1500)
        second = host.call("streams", "[method]pending-read.id", two)
        self.assertEqual(host.take_ready(), [second])
        self.assertEqual(work.take(two), [], "the wait is over")
        self.assertNotIn("jobs", host.ticks)
        self.assertEqual(work.pending(), 1, "who had gone was delivered nothing")

    def test_a_database_comes_back_from_its_journal(self):
        stored = journals()
        host = Host(stored)
        work = Work(host)
        work.create()
        for _ in range(100):
            work.add(b"value")
        [stream] = work.read(b"c")
        self.assertEqual(len(stream.entries), 100)

        # A rewrite goes on in ticks, between other calls.
        host.call("databases", "[method]database.rewrite", work.db)
        self.assertEqual(host.ticks["jobs"], 1000)
        host.advance(work.db, 1000)
        work.add(b"meanwhile")
        while "jobs" in host.ticks:
            host.advance(work.db, 1000)
        self.assertIsNotNone(stored["jobs"].base, "the base is the journal's")
        self.assertEqual(len(stored["jobs"].increments), 1)
        work.add(b"afterwards")
        self.assertEqual(work.exchange(b"SET k v PX 60000\r\n"), b"+OK\r\n")

        # An append that a crash has cut off was acknowledged to nobody.
        stored["jobs"].increments[0] += b"#BROOKLET:1 1 "
        host = Host(stored)
        work = Work(host)
        self.assertEqual((work.length(), work.pending()), (102, 100))
        recovered = host.call("databases", "[method]database.recovered", work.db)
        self.assertEqual((recovered.torn, recovered.epoch), (14, 2))
        self.assertEqual(host.ticks["jobs"], 61_001, "a key expires, and the host knows when")

    def test_a_damaged_journal_is_refused_and_left_alone(self):
        stored = journals()
        work = Work(Host(stored))
        for _ in range(3):
            work.add(b"value")
        [increment] = stored["jobs"].increments
        increment[60] ^= 1
        damaged = bytes(increment)
        with self.assertRaises(Failed) as caught:
            Work(Host(stored))
        self.assertEqual(caught.exception.tag, "storage")
        self.assertIn("file 0: byte 0", caught.exception.payload)
        self.assertEqual((stored["jobs"].writer, increment), (1, damaged))

    def test_a_later_instance_fences_the_one_before(self):
        stored = journals()
        first = Work(Host(stored))
        first.add(b"before")
        second = Work(Host(stored))
        self.assert_fails("fenced", 2, first.add, b"lost")
        self.assert_fails("fenced", 2, first.length)
        second.add(b"after")
        self.assertEqual(Work(Host(stored)).length(), 2)

    def test_what_is_appended_while_another_opens_is_not_lost(self):
        stored = journals()
        first = Work(Host(stored))
        first.add(b"before")
        [increment] = stored["jobs"].increments
        read = len(increment)
        first.add(b"meanwhile")
        stored["jobs"].meanwhile = bytes(increment[read:])
        del increment[read:]
        with self.assertRaises(Failed) as caught:
            Work(Host(stored))
        self.assertEqual(caught.exception.tag, "storage")
        self.assertIn("somebody else wrote", caught.exception.payload)
        self.assertEqual(Work(Host(stored)).length(), 2)

    def test_a_failed_append_stops_the_database(self):
        stored = journals()
        work = Work(Host(stored))
        work.add(b"safe")
        stored["jobs"].fails = "the disk is gone"
        self.assert_fails("storage", "the disk is gone", work.add, b"unsafe")
        self.assert_fails("storage", "the disk is gone", work.add, b"later")
        # The same instance opens it again: what is in the journal is what there is.
        self.assertEqual(Work(work.host).length(), 1)

    def test_a_trap_ends_the_instance_and_replay_brings_everything_back(self):
        stored = journals()
        work = Work(Host(stored, memory=4 << 20))
        acknowledged = 0
        with self.assertRaises(WasmtimeError):
            for acknowledged in range(100):
                work.add(b"x" * 100_000)
        self.assertGreater(acknowledged, 3, "four megabytes hold no ten")
        with self.assertRaisesRegex(WasmtimeError, "cannot enter"):
            work.length()
        self.assertEqual(Work(Host(stored)).length(), acknowledged)


if __name__ == "__main__":
    unittest.main()
