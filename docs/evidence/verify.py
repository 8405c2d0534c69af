#!/usr/bin/env python3
"""Verifies the evidence of a waystage log offline, without the engine, from FORMAT.md alone.
Needs Python 3.9 and the package `cryptography`; README.md says what each answer means. Exit codes:
0 everything fits, 4 something does not, 2 it cannot be asked that way. Nothing is repaired."""
from __future__ import annotations
import argparse, base64, functools, hashlib, itertools, json, multiprocessing, os, re, sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Optional
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LOG, WITNESS, LARGE, NO_LEAF, EMPTY = 1, 4, 2**64, "0" * 64, hashlib.sha256().digest()
CONTROL, NUMBER, HASH = r"\x00-\x1f\x7f-\x9f\ud800-\udfff", "0|[1-9][0-9]{0,18}", "[0-9a-f]{64}"
NAME, WORD = rf"[^\s+{CONTROL}]+", rf"[^\s{CONTROL}]+"
Facts = Row = dict[str, Any]  # what is said where everything fits; the members of an event
Claim = NamedTuple("Claim", [("origin", str), ("size", int), ("root", bytes)])
Key = NamedTuple("Key", [("name", str), ("id", bytes), ("kind", int), ("public", bytes)])
Keys = list[tuple[int, Optional[Key]]]  # each up to its largest size; None: only hashes are checked
Epoch = NamedTuple("Epoch", [("first", int), ("origin", str), ("keys", Keys), ("end", int),
                             ("lost_through", int)])  # `end` is the next one's first position
FAULTS = ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError
class Bad(ValueError):
    first = last = 0  # the positions that what does not fit lies in, where they are known
def need(holds: object, what: str, first: int = 0, last: int = 0) -> None:
    if not holds:
        bad = Bad(what)
        bad.first, bad.last = first, last or first
        raise bad
def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()
def read(path: str) -> str:
    return Path(path).read_bytes().decode()
def unbase64(text: str, what: str, length: int = -1) -> bytes:
    raw = base64.b64decode(text) if re.fullmatch("([A-Za-z0-9+/=]{4})*", text) else b""
    need(base64.b64encode(raw).decode() == text and length in (-1, len(raw)), f"{what}: no base64")
    return raw
def day(text: str) -> date:
    need(re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text), f"{text!r} is not a day")
    return date.fromisoformat(text)
def once(pairs: list[tuple[str, Any]]) -> Row:
    need(len(dict(pairs)) == len(pairs), "a member stands twice")
    return dict(pairs)
JSON = json.JSONDecoder(object_pairs_hook=once, parse_constant=lambda name: need(False, name))
def parse_line(line: bytes) -> Any:
    need(line.endswith(b"\n") and b"\r" not in line, "the line does not end with \\n alone")
    return JSON.decode(line.decode())
def has(value: Row, **types: type) -> bool:
    return {name: type(one) for name, one in value.items()} == types

# ---- leaves (section 1): one table both writes and reads an event's bytes
# Text, hex or a number of so many bytes; `=` has no length before it; `?` may be null, as nothing.
FRAME = [(name, re.sub("[^a-z]", "", form), int("0" + re.sub("[^0-9]", "", form)), "=" not in form,
          "?" in form) for name, form in (part.split(":") for part in """
    origin:text index:unsigned8= participant:hex16 version:unsigned8= previous:hex32= id:hex16
    kind:text schema:unsigned4= recorded_at:signed8= reported_at:signed8? on:text actor:text
    source:text? source_ref:text? correlation:hex16? causation:hex16? payload:text
    sealed_hash:hex32=?""".split())]
MEMBERS = {"position", "leaf"} | {part[0] for part in FRAME[2:]}
LINK = "participant", "version", "previous", "leaf", "recorded_at"  # how one event follows another
def leaf_data(row: Row) -> bytes:
    """The hashed bytes of an event, each member held to its form."""
    parts = [b"waystage.event.v1\n"]
    for name, form, length, framed, optional in FRAME:
        value, raw = row[name], bytes(0 if framed else length)
        if value is not None or not optional:
            nothing, raw = raw, (
                value.encode() if form == "text" else bytes.fromhex(value) if form == "hex"
                else value.to_bytes(length, "big", signed=form == "signed"))
            if (length not in (0, len(raw)) or form == "hex" and raw.hex() != value
                    or type(value) is bool or optional and raw == nothing):
                raise Bad(f"`{name}` is not {form} in its one way; nothing is null")
        parts += [len(raw).to_bytes(4, "big"), raw] if framed else [raw]
    need((row["version"] == 1) == (row["previous"] == NO_LEAF) and row["version"] and row["kind"]
         and (row["source"] is None) == (row["source_ref"] is None) and row["kind"].isascii()
         and day(row["on"]), "`version`, `kind` or `source` is none, or misses what goes with it")
    return b"".join(parts)
