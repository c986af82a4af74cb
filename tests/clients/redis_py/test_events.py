"""redis-py and channels: messages, patterns, and the events of a stream's key."""

from .server import ClientTest


class Events(ClientTest):
    """What redis-py speaks when it is not asked: RESP3."""

    def next(self, pubsub):
        """The next message, its kind, pattern, channel and data."""
        message = pubsub.get_message(timeout=10)
        self.assertIsNotNone(message, "waited 10 s in vain")
        return message["type"], message["pattern"], message["channel"], message["data"]

    def listener(self):
        """A subscriber of its own, closed when the test ends."""
        pubsub = self.open(single_connection_client=False).pubsub()
        self.addCleanup(pubsub.close)
        return pubsub

    def test_messages_come_by_channel_and_by_pattern(self):
        pubsub = self.listener()
        pubsub.subscribe("news")
        self.assertEqual(self.next(pubsub), ("subscribe", None, "news", 1))
        pubsub.psubscribe("n*")
        self.assertEqual(self.next(pubsub), ("psubscribe", None, "n*", 2))
        self.assertEqual(self.client.publish("news", "hello"), 2)
        self.assertEqual(self.next(pubsub), ("message", None, "news", "hello"))
        self.assertEqual(self.next(pubsub), ("pmessage", "n*", "news", "hello"))
        self.assertEqual(self.client.pubsub_numsub("news", "none"), [("news", 1), ("none", 0)])
        pubsub.unsubscribe()
        self.assertEqual(self.next(pubsub), ("unsubscribe", None, "news", 1))
        self.assertEqual(self.client.publish("news", "again"), 1)
        self.assertEqual(self.next(pubsub), ("pmessage", "n*", "news", "again"))
        pubsub.close()
        self.until("it is forgotten", lambda: self.client.pubsub_numpat() == 0)

    def test_events_of_a_stream_are_heard(self):
        self.client.config_set("notify-keyspace-events", "KEA")
        pubsub = self.listener()
        pubsub.psubscribe("__key*__:*")
        self.next(pubsub)
        self.client.xadd("s", {"n": 1}, id="1-1")
        self.client.xgroup_create("s", "g", "0")
        self.client.pexpire("s", 20)
        for event in ["xadd", "xgroup-create", "expire", "expired"]:
            key = ("pmessage", "__key*__:*", "__keyspace@0__:s", event)
            self.assertEqual(self.next(pubsub), key)
            kind = ("pmessage", "__key*__:*", f"__keyevent@0__:{event}", "s")
            self.assertEqual(self.next(pubsub), kind)


class EventsInResp2(Events):
    """The older protocol, in which a subscriber may say little else."""

    PROTOCOL = 2
