"""The bytes of waystage evidence: FORMAT.md sections 1 to 8, one part of this file each.

Everything is read strictly: what does not fit exactly raises `Bad`, nothing is repaired.
"""
from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Optional

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

EMPTY, ZERO = hashlib.sha256().digest(), bytes(32)
LOG, WITNESS, FOREVER = 1, 4, 2**64
NAME, NUMBER = r"[^\s+\x00-\x1f\x7f-\x9f\ud800-\udfff]+", r"0|[1-9][0-9]{0,18}"


class Bad(ValueError):
    """What does not fit, and the positions that it lies in, where they are known."""

    def __init__(self, what: str, first: Optional[int] = None, last: Optional[int] = None):
        super().__init__(what)
        self.first, self.last = first, first if last is None else last


def need(holds: object, what: str, first: Optional[int] = None, last: Optional[int] = None) -> None:
    if not holds:
        raise Bad(what, first, last)


# ---- text, numbers and JSON: read strictly, never repaired

def unbase64(text: str, what: str, length: Optional[int] = None) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise Bad(f"{what}: not base64") from None
    need(base64.b64encode(raw).decode() == text, f"{what}: not the one padded base64 of its bytes")
    need(length in (None, len(raw)), f"{what}: not {length} bytes")
    return raw


def decimal(text: str, what: str) -> int:
    need(re.fullmatch(NUMBER, text), f"{what}: not a decimal number without leading zeros")
    return int(text)


@functools.lru_cache(maxsize=4096)
def is_day(text: str) -> bool:
    try:
        return bool(re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) and date.fromisoformat(text))
    except ValueError:
        return False


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    need(len(members) == len(pairs), "a member stands twice")
    return members


def no_json(text: str) -> Any:
    raise Bad(f"{text} is not JSON")


JSON = json.JSONDecoder(object_pairs_hook=once, parse_constant=no_json)


def parse_json(raw: bytes) -> Any:
    try:
        value = JSON.decode(raw.decode())
        if b"\\ud" in raw.lower():  # half a character in escapes is no text
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except (ValueError, RecursionError):
        raise Bad("not one JSON document in UTF-8 with each member once") from None


def parse_line(line: bytes) -> Any:
    need(line.endswith(b"\n") and b"\r" not in line, "the line does not end with \\n alone")
    return parse_json(line[:-1])


def read_text(path: str) -> str:
    with open(path, "rb") as file:
        try:
            return file.read().decode()
        except UnicodeDecodeError:
            raise Bad(f"{path} is not UTF-8") from None


# ---- leaves (section 1): one table both writes and reads an event's bytes

class Field(NamedTuple):
    name: str
    form: str  # "hex", "text", "unsigned" or "signed"
    length: int = 0  # bytes; 0 is any
    framed: bool = True  # whether its length stands before it
    optional: bool = False  # whether null is written as nothing


FRAME = (
    Field("participant", "hex", 16), Field("version", "unsigned", 8, False),
    Field("previous", "hex", 32, False), Field("id", "hex", 16), Field("kind", "text"),
    Field("schema", "unsigned", 4, False), Field("recorded_at", "signed", 8, False),
    Field("reported_at", "signed", 8, True, True), Field("on", "text"), Field("actor", "text"),
    Field("source", "text", 0, True, True), Field("source_ref", "text", 0, True, True),
    Field("correlation", "hex", 16, True, True), Field("causation", "hex", 16, True, True),
    Field("payload", "text"), Field("sealed_hash", "hex", 32, False, True))
MEMBERS = {"position", "leaf"} | {part.name for part in FRAME}


def encode(part: Field, value: Any) -> bytes:
    name, form, length, framed, optional = part
    raw: bytes
    if optional and value is None:
        return bytes(4) if framed else bytes(length)
    try:
        if form == "text":
            raw = value.encode()
        elif form == "hex":
            raw = bytes.fromhex(value)
        else:
            raw = int.to_bytes(value, length, "big", signed=form == "signed")
    except (AttributeError, TypeError, ValueError, OverflowError):
        raise Bad(f"`{name}` is not {form}") from None
    if length and len(raw) != length or form == "hex" and raw.hex() != value or type(value) is bool:
        raise Bad(f"`{name}` is not {form} of {length} bytes, written in the one way")
    if optional and raw == (b"" if framed else ZERO):
        raise Bad(f"`{name}` is empty, where nothing is null")
    return len(raw).to_bytes(4, "big") + raw if framed else raw


def leaf_data(origin: str, row: dict[str, Any]) -> bytes:
    """The hashed bytes of an event whose members are those of section 9, each held to its form."""
    position = row["position"]
    need(type(position) is int and 0 < position < FOREVER, "`position` is not a number from 1")
    parts = [encode(part, row[part.name]) for part in FRAME]
    if row["version"] == 0 or (row["version"] == 1) != (row["previous"] == "0" * 64):
        raise Bad("`version` begins with 1, and only there `previous` is zeros")
    if (row["source"] is None) != (row["source_ref"] is None):
        raise Bad("`source` and `source_ref` stand together or not at all")
    if not row["kind"].isascii() or not row["kind"] or not is_day(row["on"]):
        raise Bad("`kind` is not ASCII, or `on` is not a day")
    head = b"waystage.event.v1\n" + encode(Field("origin", "text"), origin)
    return b"".join((head, (position - 1).to_bytes(8, "big"), *parts))


