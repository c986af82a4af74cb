"""A journal in a directory: bases and increments, numbered. The highest base counts, and the
increments from its number on. `<epoch>.writer` is the one writer's; who makes a higher one takes
the directory over."""

import os
from pathlib import Path

from wasmtime.component import Record, Variant


class Refused(Exception):
    """Becomes the `error` of a result."""

    def __init__(self, tag, payload=None):
        super().__init__(tag, payload)
        self.error = Variant(tag, payload)


class Log:
    """The resource `journal.log`."""

    def __init__(self, folder):
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._files = self._found()
        self._number = int(self._files[-1].name.split(".")[0]) if self._files else 1
        self._increment = self._base = None

    def _found(self):
        """The files that count, as they are now."""
        base = max(self._numbers(".base.aof"), default=None)
        increments = [it for it in self._numbers(".incr.aof") if it >= (base or 1)]
        bases = [] if base is None else [self._file(f"{base}.base.aof", "base")]
        return bases + [self._file(f"{it}.incr.aof", "increment") for it in increments]

    def _file(self, name, kind):
        file = Record()
        file.name, file.kind = name, kind
        file.length = (self._folder / name).stat().st_size
        return file

    def _numbers(self, end):
        """The numbers of the files that end so, in order."""
        return sorted(int(it.name.split(".")[0]) for it in self._folder.glob(f"*{end}"))

    def files(self):
        return self._files

    def epoch(self):
        return max(self._numbers(".writer"), default=0)

    def read(self, file, offset, length):
        with open(self._folder / self._files[file].name, "rb") as content:
            content.seek(offset)
            return content.read(length)

    def start(self, epoch, end):
        before = self.epoch()
        if epoch <= before:
            raise Refused("fenced", before)
        try:
            (self._folder / f"{epoch}.writer").touch(exist_ok=False)
        except FileExistsError:
            raise Refused("fenced", self.epoch()) from None
        for old in self._numbers(".writer"):
            if old < epoch:
                (self._folder / f"{old}.writer").unlink(missing_ok=True)
        # From here on the writer before is fenced. What it wrote since `__init__` was not read.
        found = self._found()
        if found != self._files:
            raise Refused("conflict", found[-1].length if found else 0)
        self._open_increment()
        self._increment.truncate(end)

    def append(self, epoch, end, frame):
        self._check(epoch)
        size = os.fstat(self._increment.fileno()).st_size
        if size != end:
            raise Refused("conflict", size)
        self._increment.write(frame)
        flush(self._increment)

    def begin_base(self, epoch):
        self._check(epoch)
        self._increment.close()
        self._number += 1
        self._open_increment()
        self._base = open(self._folder / "base.partial", "wb")

    def write_base(self, epoch, content):
        self._check(epoch)
        self._base.write(content)

    def commit_base(self, epoch):
        """The rename is the step that a crash does or does not see."""
        self._check(epoch)
        flush(self._base)
        self._base.close()
        os.replace(self._folder / "base.partial", self._folder / f"{self._number}.base.aof")
        self._flush_names()

    def close(self):
        for file in (self._increment, self._base):
            if file is not None:
                file.close()

    def _check(self, epoch):
        if not (self._folder / f"{epoch}.writer").exists():
            raise Refused("fenced", self.epoch())

    def _open_increment(self):
        self._increment = open(self._folder / f"{self._number}.incr.aof", "ab")
        self._flush_names()

    def _flush_names(self):
        """A file is there after a crash when its folder says so."""
        folder = os.open(self._folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def flush(file):
    file.flush()
    os.fsync(file.fileno())
