"""A host for the component: wasmtime, a clock that is set, and journals in memory."""

import functools
import itertools
import os
from pathlib import Path

from wasmtime import Config, Engine, Store
from wasmtime.component import Component, Linker, ResourceHost, ResourceType, Variant

from .journals import Log, Refused, journals, record

PACKAGE = "brooklet:streams/{}@0.1.0"
LOG = 1  # the number of the resource type `journal.log` among this host's


@functools.cache
def compiled(level):
    """An engine, and the component that `cargo xtask component` has built, compiled once."""
    config = Config()
    config.cranelift_opt_level = level
    engine = Engine(config)
    return engine, Component(engine, Path(os.environ["BROOKLET_COMPONENT"]).read_bytes())


class Failed(Exception):
    """A call's result was an `error`."""

    def __init__(self, error):
        super().__init__(error)
        self.error = error
        self.tag = error.tag
        self.payload = error.payload


class Host:
    """An instance, and the ground that it stands on."""

    def __init__(self, stored=None, memory=-1, level="none"):
        self.clock = 1000  # milliseconds since 1970
        self.ticks = {}  # when each database wants its next tick
        self.journals = journals() if stored is None else stored
        self._ready = []
        self._logs = {}
        self._numbers = itertools.count()
        self._functions = {}
        engine, component = compiled(level)
        self.store = Store(engine)
        self.store.set_limits(memory_size=memory)
        linker = Linker(engine)
        with linker.root() as root:
            self._provide(root)
        self._instance = linker.instantiate(self.store, component)

    def _provide(self, root):
        """Defines what the component imports."""
        with root.add_instance(PACKAGE.format("types")):
            pass
        with root.add_instance(PACKAGE.format("clock")) as clock:
            clock.add_func("now", lambda _: self.clock)
        with root.add_instance(PACKAGE.format("wake")) as wake:
            wake.add_func("ready", lambda _, name, number: self._ready.append(number))
            wake.add_func("schedule", self._schedule)
        with root.add_instance(PACKAGE.format("journal")) as journal:
            journal.add_resource("log", ResourceType.host(LOG), self._close)
            journal.add_func("[static]log.open", self._open)
            for name in ("files", "epoch"):
                journal.add_func(f"[method]log.{name}", self._method(name))
            for name in ("read", "start", "append", "begin-base", "write-base", "commit-base"):
                journal.add_func(f"[method]log.{name}", self._fallible(name))

    def _schedule(self, _, name, at):
        if at is None:
            self.ticks.pop(name, None)
        else:
            self.ticks[name] = at

    def _open(self, store, name):
        number = next(self._numbers)
        self._logs[number] = Log(self.journals[name])
        return ResourceHost.own(number, LOG)

    def _close(self, _, number):
        del self._logs[number]

    def _method(self, name):
        def call(store, log, *arguments):
            log = self._logs[log.to_host(store).rep]
            return getattr(log, name.replace("-", "_"))(*arguments)

        return call

    def _fallible(self, name):
        method = self._method(name)

        def call(*arguments):
            try:
                return method(*arguments)
            except Refused as refused:
                return refused.error

        return call

    def open(self, name, durable):
        """Opens a database, in memory or with a journal."""
        options = record(durable=durable, settings=[("enable-debug-command", "yes")])
        return self.call("databases", "[static]database.open", name, options)

    def advance(self, database, clock):
        """Lets time pass up to `clock`."""
        self.clock = clock
        self.call("databases", "[method]database.tick", database)

    def take_ready(self):
        """Who has something to take, since this was asked last; by their numbers."""
        ready, self._ready = self._ready, []
        return ready

    def drop(self, handle):
        handle.drop(self.store)

    def call(self, interface, name, *arguments):
        """Calls an export; a result's `error` is raised."""
        return self.checked(self.function(interface, name)(self.store, *arguments))

    @staticmethod
    def checked(result):
        """No other value is a variant that wasmtime names."""
        if isinstance(result, Variant):
            raise Failed(result)
        return result

    def function(self, interface, name):
        """An export, looked up once."""
        place = (interface, name)
        if place not in self._functions:
            within = self._instance.get_export_index(self.store, PACKAGE.format(interface))
            index = self._instance.get_export_index(self.store, name, within)
            self._functions[place] = self._instance.get_func(self.store, index)
        return self._functions[place]