def parse_leaf_data(data: bytes) -> tuple[str, dict[str, Any]]:
    """Origin and members of an event; refused unless they give exactly these bytes again."""
    at = 18

    def take(length: int) -> bytes:
        nonlocal at
        at += length
        return data[at - length:at]

    try:
        origin = take(int.from_bytes(take(4), "big")).decode()
        row: dict[str, Any] = {"position": int.from_bytes(take(8), "big") + 1}
        for name, form, length, framed, optional in FRAME:
            raw = take(int.from_bytes(take(4), "big") if framed else length)
            nothing = optional and raw == (b"" if framed else ZERO)
            row[name] = (None if nothing else raw.hex() if form == "hex" else raw.decode()
                         if form == "text" else int.from_bytes(raw, "big", signed=form == "signed"))
    except UnicodeDecodeError:
        raise Bad("the event's text is not UTF-8") from None
    need(leaf_data(origin, row) == data, "these bytes are not exactly one event")
    return origin, row


# ---- the tree (section 2)

def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\0" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def roots_at(leaves: bytes | bytearray, sizes: set[int]) -> dict[int, bytes]:
    """The root of the first so many leaves, for each size, in one pass."""
    roots = {0: EMPTY}
    peaks: list[bytes] = []
    for index in range(max(sizes, default=0)):
        top, rest = bytes(leaves[32 * index:32 * index + 32]), index
        while rest & 1:
            top, rest = node(peaks.pop(), top), rest >> 1
        peaks.append(top)
        if index + 1 in sizes:
            roots[index + 1] = functools.reduce(lambda right, left: node(left, right), peaks[::-1])
    return roots


def climb(at: int, last: int) -> tuple[int, int]:
    """A step upwards in a proof: past the levels where the node has no sibling."""
    if at == last:
        while at and not at & 1:
            at, last = at >> 1, last >> 1
    return at >> 1, last >> 1


