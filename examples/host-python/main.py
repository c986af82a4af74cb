"""Hosts the component: opens a database in `data`, adds two jobs, and has two workers at them."""

import sys

from host import Brooklet, BrookletError, record
from wasmtime.component import Variant


def work(component, folder="data"):
    brooklet = Brooklet(component)
    call = brooklet.call
    options = record(durable=True, settings=[])
    db = call("databases", "[static]database.open", folder, options)
    jobs, workers, alice, bob = b"jobs", b"workers", b"alice", b"bob"

    try:
        options = record(create_stream=True, entries_read=None)
        call("groups", "create", db, jobs, workers, Variant("latest"), options)
    except BrookletError as error:
        if error.tag != "busy-group":
            raise
    for task in (b"resize", b"upload"):
        fields = [record(name=b"task", value=task)]
        options = record(no_create=False, idempotency=None, trim=None)
        call("streams", "add", db, jobs, None, fields, options)  # None: an ID of the time

    def read(worker):
        """The entries that a worker is delivered, one at most."""
        sources = [(jobs, None)]  # None: what nobody of the group was delivered
        limits = record(count=1, max_count=None, max_size=None)
        options = record(no_ack=False, claim=None)
        found = call("groups", "read", db, workers, worker, sources, limits, options, None)
        return [entry for stream in found for entry in stream.entries]

    read(alice)  # and never comes back.
    done = [entry.id for entry in read(bob)]
    call("groups", "ack", db, jobs, workers, done)

    # Bob takes over what has been idle; a minute is more usual than no time at all.
    start = record(ms=0, seq=0)
    left = call("groups", "auto-claim", db, jobs, workers, bob, 0, start, None, False)
    claimed = [entry.id for entry in left.entries]
    call("groups", "ack", db, jobs, workers, claimed)

    length = call("streams", "length", db, jobs)
    return f"bob worked off {shown(done)}, and {shown(claimed)} for alice; {length} jobs so far"


def shown(ids):
    return ", ".join(f"{it.ms}-{it.seq}" for it in ids)


if __name__ == "__main__":
    print(work(*sys.argv[1:]))