def parse_leaf_data(data: bytes) -> Row:
    """The members of an event; refused unless they give exactly these bytes again."""
    row, at = Row(), 18
    for name, form, length, framed, optional in FRAME:
        if framed:
            length, at = int.from_bytes(data[at:at + 4], "big"), at + 4
        raw, at = data[at:at + length], at + length
        nothing = optional and raw == bytes(0 if framed else length)
        row[name] = (None if nothing else raw.decode() if form == "text" else raw.hex()
                     if form == "hex" else int.from_bytes(raw, "big", signed=form == "signed"))
    need(leaf_data(row) == data, "these bytes are not exactly one event")
    return row

# ---- the tree (section 2): a leaf is sha(b"\0", leaf data), a node sha(b"\1", left, right)
def roots_at(leaves: bytes, sizes: set[int]) -> dict[int, bytes]:
    """The root of the first so many leaves, for each size, in one pass."""
    roots, peaks = {0: EMPTY}, list[bytes]()
    for index in range(max(sizes)):
        top, rest = leaves[32 * index:32 * index + 32], index
        while rest & 1:
            top, rest = sha(b"\1", peaks.pop(), top), rest >> 1
        peaks.append(top)
        if index + 1 in sizes:
            roots[index + 1] = functools.reduce(lambda a, left: sha(b"\1", left, a), peaks[::-1])
    return roots
def climb(at: int, last: int, proof: list[bytes], start: bytes) -> tuple[bytes, bytes]:
    """The roots that a proof gives: of the tree that ends with a node, and of the whole."""
    old = new = start
    for step in proof:
        while 0 < at == last and at & 1 == 0:  # the last node has no sibling here
            at, last = at >> 1, last >> 1
        old = sha(b"\1", step, old) if at & 1 else old
        new = sha(b"\1", step, new) if at & 1 else sha(b"\1", new, step)
        at, last = at >> 1, last >> 1 if last else -1  # -1: there are more hashes than it needs
    return (old, new) if last == 0 else (b"", b"")
