"""redis-py and consumer groups: delivery, death without a word, claims, acknowledgement."""

from concurrent.futures import ThreadPoolExecutor

import redis

from .server import ClientTest

ONE, TWO, THREE = (("1-1", {"n": "1"}), ("2-1", {"n": "2"}), ("3-1", {"n": "3"}))


class Groups(ClientTest):
    """What redis-py speaks when it is not asked: RESP3."""

    WIRE = "3"

    def fill(self, count):
        """A stream `s` of 1-1 to `count`-1, and its group `g` that has read nothing."""
        self.client.xgroup_create("s", "g", "0", mkstream=True)
        for n in range(1, count + 1):
            self.client.xadd("s", {"n": n}, id=f"{n}-1")

    def read(self, client, consumer, last=">", **options):
        """The entries of `s` that `consumer` gets; None when there is no reply."""
        reply = client.xreadgroup("g", consumer, {"s": last}, **options)
        if not reply:
            return None
        ((key, entries),) = reply
        self.assertEqual(key, "s")
        return entries

    def blocked(self, count):
        """Waits until so many connections are blocked."""
        info = self.client.info
        self.until("blocked", lambda: info("clients")["blocked_clients"] == count)

    def test_the_connection_speaks_the_protocol(self):
        self.assertEqual(self.client.client_info()["resp"], self.WIRE)
        self.assertEqual(self.client.client_info()["lib-name"], "redis-py")

    def test_reading_without_a_group_is_nogroup(self):
        with self.assertRaisesRegex(redis.ResponseError, "^NOGROUP No such key 's' or consumer"):
            self.read(self.client, "c1")
        with self.assertRaisesRegex(redis.ResponseError, "MKSTREAM"):
            self.client.xgroup_create("s", "g")
        self.assertTrue(self.client.xgroup_create("s", "g", mkstream=True))
        with self.assertRaisesRegex(redis.ResponseError, "BUSYGROUP"):
            self.client.xgroup_create("s", "g")

    def test_two_consumers_share_a_stream(self):
        self.fill(3)
        other = self.open()
        self.assertEqual(self.read(self.client, "c1", count=2), [ONE, TWO])
        self.assertEqual(self.read(other, "c2", count=2), [THREE])
        self.assertIsNone(self.read(other, "c2", count=2))

    def test_a_blocked_consumer_is_woken_or_times_out(self):
        self.fill(0)
        first, second = self.open(), self.open()
        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(self.read, first, "c1", count=1, block=0)
            self.blocked(1)
            self.assertIsNone(self.read(second, "c2", block=30))
            self.client.xadd("s", {"n": 1}, id="1-1")
            self.assertEqual(waiting.result(10), [ONE])

    def test_who_waits_longest_is_served_first(self):
        self.fill(0)
        with ThreadPoolExecutor() as pool:
            waits = []
            for n in (1, 2):
                waits.append(pool.submit(self.read, self.open(), f"c{n}", count=1, block=0))
                self.blocked(n)
            self.client.xadd("s", {"n": 1}, id="1-1")
            self.client.xadd("s", {"n": 2}, id="2-1")
            self.assertEqual([wait.result(10) for wait in waits], [[ONE], [TWO]])

    def test_a_consumer_dies_and_another_claims(self):
        self.fill(3)
        dying = self.open(client_name="dying")
        self.read(dying, "dead", count=2)
        dying.connection.disconnect()
        names = lambda: [client["name"] for client in self.client.client_list()]
        self.until("the dead consumer is gone", lambda: "dying" not in names())
        self.assertEqual(self.read(self.client, "alive"), [THREE])
        self.assertEqual(self.client.xpending("s", "g"), {
            "pending": 3, "min": "1-1", "max": "3-1",
            "consumers": [{"name": "alive", "pending": 1}, {"name": "dead", "pending": 2}],
        })
        rows = self.client.xpending_range("s", "g", "-", "+", 10, consumername="dead")
        self.assertEqual([(row["message_id"], row["times_delivered"]) for row in rows],
                         [("1-1", 1), ("2-1", 1)])
        self.assertTrue(all(row["time_since_delivered"] >= 0 for row in rows))
        self.assertEqual(self.client.xclaim("s", "g", "alive", 3_600_000, ["1-1"]), [])
        self.assertEqual(self.client.xclaim("s", "g", "alive", 0, ["1-1", "9-9"]), [ONE])
        (row,) = self.client.xpending_range("s", "g", "1-1", "1-1", 1)
        self.assertEqual((row["consumer"], row["times_delivered"]), ("alive", 2))

    def test_xautoclaim_pages_through_what_is_idle(self):
        self.fill(4)
        self.read(self.client, "dead")
        self.client.xclaim("s", "g", "dead", 0, ["1-1", "2-1", "3-1"], idle=60_000, justid=True)
        self.client.xdel("s", "2-1")
        rows = self.client.xpending_range("s", "g", "-", "+", 10, idle=50_000)
        self.assertEqual([row["message_id"] for row in rows], ["1-1", "2-1", "3-1"])
        page = self.client.xautoclaim("s", "g", "alive", 50_000, count=2)
        self.assertEqual(page, ["3-1", [ONE], ["2-1"]])
        rest = self.client.xautoclaim("s", "g", "alive", 50_000, page[0], justid=True)
        self.assertEqual(rest, ["3-1"])
        self.assertEqual(self.client.xpending("s", "g")["consumers"], [
            {"name": "alive", "pending": 2}, {"name": "dead", "pending": 1},
        ])

    def test_history_until_acknowledged(self):
        self.fill(2)
        self.read(self.client, "c1")
        self.assertEqual(self.read(self.client, "c1", "0"), [ONE, TWO])
        self.assertEqual(self.read(self.client, "c2", "0"), [])
        self.assertEqual(self.client.xack("s", "g", "1-1", "9-9"), 1)
        self.assertEqual(self.read(self.client, "c1", "0"), [TWO])
        self.assertEqual(self.client.xack("s", "g", "2-1"), 1)
        self.assertEqual(self.client.xpending("s", "g"),
                         {"pending": 0, "min": None, "max": None, "consumers": []})

    def test_xinfo_is_parsed(self):
        self.fill(3)
        self.read(self.client, "c1", count=2)
        stream = self.client.xinfo_stream("s")
        self.assertEqual((stream["length"], stream["groups"], stream["entries-added"]), (3, 1, 3))
        self.assertEqual((stream["first-entry"], stream["last-entry"]), (ONE, THREE))
        self.assertEqual(self.client.xinfo_groups("s"), [{
            "name": "g", "consumers": 1, "pending": 2, "last-delivered-id": "2-1",
            "entries-read": 2, "lag": 1,
        }])
        (consumer,) = self.client.xinfo_consumers("s", "g")
        self.assertEqual((consumer["name"], consumer["pending"]), ("c1", 2))
        full = self.client.xinfo_stream("s", full=True)
        self.assertEqual(full["entries"], dict([ONE, TWO, THREE]))
        (group,) = full["groups"]
        self.assertEqual((group["pel-count"], len(group["consumers"])), (2, 1))


class GroupsInResp2(Groups):
    """The same in the older protocol."""

    PROTOCOL = 2
    WIRE = "2"
