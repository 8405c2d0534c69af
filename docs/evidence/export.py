"""Reads and judges a log export: FORMAT.md sections 9 and 10.

Leaves are computed by several processes, a chunk of lines each; then one pass links them. Kept in
memory are 32 bytes an event and the tip of each stream.
"""
from __future__ import annotations

import itertools
import multiprocessing
import os
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Iterable, Iterator, NamedTuple, Optional

from layout import (
    FOREVER, MEMBERS, Bad, Change, Claim, Epoch, Key, Note, epoch_of, key_of, leaf_data, leaf_hash,
    make_epochs, must_sign, need, parse_change, parse_checkpoint, parse_json, parse_line,
    parse_note, read_text, roots_at, signed, walk_keys)

CHUNK, SMALL = 5000, 1 << 22  # lines a task; bytes of a file that one process reads soon enough
RECORD, UNBORN, OWN_STREAM = 104, bytes(40), "0" * 32
LASTING = ("LogRecovered", "PackAdopted", "TablesAdopted")
Facts = dict[str, Any]  # what is said where everything fits
Checked = tuple[bytes, list["Own"], Optional[tuple[int, str]]]  # records, own events, fault


class Own(NamedTuple):
    """An event of the log's own stream that changes what may follow or what is in force."""
    position: int
    recorded_at: int
    kind: str
    payload: str


@dataclass
class Log:
    epochs: list[Epoch]
    size: int
    leaves: bytearray = field(default_factory=bytearray)
    own: list[Own] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    checkpoints: list[tuple[Claim, Note]] = field(default_factory=list)
    roots: dict[int, bytes] = field(default_factory=dict)


# ---- reading: leaves are computed apart, then linked

def check_lines(task: tuple[int, list[bytes], dict[int, str]]) -> Checked:
    """Records of the events in some lines, up to the first that does not give its leaf.

    A record is participant, version before, leaf before, version, leaf, recorded_at + 2^63.
    """
    position, lines, firsts = task
    origin = firsts[max(first for first in firsts if first <= position)]
    records, own = bytearray(), []
    try:
        for position, line in enumerate(lines, position):
            origin, row = firsts.get(position, origin), parse_line(line)
            if type(row) is not dict or row.keys() != MEMBERS or row["position"] != position:
                raise Bad("the line is not the event of this position with exactly its members")
            leaf = leaf_hash(leaf_data(origin, row))
            if leaf.hex() != row["leaf"]:
                raise Bad("the event's columns do not give its leaf")
            if (row["kind"] == "LogRecovered") != (position > 1 and position in firsts):
                raise Bad("LogRecovered begins each later epoch, and stands nowhere else")
            if row["participant"] == OWN_STREAM and row["kind"] in LASTING:
                own.append(Own(position, row["recorded_at"], row["kind"], row["payload"]))
            if row["kind"] == "LogRecovered":
                need(row["participant"] == OWN_STREAM, "LogRecovered is in another stream")
                parse_loss(own[-1], origin)
            version = row["version"]
            records += b"".join((
                bytes.fromhex(row["participant"]), (version - 1).to_bytes(8, "big"),
                bytes.fromhex(row["previous"]), version.to_bytes(8, "big"), leaf,
                (row["recorded_at"] + 2**63).to_bytes(8, "big")))
    except Bad as bad:
        return bytes(records), own, (position, str(bad))
    return bytes(records), own, None


def parse_loss(event: Own, origin: str) -> tuple[tuple[int, int], Note]:
    """What a LogRecovered names as lost (1 to 0 is nothing), and the old checkpoint."""
    told, at = parse_json(event.payload.encode()), event.position
    need(type(told) is dict and told.keys() == {
        "origin", "old_checkpoint", "lost_from", "lost_through", "operator", "approver", "reason"}
        and all(type(told[name]) is str for name in told if not name.startswith("lost")),
        "LogRecovered has not the members of section 8", at)
    need(told["origin"] == origin, "LogRecovered names another origin", at)
    lost = told["lost_from"], told["lost_through"]
    if lost == (None, None):
        lost = 1, 0
    else:
        need(type(lost[0]) is type(lost[1]) is int and lost[0] == at <= lost[1],
             "LogRecovered: what is lost begins where the log goes on", at)
    return lost, parse_note(told["old_checkpoint"], f"old_checkpoint of position {at}")