def included(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    return index < size and climb(index, size - 1, proof, leaf)[1] == root
def consistent(old: int, new: int, proof: list[bytes], old_root: bytes, new_root: bytes) -> bool:
    if old in (0, new):
        roots = {old_root, new_root if old == new else old_root, old_root if old else EMPTY}
        return old <= new and not proof and len(roots) == 1
    path = proof if old & (old - 1) else [old_root, *proof]
    height = (old & -old).bit_length() - 1  # of the largest complete tree that ends the old one
    return old < new and path != [] and (old_root, new_root) == climb(
        old - 1 >> height, new - 1 >> height, path[1:], path[0])

# ---- keys and signed notes (sections 3 to 5, 7, 8)
def parse_key(text: str, kind: int = LOG) -> Key:
    name, told, body = text.split("+", 2)
    raw = unbase64(body, "a public key", 33)
    key = Key(name, sha(name.encode(), b"\n", raw)[:4], kind, raw[1:])
    need(re.fullmatch(NAME, name) and raw[0] == kind and key.id.hex() == told, "no such public key")
    return key
class Note:
    """A signed note, and a cursor over the lines of its text. `what` names it in sentences."""
    def __init__(self, raw: str, what: str, sort: str = "checkpoint"):
        text, gap, tail = raw.rpartition("\n\n")
        lines = [re.fullmatch(f"\u2014 ({NAME}) ([^ ]+)", one) for one in tail.split("\n")[:-1]]
        self.signatures = [(one[1], unbase64(one[2], what)) for one in lines if one]
        need(gap and 0 < len(self.signatures) == len(lines) <= 64 and tail.endswith("\n") and all(
            blob[4:] for _, blob in self.signatures) and len(raw.encode()) <= 65536 and not
            re.search(f"[{CONTROL}]", raw.replace("\n", "")), f"{what}: this is no signed note")
        self.text, self.rest, self.what, self.sort = text + "\n", text.split("\n"), what, sort
        self.title = self.line(f"waystage/{sort}/v1", "title") if sort != "checkpoint" else ""
        if sort != "certificate":
            self.before = self.at = self.claim()  # origin, size and root that it speaks of
            self.old = parse_key(self.line(".*", "old key")) if sort == "rotation" else None
            self.at = self.claim() if sort == "recovery" else self.at
            self.key = parse_key(self.line(".*", "new key")) if sort != "checkpoint" else None
            need({key.name for key in (self.old, self.key) if key} <= {self.at.origin} and not (
                self.rest or self.old and self.old == self.key), f"{what}: more, or other keys")
    def line(self, form: str, name: str) -> str:
        line = self.rest.pop(0) if self.rest else "nothing more"
        need(re.fullmatch(form, line), f"{name}: not {line!r} ({self.what})")
        return line
    def claim(self) -> Claim:
        origin, size = self.line(NAME, "origin"), int(self.line(NUMBER, "size"))
        return Claim(origin, size, unbase64(self.line(".*", "root"), "root", 32))
    def signed(self, key: Optional[Key]) -> list[int]:
        """When the key signed (0: a log's); refused where one of its lines is wrong."""
        times = [] if key else [0]
        for blob in (blob for name, blob in self.signatures if key and key[:2] == (name, blob[:4])):
            time = int.from_bytes(blob[4:12], "big") if key.kind == WITNESS else 0
            text = self.text if key.kind == LOG else f"cosignature/v1\ntime {time}\n{self.text}"
            public = Ed25519PublicKey.from_public_bytes(key.public)
            try:
                public.verify(blob[4 if key.kind == LOG else 12:], text.encode())
            except InvalidSignature:
                need(False, f"{self.what}: the signature of {key.name} does not verify")
            times.append(time)
        return times
    def must_be_signed(self, keys: list[Optional[Key]]) -> None:
        need(any([self.signed(key) for key in keys]), f"{self.what}: not signed by its key")

# ---- epochs and who signs for them (sections 7 and 8)
def make_epochs(origin: str, trusted: Optional[Key], changes: list[Note]) -> list[Epoch]:
    """All epochs with their keys, from the trusted one on, each handed over by the one before."""
    epochs, first, keys = list[Epoch](), 1, Keys()
    key = trusted if trusted and trusted.name == origin else None
    for one in sorted(changes, key=lambda one: (one.at.size, one.sort)):
        need(one.before.origin == origin, f"{one.what}: of no epoch, or not in order")
        keys += [(one.at.size if one.old else LARGE, key)] if key or not trusted else []
        if key:
            need(one.old in (None, key), f"{one.what}: gives up another key")
            for key in (key, one.key):
                one.must_be_signed([key])
        if one.sort == "recovery":
            epochs.append(Epoch(first, origin, keys, one.at.size, one.before.size))
            later = re.fullmatch("(.*)/e([2-9]|[1-9][0-9]+)", origin)
            origin = f"{later[1]}/e{int(later[2]) + 1}" if later else f"{origin}/e2"
            need(one.at.origin == origin and one.at.size > first, f"{one.what}: no next epoch")
            first, keys = one.at.size, Keys()
            key = key or (trusted if trusted and trusted.name == origin else None)
    need(key or not trusted, "the key is not one of this log")
    return epochs + [Epoch(first, origin, [*keys, (LARGE, key)], LARGE, 0)]
def epoch_of(epochs: list[Epoch], note: Note) -> Epoch:
    for one in epochs:
        if one.origin == note.at.origin and (one.first <= note.at.size or one is epochs[0]):
            return one
    raise Bad(f"{note.what}: no epoch of the log is {note.at.origin} at size {note.at.size}")
def signers(epoch: Epoch, size: int) -> list[Optional[Key]]:
    return [key for limit, key in epoch.keys if size <= limit]  # later ones are for certificates

# ---- exports and leaves (sections 9 and 10)
Log = NamedTuple("Log", [("size", int), ("firsts", dict[int, str]), ("leaves", bytearray),
                         ("own", dict[int, Row]), ("notes", dict[str, list[Note]])])
def check_lines(task: tuple[int, list[bytes], dict[int, str]]) -> tuple[list[Any], Facts, Any]:
    """Links of the events in some lines and the log's own, to the first that is no such event."""
    (position, lines, firsts), links, own = task, [], {}
    origin = firsts[max(first for first in firsts if first <= position)]
    for position, line in enumerate(lines, position):
        try:
            row, origin = parse_line(line), firsts.get(position, origin)
            need(row.keys() == MEMBERS and row["position"] == position and type(row["position"])
                 is int, "the line is not the event of this position with its members")
            leaf = sha(b"\0", leaf_data({**row, "origin": origin, "index": position - 1})).hex()
            need(leaf == row["leaf"], "the event's columns do not give its leaf")
            is_own, begins = row["participant"] == "0" * 32, position > 1 and position in firsts
            need(begins == (row["kind"] == "LogRecovered") and (is_own or not begins),
                 "LogRecovered, in the log's own stream, begins each later epoch and nothing else")
        except FAULTS as fault:
            return links, own, (str(fault), position)
        own.update({position: row} if is_own else {})
        links.append([row[name] for name in LINK])
    return links, own, None
def read_export(path: str) -> Log:
    with open(path, "rb") as file:
        head = parse_line(file.readline())
        firsts = {e["first"]: e["origin"] for e in head["epochs"] if has(e, origin=str, first=int)}
        need(has(head, format=str, epochs=list, size=int) and head["format"] == "waystage-log/1"
             and [one["first"] for one in head["epochs"]] == sorted(firsts) and min(firsts) == 1
             and max(firsts) <= max(1, head["size"]) < LARGE, "line 1: not the header of a log")
        notes: dict[str, list[Note]] = {"rotation": [], "recovery": [], "checkpoint": []}
        log = Log(head["size"], firsts, bytearray(), {}, notes)
        chunks = ((first, list(itertools.islice(file, min(5000, log.size - first + 1))), firsts)
                  for first in range(1, log.size + 1, 5000))
        run: Any = multiprocessing.Pool().imap if os.path.getsize(path) > 1 << 22 else map
        tips, latest, position = dict[str, tuple[int, str]](), -LARGE, 0
        for links, own, fault in run(check_lines, itertools.takewhile(lambda one: one[1], chunks)):
            for position, (stream, version, previous, leaf, time) in enumerate(links, position + 1):
                need(tips.get(stream, (0, NO_LEAF)) == (version - 1, previous) and latest <= time,
                     "`version`, `previous` or `recorded_at` does not follow", position)
                tips[stream], latest = (version, leaf), time
                log.leaves.extend(bytes.fromhex(leaf))
            need(not fault, *(fault or ("",)))
            log.own.update(own)
        need(position == log.size, f"the file ends before its {log.size} events", position + 1)
        for count, line in enumerate(file, log.size + 2):
            row, what = parse_line(line), f"line {count}"
            sort = next(iter(row))
            need(has(row, **{sort: str}) and sort in notes, f"{what}: only notes may stand here")
            notes[sort].append(Note(row[sort], what, sort))
            need(notes[sort][-2:][0].at.size <= notes[sort][-1].at.size, f"{what}: not in order")
    return log
def judge(log: Log, key: Optional[Key], held: list[Note], leaves: bytes) -> tuple[Any, Facts]:
    """Holds all that was signed or kept against the log."""
    told, fitting, facts = log.notes["rotation"] + log.notes["recovery"], [-1, 0], Facts()
    epochs = make_epochs(log.firsts[1], key, told)
    need({one.first: one.origin for one in epochs} == log.firsts, "line 1: not the notes' epochs")
    for new, note in zip(epochs[1:], log.notes["recovery"]):
        event = JSON.decode(log.own[new.first]["payload"])
        lost = [new.first, note.before.size] if new.first <= note.before.size else [None, None]
        told_lost = [event["lost_from"], event["lost_through"]]
        need(Note(event["old_checkpoint"], "old_checkpoint").at == note.before and lost == told_lost
             and event["origin"] == new.origin, "LogRecovered is not as its note", new.first)
    told += log.notes["checkpoint"]
    sizes = {log.size, *(min(one.at.size, log.size) for one in held + told)}
    roots = roots_at(bytes(log.leaves), sizes)
    if leaves:
        size = len(leaves) // 32
        of = [one for one in held if one.at[1:] == (size, roots_at(leaves, {size})[size])]
        need(of and len(leaves) == 32 * size, "the leaves are not those of a held checkpoint")
        for at in range(min(size, log.size, epoch_of(epochs, of[0]).end - 1)):
            need(leaves[32 * at:32 * at + 32] == log.leaves[32 * at:32 * at + 32],
                 "the leaf is not the one that is held: the event was rewritten", at + 1)
    for note in sorted(held + told, key=lambda one: (one not in held, one.at.size)):
        epoch, size = epoch_of(epochs, note), note.at.size
        if note.sort == "checkpoint":
            note.must_be_signed(signers(epoch, size)[:1])
        is_lost = epoch.end <= size
        need(not is_lost or size <= epoch.lost_through, f"{note.what}: of an old epoch, and neither"
             " in the log nor declared lost", epoch.end, size)
        need(is_lost or size <= log.size, f"{note.what}: the log was larger", log.size + 1, size)
        need(is_lost or roots[size] == note.at.root, f"{note.what}: another root, so events were"
             " rewritten with their leaves", max(one for one in fitting if one < size) + 1, size)
        fitting += [] if is_lost else [size]
        if note in held:
            facts[f"held {note.what}"] = f"size {size} {'is declared LOST' if is_lost else 'fits'}"
            facts["not covered"] = f"{log.size - max(fitting)} events are newer than what is held"
    facts["signatures"] = "fit" if key else "NOT CHECKED: no key was given, only hashes were"
    return epochs, {"events": log.size, "root": roots[log.size].hex(), **facts}

# ---- what can be asked: exports, proof files (section 6), certificates (section 11), vectors
def verify_export(args: argparse.Namespace) -> Facts:
    log, held = read_export(args.file), [Note(read(one), one) for one in args.checkpoint]
    facts = judge(log, args.key, held, Path(args.leaves).read_bytes() if args.leaves else b"")[1]
    for key in args.witness:
        seen = [len(one.signed(key)[:1]) for one in log.notes["checkpoint"] + held]
        facts[f"witness {key.name}"] = f"signed {sum(seen)} of {len(seen)} checkpoints"
    return facts
def verify_proof(args: argparse.Namespace) -> Facts:
    head, _, rest = read(args.file).partition("\n\n")
    begin = re.match(f"c2sp[.]org/tlog-proof@v1\nextra (.*)\nindex ({NUMBER})(\n|$)", head)
    need(begin, "not the three lines with which a tlog-proof begins")
    row, index = parse_leaf_data(unbase64(begin[1], "extra")), int(begin[2])
    note, texts = Note(rest, "the checkpoint"), map(read, args.rotations)
    changes = [Note(text, one, text[9:].split("/")[0]) for one, text in zip(args.rotations, texts)]
    epochs = make_epochs(args.key.name, args.key, changes)
    epoch = epoch_of(epochs, note)
    note.must_be_signed(signers(epoch, note.at.size)[:1])
    claims = {at for one in [note, *changes] for at in (one.before, one.at)}
    need(len(claims) == len({at[:2] for at in claims}), "two roots at one size are signed: a fork")
    origin = [one.origin for one in epochs[:epochs.index(epoch) + 1] if one.first <= index + 1][-1]
    need((row["index"], row["origin"]) == (index, origin), "the event is of another place or log")
    proof = [unbase64(one, "a hash", 32) for one in head[begin.end():].split("\n") if begin[3]]
    need(included(sha(b"\0", leaf_data(row)), index, note.at.size, proof, note.at.root),
         f"the hashes do not lead from the event to the root of size {note.at.size}")
    seen = {one.name: note.signed(one) for one in args.witness}
    need(all(seen.values()), f"the checkpoint is not signed by each witness: {seen}")
    return {"event": row, "size": note.at.size, "witnesses": seen, "branch": "the log's" if
            note.at.size < epoch.end else "of an old epoch, which the log did not go on from"}
CERTIFICATE = dict(
    origin=NAME, size=NUMBER, root=".+", as_of=".+", known_at=".{27}", basis="recorded|reported",
    packs=HASH, pack=f"(?:pack|rates|calendar|geography)-{WORD} {HASH}", model=WORD, version=NUMBER,
    fingerprint=HASH, scenario=f"none|{HASH}", participants=NUMBER, parked=NUMBER, erased=NUMBER,
    rows=NUMBER, result=HASH)
def verify_certificate(args: argparse.Namespace) -> Facts:
    note, told, packs = Note(read(args.file), "signature", "certificate"), Facts(), Facts()
    for name, form in CERTIFICATE.items():
        while name == "pack" and note.rest[:1] and note.rest[0].startswith("pack "):
            _, pack, digest = note.line(f"pack {form}", name).split(" ")
            need(pack.encode() > max(packs, default="").encode(), "pack: not in order of names")
            packs[pack] = digest
        if name != "pack":
            told[name] = note.line(f"{name} (?:{form})", name)[len(name) + 1:]
    need(sha(*(f"pack {name} {digest}\n".encode() for name, digest in packs.items())).hex()
         == told["packs"], "packs: not the digest of the pack lines")
    need(day(told["as_of"]) and not note.rest, "result: there are more lines")
    moment = datetime.strptime(told["known_at"], "%Y-%m-%dT%H:%M:%S.%fZ") - datetime(1970, 1, 1)
    through = moment // timedelta(microseconds=1) if told["basis"] == "recorded" else LARGE
    size, root, keys, facts = int(told["size"]), unbase64(told["root"], "root", 32), [args.key], {}
    if args.export:
        log, adopted = read_export(args.export), Facts()  # packs by name, tables by digest
        epochs, facts = judge(log, args.key, [], b"")
        of = [one for one in epochs if one.origin == told["origin"] and size < one.end]
        need(of and size <= log.size, "size: not one of the log of the export")
        need(roots_at(bytes(log.leaves), {size})[size] == root, f"root: another at size {size}")
        keys = signers(of[0], size)
        for one in log.own.values():
            if max(one["position"] - size, one["recorded_at"] - through) <= 0 and one["kind"] in (
                    "PackAdopted", "TablesAdopted"):
                text = JSON.decode(one["payload"])
                digest = sha(text["text"].encode()).hex()
                adopted[f"pack-{text['id']}" if "id" in text else digest] = digest
        for name in sorted({*packs, *adopted}):
            need(packs.get(name) == adopted.get(name) if name.startswith("pack-") else
                 packs.get(name, name) in adopted, f"pack: {name} was not in force in this text")
    need(args.export or told["origin"] == args.key.name, "origin: not the name of the key")
    note.must_be_signed(keys)
    if args.result:
        result = Path(args.result).read_bytes()
        need(sha(result).hex() == told["result"], "result: the file's digest is another")
        need(result.count(b"\n") == int(told["rows"]), "rows: the file has another number of lines")
    return {**facts, "certificate": told, "packs": packs, "result": "fits" if args.result else "-"}
def verify_vectors(args: argparse.Namespace) -> Facts:
    other, lines = [], Path(args.file).read_bytes().splitlines(keepends=True)
    for count, one in enumerate(map(parse_line, lines), 1):
        ends = ("leaf", "root") if one["proof"] == "inclusion" else ("old_root", "new_root")
        first, root, *proof = map(bytes.fromhex, [one[end] for end in ends] + one["hashes"])
        holds = (included(first, one["index"], one["size"], proof, root) if "leaf" in ends
                 else consistent(one["old"], one["new"], proof, first, root))
        other += [] if holds is one["holds"] else [count]
    need(not other, f"{len(other)} of {len(lines)} do not agree, first at lines {other[:9]}")
    return {"agree": f"{len(lines)} of {len(lines)}"}
OPTIONS = {verify_export: "key checkpoint* leaves witness*", verify_vectors: "",
           verify_proof: "key! rotations* witness*", verify_certificate: "key! export result"}
def main(argv: Optional[list[str]] = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    modes = parser.add_subparsers(required=True)
    for verify, options in OPTIONS.items():
        mode = modes.add_parser(verify.__name__[len("verify_"):])
        mode.set_defaults(verify=verify)
        mode.add_argument("file")
        mode.add_argument("--json", action="store_true", help="answer in JSON")
        for option in options.split():
            kinds = {"key": parse_key, "witness": functools.partial(parse_key, kind=WITNESS)}
            name, many = option.rstrip("*!"), {"action": "append", "default": []}
            mode.add_argument(f"--{name}", type=kinds.get(name, str), required="!" in option,
                              **(many if "*" in option else {}))
    args = parser.parse_args(argv)
    try:
        code, facts = 0, {"ok": True, **args.verify(args)}
    except FAULTS as bad:
        where = vars(bad) if isinstance(bad, Bad) and bad.first else {}
        code, facts = 4, {"ok": False, "wrong": str(bad), **where}
    except OSError as error:
        code, facts = 2, {"ok": None, "wrong": f"cannot read a file: {error}"}
    print(json.dumps(facts) if args.json else "\n".join(f"{a}: {b}" for a, b in facts.items()))
    return code

if __name__ == "__main__":
    sys.exit(main())
