"""Journals in memory that outlive instances, as a host's storage does."""

from collections import defaultdict

from wasmtime.component import Record, Variant


class Refused(Exception):
    """Becomes the `error` of a result."""

    def __init__(self, tag, payload=None):
        super().__init__(tag, payload)
        self.error = Variant(tag, payload)


class Journal:
    """One journal, as it is stored."""

    def __init__(self):
        self.writer = 0  # the epoch of the last one that started
        self.base = None
        self.increments = []
        self.fails = None  # what the next append answers
        self.meanwhile = None  # a frame that the writer before appends while the next one reads
        self.writes = 0  # how often it was written to
        self._writing = None

    def stored(self):
        bases = [] if self.base is None else [("base", self.base)]
        return bases + [("increment", it) for it in self.increments]

    def files(self):
        return [
            record(name=f"file {place}", kind=kind, length=len(content))
            for place, (kind, content) in enumerate(self.stored())
        ]

    def epoch(self):
        return self.writer

    def read(self, place, offset, length):
        _, content = self.stored()[place]
        return bytes(content[offset : offset + length])

    def start(self, epoch, end, writes):
        if self.meanwhile is not None:
            frame, self.meanwhile = self.meanwhile, None
            self.append(self.writer, self._end(), frame)
        if epoch <= self.writer:
            raise Refused("fenced", self.writer)
        if writes != self.writes:
            raise Refused("conflict", self._end())
        self.writer = epoch
        self._writing = None
        if not self.increments:
            self.increments.append(bytearray())
        del self.increments[-1][end:]

    def append(self, epoch, end, frame):
        self._check(epoch)
        if self.fails is not None:
            why, self.fails = self.fails, None
            raise Refused("failed", why)
        if self._end() != end:
            raise Refused("conflict", self._end())
        self.increments[-1].extend(frame)
        self.writes += 1

    def begin_base(self, epoch):
        self._check(epoch)
        self._writing = (bytearray(), len(self.increments))
        self.increments.append(bytearray())
        self.writes += 1

    def write_base(self, epoch, content):
        self._check(epoch)
        self._writing[0].extend(content)

    def commit_base(self, epoch):
        self._check(epoch)
        self.base, replaced = self._writing
        del self.increments[:replaced]
        self.writes += 1

    def _end(self):
        """Where the last increment ends."""
        return len(self.increments[-1]) if self.increments else 0

    def _check(self, epoch):
        """Refuses whoever is not the last writer that started."""
        if epoch != self.writer:
            raise Refused("fenced", self.writer)


class Log:
    """A journal that an instance has opened."""

    def __init__(self, journal):
        self._journal = journal
        self._writes = journal.writes

    def start(self, epoch, end):
        self._journal.start(epoch, end, self._writes)

    def __getattr__(self, name):
        return getattr(self._journal, name)


def journals():
    """Journals by name, shared by the instances that open them."""
    return defaultdict(Journal)


def record(**fields):
    """A record of the contract; `_` stands for `-` in names."""
    made = Record()
    for name, value in fields.items():
        setattr(made, name.replace("_", "-"), value)
    return made