def link(log: Log, results: Iterable[Checked]) -> None:
    """Sees that each event follows the one before it, in its stream and in time."""
    tips: dict[bytes, bytes] = {}
    latest, position = bytes(8), 0
    for records, own, fault in results:
        for at in range(0, len(records), RECORD):
            position += 1
            stream, time = records[at:at + 16], records[at + 96:at + 104]
            if tips.get(stream, UNBORN) != records[at + 16:at + 56]:
                raise Bad("`version` or `previous` does not follow in the event's stream", position)
            if time < latest:
                raise Bad("`recorded_at` is before that of the event before", position)
            tips[stream], latest = records[at + 56:at + 96], time
            log.leaves += records[at + 64:at + 96]
        if fault:
            raise Bad(fault[1], fault[0])
        log.own += own
    need(position == log.size, f"the file ends before its {log.size} events", position + 1)


def tasks(file: BinaryIO, log: Log) -> Iterator[tuple[int, list[bytes], dict[int, str]]]:
    firsts = {epoch.first: epoch.origin for epoch in log.epochs}
    for start in range(1, log.size + 1, CHUNK):
        lines = list(itertools.islice(file, min(CHUNK, log.size - start + 1)))
        if not lines:
            return
        yield start, lines, firsts


def read_header(line: bytes) -> Log:
    head = parse_line(line)
    need(type(head) is dict and head.keys() == {"epochs", "format", "size"}
         and head["format"] == "waystage-log/1" and type(head["size"]) is int
         and 0 <= head["size"] < FOREVER and type(head["epochs"]) is list and head["epochs"],
         "line 1 is not the header of a log export")
    for one in head["epochs"]:
        need(type(one) is dict and one.keys() == {"first", "origin"}
             and type(one["first"]) is int and type(one["origin"]) is str,
             "line 1: an epoch is not its first position and its origin")
    epochs = make_epochs([(one["first"], one["origin"]) for one in head["epochs"]])
    need(epochs[-1].first <= max(1, head["size"]), "line 1: an epoch begins after the log's end")
    return Log(epochs, head["size"])


def read_export(path: str) -> Log:
    with open(path, "rb") as file:
        log = read_header(file.readline())
        if os.path.getsize(path) < SMALL:
            link(log, map(check_lines, tasks(file, log)))
        else:
            with multiprocessing.Pool() as pool:
                link(log, pool.imap(check_lines, tasks(file, log)))
        for count, line in enumerate(file, log.size + 2):
            read_note(log, parse_line(line), f"line {count}")
    for sizes, sort in (([claim.size for claim, _ in log.checkpoints], "checkpoints"),
                        ([one.after.size for one in log.changes if one.after], "recoveries")):
        need(sizes == sorted(sizes), f"the {sort} are not in order of their sizes")
    return log


def read_note(log: Log, row: Any, what: str) -> None:
    sort = next(iter(row)) if type(row) is dict and len(row) == 1 else None
    need(sort in ("rotation", "recovery", "checkpoint") and type(row[sort]) is str,
         f"{what}: after the events only notes may stand")
    note = parse_note(row[sort], f"{what} ({sort})")
    if sort == "checkpoint":
        log.checkpoints.append((parse_checkpoint(note), note))
        return
    log.changes.append(parse_change(note))
    need((log.changes[-1].after is None) == (sort == "rotation"), f"{what}: is no {sort}")


# ---- judging

def judge(log: Log, claim: Claim, note: Note, fitting: list[int]) -> bool:
    """Whether a root that was signed is in the tree; False where the log declares it lost."""
    epoch, size = epoch_of(log.epochs, claim, note.what), claim.size
    if size >= epoch.end:
        need(epoch.lost[0] <= size <= epoch.lost[1], f"{note.what}: size {size} of the old epoch is"
             " neither in the log nor declared lost", epoch.end, size)
        return False
    need(size <= log.size, f"{note.what}: the log was larger than this export", log.size + 1, size)
    low = max([0] + [good for good in fitting if good < size]) + 1
    need(log.roots[size] == claim.root, f"{note.what}: the root of size {size} is another; events"
         " were rewritten together with their leaves", low, size)
    return True