def included(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """RFC 9162, section 2.1.3.2."""
    at, last = index, size - 1
    for step in proof:
        if last <= 0:
            return False
        leaf = node(step, leaf) if at & 1 or at == last else node(leaf, step)
        at, last = climb(at, last)
    return 0 <= index < size and last == 0 and leaf == root


def consistent(old: int, new: int, proof: list[bytes], old_root: bytes, new_root: bytes) -> bool:
    """RFC 9162, section 2.1.4.2, and what section 2 says of empty and of equal trees."""
    if not 0 <= old <= new or old == 0 and old_root != EMPTY:
        return False
    if old in (0, new) or not proof:
        return not proof and (old == 0 < new or old == new and old_root == new_root)
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    path = proof if old & (old - 1) else [old_root, *proof]
    was = now = path[0]
    for step in path[1:]:
        if last <= 0:
            return False
        if at & 1 or at == last:
            was, now = node(step, was), node(step, now)
        else:
            now = node(now, step)
        at, last = climb(at, last)
    return last == 0 and was == old_root and now == new_root


# ---- keys and signed notes (sections 3 to 5)

class Key(NamedTuple):
    name: str
    kind: int
    id: bytes
    public: bytes
    text: str


def parse_key(text: str, kind: int = LOG) -> Key:
    name, _, rest = text.partition("+")
    told, _, body = rest.partition("+")
    raw = unbase64(body, "a public key", 33)
    need(re.fullmatch(NAME, name) and raw[0] == kind, "this is no public key of the kind asked for")
    key_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    need(key_id.hex() == told, "the id of a public key is not the one of its name and bytes")
    return Key(name, kind, key_id, raw[1:], text)


class Note(NamedTuple):
    text: str
    signatures: list[tuple[str, bytes]]
    what: str  # where it came from, for sentences


def parse_note(raw: str, what: str) -> Note:
    need(not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", raw),
         f"{what}: a note holds no control characters")
    text, gap, tail = raw.rpartition("\n\n")
    need(gap and tail.endswith("\n"), f"{what}: not a text, an empty line and signature lines")
    lines = [re.fullmatch(f"\u2014 ({NAME}) ([^ ]+)", line) for line in tail[:-1].split("\n")]
    signatures = [(line[1], unbase64(line[2], what)) for line in lines if line]
    need(len(signatures) == len(lines) and all(len(blob) > 4 for _, blob in signatures),
         f"{what}: a signature line is not laid out as one")
    return Note(text + "\n", signatures, what)


def signed(note: Note, key: Key) -> list[int]:
    """When the key signed (0 for a log's); one of its signatures that is wrong refuses the note."""
    times = []
    for blob in (blob for name, blob in note.signatures if (name, blob[:4]) == (key.name, key.id)):
        message, time = note.text.encode(), 0
        if key.kind == WITNESS:
            time = int.from_bytes(blob[4:12], "big")
            message = b"cosignature/v1\ntime %d\n" % time + message
        try:
            public = Ed25519PublicKey.from_public_bytes(key.public)
            public.verify(blob[12 if key.kind == WITNESS else 4:], message)
        except (InvalidSignature, ValueError):
            raise Bad(f"{note.what}: the signature of {key.name} does not verify") from None
        times.append(time)
    return times


def must_sign(note: Note, key: Optional[Key]) -> None:
    """No key: the caller trusts none, and only hashes are checked."""
    need(key is None or signed(note, key),
         f"{note.what}: not signed by the key it must be signed by ({key and key.text})")


class Claim(NamedTuple):
    origin: str
    size: int
    root: bytes


def parse_claim(lines: list[str], what: str) -> Claim:
    need(len(lines) == 3 and re.fullmatch(NAME, lines[0]), f"{what}: not origin, size and root")
    return Claim(lines[0], decimal(lines[1], what), unbase64(lines[2], what, 32))


def parse_checkpoint(note: Note) -> Claim:
    return parse_claim(note.text[:-1].split("\n"), note.what)


# ---- epochs and who signs for them (sections 7 and 8)

class Change(NamedTuple):
    """A rotation (`old` is the key given up) or a recovery (`after` begins the new epoch)."""
    note: Note
    before: Claim
    old: Optional[Key]
    after: Optional[Claim]
    key: Key


def parse_change(note: Note) -> Change:
    head, *lines = note.text[:-1].split("\n")
    before = parse_claim(lines[:3], note.what)
    if head == "waystage/rotation/v1" and len(lines) == 5:
        change = Change(note, before, parse_key(lines[3]), None, parse_key(lines[4]))
    else:
        need(head == "waystage/recovery/v1" and len(lines) == 7, f"{note.what}: not laid out so")
        after = parse_claim(lines[3:6], note.what)
        change = Change(note, before, None, after, parse_key(lines[6]))
    origin = (change.after or change.before).origin
    need(origin == change.key.name == (change.old or change.key).name,
         f"{note.what}: a key has not the name of its log")
    return change


@dataclass
class Epoch:
    origin: str
    first: int
    end: int = FOREVER  # the first position of the next epoch
    keys: list[tuple[int, Optional[Key]]] = field(default_factory=list)  # largest size, key
    lost: tuple[int, int] = (1, 0)  # positions that the next epoch declares lost; none


def make_epochs(firsts: list[tuple[int, str]]) -> list[Epoch]:
    epochs: list[Epoch] = []
    for count, (first, origin) in enumerate(firsts, 1):
        base = firsts[0][1]
        need(re.fullmatch(NAME, origin) and origin == (base if count == 1 else f"{base}/e{count}"),
             f"the origin of epoch {count} is not the one of its number")
        need(first > epochs[-1].first if epochs else first == 1, "epochs do not follow each other")
        if epochs:
            epochs[-1].end = first
        epochs.append(Epoch(origin, first))
    return epochs


def epoch_of(epochs: list[Epoch], claim: Claim, what: str) -> Epoch:
    for epoch in epochs:
        if epoch.origin == claim.origin and (claim.size >= epoch.first or epoch is epochs[0]):
            return epoch
    raise Bad(f"{what}: no epoch of the log is {claim.origin} at size {claim.size}")


def key_of(epoch: Epoch, size: int) -> Optional[Key]:
    return next(key for limit, key in epoch.keys if size <= limit)


def walk_keys(epochs: list[Epoch], key: Optional[Key], changes: list[Change]) -> None:
    """Gives each epoch its keys, each handed over by the one before, the first one trusted."""
    rotations = [change for change in changes if change.old]
    recoveries = [(change, change.after) for change in changes if change.after]
    sizes = [change.before.size for change in rotations]
    need(sizes == sorted(sizes), "the sizes of rotations decrease")
    need([(was.before.origin, after.origin, after.size) for was, after in recoveries]
         == [(a.origin, b.origin, b.first) for a, b in zip(epochs, epochs[1:])],
         "the recovery notes are not one for each later epoch, in order")
    for count, epoch in enumerate(epochs):
        steps = [recoveries[count - 1][0]] if count else []
        steps += [one for one in rotations if epoch_of(epochs, one.before, one.note.what) is epoch]
        for change in steps:
            if change.old:
                epoch.keys.append((change.before.size, key))
            if key:
                need(change.old in (None, key), f"{change.note.what}: gives up another key")
                must_sign(change.note, key)
                must_sign(change.note, change.key)
                key = change.key
        need(key is None or key.name == epoch.origin, f"the key is not one of {epoch.origin}")
        epoch.keys.append((FOREVER, key))
