"""redis-py and everything around groups: streams, pipelines, transactions, keys, passwords."""

import redis

from .server import ClientTest


def ids(entries):
    """The IDs of what a range command gave."""
    return [entry_id for entry_id, _ in entries]


class Session(ClientTest):
    """What redis-py speaks when it is not asked: RESP3."""

    def test_a_stream_is_read_in_both_directions_trimmed_and_loses_entries(self):
        client = self.client
        self.assertRegex(client.xadd("s", {"n": 0}), r"^\d{13}-\d+$")
        client.delete("s")
        for n in range(1, 6):
            client.xadd("s", {"n": n}, id=f"{n}-1")
        self.assertEqual(ids(client.xrange("s", count=2)), ["1-1", "2-1"])
        self.assertEqual(ids(client.xrange("s", "(2-1", "4")), ["3-1", "4-1"])
        self.assertEqual(ids(client.xrevrange("s", count=2)), ["5-1", "4-1"])
        self.assertEqual(client.xdel("s", "2-1", "9-9"), 1)
        self.assertEqual(client.xtrim("s", maxlen=2, approximate=False), 2)
        self.assertEqual(client.xlen("s"), 2)
        reply = client.xread({"s": "4-1", "other": "0"}, count=1)
        self.assertEqual(reply, [["s", [("5-1", {"n": "5"})]]])
        self.assertFalse(client.xread({"s": "$"}))
        with self.assertRaisesRegex(redis.ResponseError, "equal or smaller than the target"):
            client.xadd("s", {"n": 1}, id="1-1")

    def test_bytes_that_are_no_text_go_through_unchanged(self):
        client = self.open(decode_responses=False)
        every = bytes(range(256))
        client.xadd("s", {every: every}, id="1-1")
        self.assertEqual(client.xrange("s"), [(b"1-1", {every: every})])

    def test_a_pipeline_of_several_hundred_commands(self):
        wanted = [f"{n}-1" for n in range(1, 501)]
        pipeline = self.client.pipeline(transaction=False)
        for entry_id in wanted:
            pipeline.xadd("s", {"n": entry_id}, id=entry_id)
        pipeline.xadd("s", {"n": "too old"}, id="1-1").xlen("s")
        *added, too_old, length = pipeline.execute(raise_on_error=False)
        self.assertEqual(added, wanted)
        self.assertIsInstance(too_old, redis.ResponseError)
        self.assertEqual(length, 500)

    def test_multi_runs_as_one_and_watch_stops_it(self):
        other = self.open()
        with self.client.pipeline() as multi:
            multi.xadd("s", {"n": 1}, id="1-1").incr("count").xlen("s")
            self.assertEqual(multi.execute(), ["1-1", 1, 1])
            multi.watch("s")
            other.xadd("s", {"n": 2}, id="2-1")
            multi.multi()
            multi.incr("count")
            self.assertRaises(redis.WatchError, multi.execute)
        with self.client.pipeline() as multi:
            multi.watch("s")
            multi.unwatch()
            other.xadd("s", {"n": 3}, id="3-1")
            self.assertEqual(multi.incr("count").execute(), [2])
            multi.execute_command("XADD", "s").incr("count")
            with self.assertRaisesRegex(redis.ResponseError, "wrong number of arguments"):
                multi.execute()
        self.assertEqual(self.client.get("count"), "2")

    def test_a_key_expires(self):
        client = self.client
        client.xadd("s", {"n": 1}, id="1-1")
        self.assertTrue(client.expire("s", 100))
        self.assertIn(client.ttl("s"), (99, 100))
        self.assertTrue(client.persist("s"))
        self.assertTrue(client.pexpire("s", 20))
        self.until("s is gone", lambda: client.exists("s") == 0)
        self.assertEqual(client.type("s"), "none")

    def test_scan_meets_every_key(self):
        wanted = {f"key:{n}" for n in range(300)}
        self.client.mset(dict.fromkeys(wanted, "x"))
        self.client.xadd("stream:1", {"n": 1}, id="1-1")
        self.assertEqual(set(self.client.scan_iter("key:*", count=20)), wanted)
        self.assertEqual(list(self.client.scan_iter(_type="stream")), ["stream:1"])

    def test_quit_is_answered_then_the_connection_ends(self):
        client = self.open()
        self.assertTrue(client.quit())
        self.assertRaises(redis.ConnectionError, client.connection.read_response)


class SessionInResp2(Session):
    """The same in the older protocol."""

    PROTOCOL = 2


class Password(ClientTest):
    """A server that was started with --requirepass."""

    PASSWORD = "sesame"

    def test_only_the_right_password_is_let_in(self):
        self.assertTrue(self.client.ping())
        with self.assertRaises(redis.AuthenticationError):
            self.open().ping()
        with self.assertRaisesRegex(redis.AuthenticationError, "invalid username-password"):
            self.open(password="wrong").ping()
        with self.assertRaisesRegex(redis.AuthenticationError, "invalid username-password"):
            self.client.auth("wrong")
        self.assertTrue(self.client.auth("sesame"))


class PasswordInResp2(Password):
    """The same in the older protocol."""

    PROTOCOL = 2