def compare_leaves(log: Log, path: str, held: list[tuple[Claim, Note]]) -> None:
    """Where the leaves of a held checkpoint are at hand, the first that differs can be named."""
    with open(path, "rb") as file:
        leaves = file.read()
    size = len(leaves) // 32
    root = roots_at(leaves, {size})[size]
    claim = next((claim for claim, _ in held if claim[1:] == (size, root)), None)
    if not claim or len(leaves) % 32:
        raise Bad(f"{path} is not believed: no checkpoint that is held has its root")
    ours = min(size, log.size, epoch_of(log.epochs, claim, path).end - 1)
    for at in range(0, 32 * ours, 32):
        need(leaves[at:at + 32] == log.leaves[at:at + 32], "the leaf is not the one of the held"
             " checkpoint: the event was rewritten", at // 32 + 1)


def settle_losses(log: Log) -> None:
    """Each declaration says what its recovery note says, of a checkpoint that was signed."""
    recoveries = [change for change in log.changes if change.after]
    for old, epoch, change in zip(log.epochs, log.epochs[1:], recoveries):
        event = next(one for one in log.own if one.position == epoch.first)
        old.lost, note = parse_loss(event, epoch.origin)
        need(parse_checkpoint(note) == change.before,
             "LogRecovered: the old checkpoint is not the one of the recovery note", epoch.first)
        must_sign(note, key_of(old, change.before.size))


def judge_export(path: str, key: Optional[Key], held_paths: list[str], leaves: Optional[str],
                 witnesses: list[Key]) -> tuple[Log, Facts]:
    log = read_export(path)
    walk_keys(log.epochs, key, log.changes)
    settle_losses(log)
    held = []
    for one in held_paths:
        note = parse_note(read_text(one), one)
        held.append((parse_checkpoint(note), note))
    for claim, note in log.checkpoints + held:
        must_sign(note, key_of(epoch_of(log.epochs, claim, note.what), claim.size))
    cosigned = cosigners(log.checkpoints + held, witnesses)
    told = [(claim, one.note) for one in log.changes for claim in (one.before, one.after) if claim]
    told += log.checkpoints
    sizes = {claim.size for claim, _ in told + held if claim.size <= log.size}
    log.roots = roots_at(log.leaves, sizes | {log.size})
    if leaves:
        compare_leaves(log, leaves, held)
    fitting: list[int] = []
    fates: Facts = {}
    for claim, note in sorted(held, key=lambda one: one[0].size):
        fits = judge(log, claim, note, fitting)
        fitting += [claim.size] * fits
        fate = "fits" if fits else "is declared LOST"
        fates[f"held {note.what}"] = f"size {claim.size} {fate}"
    covered = max(fitting, default=0)
    for claim, note in sorted(told, key=lambda one: one[0].size):
        fitting += [claim.size] * judge(log, claim, note, fitting)
    return log, {
        "events": log.size, "root": log.roots[log.size].hex(), "origin": log.epochs[-1].origin,
        "signatures": f"fit: {len(log.changes)} changes of key or epoch, {len(log.checkpoints)}"
        " checkpoints in the export" if key else "NOT CHECKED: no key was given, only hashes were",
        **fates, **cosigned,
        "not covered": f"{log.size - covered} events are newer than every checkpoint held"}


def cosigners(checkpoints: list[tuple[Claim, Note]], witnesses: list[Key]) -> Facts:
    sizes = {key.name: [claim.size for claim, note in checkpoints if signed(note, key)]
             for key in witnesses}
    return {f"witness {name}": f"signed {len(those)} of {len(checkpoints)} checkpoints, the largest"
            f" of size {max(those, default='none')}" for name, those in sizes.items()}
