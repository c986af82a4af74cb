"""An instance of Brooklet's component, with what it imports: a clock, a journal, and wake."""

import errno
import itertools
import time
from pathlib import Path

from wasmtime import Engine, Store
from wasmtime.component import Component, Linker, Record, ResourceHost, ResourceType, Variant

from directory import Log, Refused

PACKAGE = "brooklet:streams/{}@0.1.0"
LOG = 0  # the number of the resource type `log` among those of this host


class BrookletError(Exception):
    """A call's result was an `error`: `tag` is its case."""

    def __init__(self, error):
        super().__init__(error)
        self.tag = error.tag


def record(**fields):
    """A record of the contract; `_` stands for `-` in names."""
    made = Record()
    for name, value in fields.items():
        setattr(made, name.replace("_", "-"), value)
    return made


class Brooklet:
    """An instance. When it traps, make a new one, and open its databases again."""

    def __init__(self, path):
        engine = Engine()
        component = Component(engine, Path(path).read_bytes())
        self._logs = {}
        self._numbers = itertools.count()
        self._store = Store(engine)
        linker = Linker(engine)
        with linker.root() as root:
            self._provide(root)
        self._instance = linker.instantiate(self._store, component)

    def call(self, interface, name, *arguments):
        """Calls a function. Lists of bytes are `bytes`, what is not given is None; a case of a
        variant is its value alone where that tells which case it is, else a `Variant`."""
        within = self._instance.get_export_index(self._store, PACKAGE.format(interface))
        index = self._instance.get_export_index(self._store, name, within)
        result = self._instance.get_func(self._store, index)(self._store, *arguments)
        if isinstance(result, Variant):
            raise BrookletError(result)
        return result

    def _provide(self, root):
        with root.add_instance(PACKAGE.format("clock")) as clock:
            clock.add_func("now", lambda _: time.time_ns() // 1_000_000)
        with root.add_instance(PACKAGE.format("wake")) as wake:
            # A read or a session that waited has something to take. Nothing waits here.
            wake.add_func("ready", lambda _, database, number: None)
            # When to call `tick`, in milliseconds since 1970. A program that goes on sets a timer.
            wake.add_func("schedule", lambda _, database, at: None)
        with root.add_instance(PACKAGE.format("journal")) as journal:
            journal.add_resource("log", ResourceType.host(LOG), self._close)
            journal.add_func("[static]log.open", fallible(self._open))
            for name in ("files", "epoch"):
                journal.add_func(f"[method]log.{name}", self._method(name))
            for name in ("read", "start", "append", "begin-base", "write-base", "commit-base"):
                journal.add_func(f"[method]log.{name}", fallible(self._method(name)))

    def _open(self, _, name):
        number = next(self._numbers)
        self._logs[number] = Log(name)
        return ResourceHost.own(number, LOG)

    def _close(self, _, number):
        self._logs.pop(number).close()

    def _method(self, name):
        def call(store, handle, *arguments):
            log = self._logs[handle.to_host(store).rep]
            return getattr(log, name.replace("-", "_"))(*arguments)

        return call


def fallible(function):
    """What is raised becomes the result's `error`."""

    def call(*arguments):
        try:
            return function(*arguments)
        except Refused as refused:
            return refused.error
        except OSError as error:
            if error.errno == errno.ENOSPC:
                return Variant("full")
            return Variant("failed", str(error))

    return call
