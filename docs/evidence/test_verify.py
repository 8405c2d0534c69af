"""Tests of the verifier: the published vectors, and evidence that was meddled with.

Run with `python3 -m unittest discover docs/evidence`. Keys here are test keys only.
"""
from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import os
import random
import tempfile
import unittest
from typing import Any, Optional

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import layout
import verify

ORIGIN = "example.org/waystage/test"
LOG_KEY = ORIGIN + "+8d759a2d+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
WITNESS_KEY = "auditor.example/w1+2a09e825+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"
CHECKPOINT = """example.org/waystage/test
3
ii4H5DktSoGnReXQiPXnoWE/GyOaot6dDb6T8hffmao=

\u2014 example.org/waystage/test jXWaLST5oVV9A5wqkP0xS7MKX1YhNohUsRW/dCPx+71i79KGrTeyy6yuQwVQoApPJPOvoV+7B+BB6/JB4s8o8FE+gQc=
\u2014 auditor.example/w1 KgnoJQAAAABpVcdMwcFDH7dsLp0rwnYsZQbB+39bklptxtwh1CRgTIe4KEWU4VGRt9f53UC9kIPTSeiStnfk1Sr0ZIXaED9Nk1iUDQ==
"""
LEAF_DATA = (
    "77617973746167652e6576656e742e76310a000000196578616d706c652e6f72672f77617973746167652f746573740000"
    "00000000000000000010000102030405060708090a0b0c0d0e0f0000000000000001000000000000000000000000000000"
    "000000000000000000000000000000000000000010019b76daa800d8b33b707411c3be76b7000000085265666572726564"
    "0000000100064748462040000000000800064748462040000000000a323032362d30312d30310000000d73797374656d3a"
    "696d706f72740000000c657874726163743a64656d6f00000003522d310000000000000000000000137b2270726f677261"
    "6d6d65223a22777770227d0000000000000000000000000000000000000000000000000000000000000000")
LEAVES = ["46b746715147d71dcbfd6fd797543ea4ab56d88f40b31f1e3523a403c50d23c9",
          "3a381c7b2dc3c53911c59d07c992a13fb162916351688b5f31e78fc49058fa38",
          "679fd4e28a101b0446e91329007529c8fefb5168fd18d9cf9791d7947a408f76"]
REFERRED = {
    "version": 1, "schema": 1, "kind": "Referred", "on": "2026-01-01", "actor": "system:import",
    "reported_at": 1767225600000000, "source": "extract:demo", "correlation": None, "causation": None,
    "payload": '{"programme":"wwp"}', "previous": "0" * 64, "sealed_hash": None}
EVENTS: list[dict[str, Any]] = [
    {**REFERRED, "position": 1, "participant": bytes(range(16)).hex(), "source_ref": "R-1",
     "id": "019b76daa800d8b33b707411c3be76b7", "recorded_at": 1767225600000000},
    {**REFERRED, "position": 2, "participant": bytes(range(16, 32)).hex(), "source_ref": "R-2",
     "id": "019b76daa8003a2491b3f4fb0583b27e", "recorded_at": 1767225600000001,
     "sealed_hash": hashlib.sha256(b"sealed-bytes").hexdigest()},
    {**REFERRED, "position": 3, "participant": bytes(range(16)).hex(), "version": 2,
     "previous": LEAVES[0], "id": "a2" * 16, "kind": "JobStarted", "recorded_at": 1767229200000000,
     "reported_at": None, "actor": "user:01", "source": None, "source_ref": None,
     "correlation": "c0" * 16, "causation": "019b76daa800d8b33b707411c3be76b7",
     "payload": '{"weekly_minutes":960}'}]


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


class Signer:
    def __init__(self, seed: int, name: str, kind: int = layout.LOG):
        self.secret = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        public = bytes([kind]) + self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.name, self.kind = name, kind
        self.id = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
        self.text = f"{name}+{self.id.hex()}+{b64(public)}"

    def line(self, text: str, time: int = 0) -> str:
        message, stamp = text.encode(), b""
        if self.kind == layout.WITNESS:
            message, stamp = b"cosignature/v1\ntime %d\n" % time + message, time.to_bytes(8, "big")
        return f"\u2014 {self.name} {b64(self.id + stamp + self.secret.sign(message))}\n"


def note(text: str, *signers: Signer) -> str:
    return text + "\n" + "".join(signer.line(text) for signer in signers)


FIRST, SECOND = Signer(1, ORIGIN), Signer(3, ORIGIN)
THIRD, STRANGER = Signer(4, ORIGIN + "/e2"), Signer(9, ORIGIN)
W1 = Signer(2, "auditor.example/w1", layout.WITNESS)


def tree(leaves: list[bytes]) -> bytes:
    """RFC 6962 as it is written, not as the verifier computes it."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return layout.node(tree(leaves[:split]), tree(leaves[split:]))


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) < 2:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return path(index, leaves[:split]) + [tree(leaves[split:])]
    return path(index - split, leaves[split:]) + [tree(leaves[:split])]


def subproof(old: int, leaves: list[bytes], known: bool = True) -> list[bytes]:
    if old == len(leaves):
        return [] if known else [tree(leaves)]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if old <= split:
        return subproof(old, leaves[:split], known) + [tree(leaves[split:])]
    return subproof(old - split, leaves[split:], False) + [tree(leaves[:split])]


class Book:
    """A log as an honest operator would write it; rows and notes can be changed before writing."""

    def __init__(self, rows: list[dict[str, Any]], epochs: Optional[list[tuple[int, str]]] = None):
        self.epochs, self.rows, self.notes = epochs or [(1, ORIGIN)], rows, []  # type: ignore[var-annotated]
        self.seal()

    def seal(self, since: int = 1) -> None:
        """Gives all rows from a position on their leaves and places anew."""
        tips: dict[str, tuple[int, str]] = {}
        for position, row in enumerate(self.rows, 1):
            if position >= since:
                version, previous = tips.get(row["participant"], (0, "0" * 64))
                row.update(position=position, version=version + 1, previous=previous)
                self.reseal(row)
            tips[row["participant"]] = row["version"], row["leaf"]

    def reseal(self, row: dict[str, Any]) -> None:
        origin = [origin for first, origin in self.epochs if first <= row["position"]][-1]
        row["leaf"] = layout.leaf_hash(layout.leaf_data(origin, row)).hex()

    def leaves(self) -> list[bytes]:
        return [bytes.fromhex(row["leaf"]) for row in self.rows]

    def claim(self, size: int, origin: str = ORIGIN) -> str:
        return f"{origin}\n{size}\n{b64(tree(self.leaves()[:size]))}\n"

    def checkpoint(self, size: int, *signers: Signer, origin: str = ORIGIN) -> str:
        return note(self.claim(size, origin), *(signers or (FIRST,)))

    def rotation(self, size: int, old: Signer, new: Signer, *signers: Signer) -> str:
        text = f"waystage/rotation/v1\n{self.claim(size)}{old.text}\n{new.text}\n"
        return note(text, *(signers or (old, new)))

    def lines(self) -> list[str]:
        head = {"epochs": [{"first": first, "origin": origin} for first, origin in self.epochs],
                "format": "waystage-log/1", "size": len(self.rows)}
        every = [head, *self.rows, *({sort: text} for sort, text in self.notes)]
        return [json.dumps(one, separators=(",", ":"), sort_keys=True) + "\n" for one in every]


def event(count: int, **members: Any) -> dict[str, Any]:
    return {**EVENTS[0], "participant": f"{count % 3 + 1:032x}", "id": f"{count:032x}",
            "kind": "ContactMade", "source_ref": f"R-{count}", "sealed_hash": "5e" * 32,
            "correlation": "c0" * 16, "causation": "ca" * 16,
            "recorded_at": 1767225600000000 + count, **members}


def own(count: int, kind: str, **payload: Any) -> dict[str, Any]:
    return event(count, participant="0" * 32, kind=kind, payload=json.dumps(payload))


def book(size: int = 9) -> Book:
    one = Book([event(count) for count in range(1, size + 1)])
    one.notes = [("checkpoint", one.checkpoint(3)), ("checkpoint", one.checkpoint(size, FIRST, W1))]
    return one


class Case(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, name: str, content: Any) -> str:
        where = os.path.join(self.folder, name)
        with open(where, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return where

    def ask(self, *argv: str) -> tuple[int, dict[str, Any]]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = verify.main([*argv, "--json"])
            except SystemExit as end:
                return int(end.code or 0), {"wrong": err.getvalue()}
        return code, json.loads(out.getvalue())

    def export(self, log: Any, *more: str, key: Optional[str] = LOG_KEY) -> tuple[int, dict[str, Any]]:
        lines = log.lines() if isinstance(log, Book) else log
        trusted = ["--key", key] if key else []
        return self.ask("export", self.file("log.ndjson", "".join(lines)), *trusted, *more)

    def good(self, answer: tuple[int, dict[str, Any]]) -> dict[str, Any]:
        self.assertEqual((0, True), (answer[0], answer[1].get("ok")), answer)
        return answer[1]

    def bad(self, answer: tuple[int, dict[str, Any]], words: str = "", first: Optional[int] = None,
            last: Optional[int] = None) -> None:
        code, said = answer
        where = (first, first if last is None else last)
        self.assertEqual((4, *where), (code, said.get("first"), said.get("last")), said)
        self.assertIn(words, said["wrong"])


class Vectors(Case):
    def test_leaf_data_and_leaves(self) -> None:
        self.assertEqual(LEAF_DATA, layout.leaf_data(ORIGIN, EVENTS[0]).hex())
        for row, leaf, length in zip(EVENTS, LEAVES, (288, 288, 296)):
            data = layout.leaf_data(ORIGIN, row)
            self.assertEqual((leaf, length), (layout.leaf_hash(data).hex(), len(data)))
            self.assertEqual((ORIGIN, row), layout.parse_leaf_data(data))

    def test_roots(self) -> None:
        roots = layout.roots_at(bytes.fromhex("".join(LEAVES)), {1, 2, 3})
        self.assertEqual(
            [hashlib.sha256().hexdigest(), LEAVES[0],
             "fec1dcc85565ce6b42a3a672e93c04311d1fa2308892de065abfbbcae6ae7a51",
             "8a2e07e4392d4a81a745e5d088f5e7a1613f1b239aa2de9d0dbe93f217df99aa"],
            [roots[size].hex() for size in range(4)])
        inputs = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                  "606162636465666768696a6b6c6d6e6f")
        roots = layout.roots_at(b"".join(layout.leaf_hash(bytes.fromhex(one)) for one in inputs), {1, 8})
        self.assertEqual("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                         roots[1].hex())
        self.assertEqual("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
                         roots[8].hex())

    def test_keys_and_signatures(self) -> None:
        log, witness = layout.parse_key(LOG_KEY), layout.parse_key(WITNESS_KEY, layout.WITNESS)
        self.assertEqual(("8d759a2d", "2a09e825"), (log.id.hex(), witness.id.hex()))
        self.assertEqual((FIRST.text, W1.text), (LOG_KEY, WITNESS_KEY))
        read = layout.parse_note(CHECKPOINT, "it")
        self.assertEqual([0], layout.signed(read, log))
        self.assertEqual([1767229260], layout.signed(read, witness))
        self.assertEqual(3, layout.parse_checkpoint(read).size)
        lines = FIRST.line(read.text) + W1.line(read.text, 1767229260)
        self.assertEqual(CHECKPOINT, read.text + "\n" + lines)

    def test_the_whole_export_fits(self) -> None:
        rows = [{**row, "leaf": leaf} for row, leaf in zip(EVENTS, LEAVES)]
        log = Book([dict(row) for row in rows])
        self.assertEqual(rows, log.rows)
        log.notes = [("checkpoint", CHECKPOINT)]
        said = self.good(self.export(log, "--checkpoint", self.file("cp", CHECKPOINT),
                                     "--witness", WITNESS_KEY))
        self.assertIn("signed 2 of 2", said["witness auditor.example/w1"])
        self.assertIn("0 events", said["not covered"])

    def test_proofs_of_all_small_trees(self) -> None:
        rng, lines = random.Random(7), []
        for size in range(1, 34):
            leaves = [layout.leaf_hash(bytes([at])) for at in range(size)]
            for index in range(size):
                proof = path(index, leaves)
                lines.append(dict(kind="inclusion", leaf=leaves[index].hex(), index=index, size=size,
                                  root=tree(leaves).hex(), proof=[h.hex() for h in proof], ok=True))
            for old in range(size + 1):
                proof = subproof(old, leaves) if old else []
                lines.append(dict(kind="consistency", old=old, new=size, ok=True,
                                  old_root=tree(leaves[:old]).hex(), new_root=tree(leaves).hex(),
                                  proof=[h.hex() for h in proof]))
        for old, new in ((3, 7), (4, 7), (0, 0), (5, 5), (5, 4)):
            roots = {f"{name}_root": tree([bytes(32)] * size).hex()
                     for name, size in (("old", old), ("new", new))}
            lines.append(dict(kind="consistency", old=old, new=new, proof=[], ok=old == new, **roots))
        for one in [one for one in lines if one["ok"]]:
            wrong = dict(one, ok=False, proof=list(one["proof"]))  # type: ignore[call-overload]
            if wrong["proof"] and rng.random() < 0.5:
                wrong["proof"].pop(rng.randrange(len(wrong["proof"])))
            else:
                wrong["proof"].insert(0, "00" * 32)
            lines.append(wrong)
        text = "".join(json.dumps(one) + "\n" for one in lines)
        self.assertEqual(f"{len(lines)} of {len(lines)}",
                         self.good(self.ask("vectors", self.file("v", text)))["agree"])
        lines[5]["ok"] = False
        text = "".join(json.dumps(one) + "\n" for one in lines)
        self.bad(self.ask("vectors", self.file("v", text)), "at lines [6]")
        self.bad(self.ask("vectors", self.file("v", "{}\n")), "line 1 is not a vector")


class Exports(Case):
    def test_every_column_is_inside_its_leaf(self) -> None:
        for name, value in list(book().rows[4].items()):
            log = book()
            changed: Any = value + 1 if type(value) is int else "x"
            if isinstance(value, str) and set(value) <= set("0123456789abcdef"):
                changed = ("1" if value[0] == "0" else "0") + value[1:]
            log.rows[4][name] = "2026-01-02" if name == "on" else changed
            with self.subTest(name):
                self.bad(self.export(log), first=5)
                self.bad(self.export(log, key=None), first=5)
            if name in ("reported_at", "correlation", "causation", "sealed_hash"):
                log.rows[4][name] = None
                self.bad(self.export(log), "do not give its leaf", first=5)
            del log.rows[4][name]
            self.bad(self.export(log), "exactly its members", first=5)

    def test_lines_that_were_moved_about(self) -> None:
        for words, first, change in (
                ("removed", 4, lambda lines: lines.pop(4)),
                ("the last removed", 9, lambda lines: lines.pop(9)),
                ("doubled", 5, lambda lines: lines.insert(5, lines[4])),
                ("swapped", 2, lambda lines: lines.insert(2, lines.pop(3))),
                ("cut off", 6, lambda lines: lines.__delitem__(slice(6, None))),
                ("cut within", 6, lambda lines: lines.__setitem__(slice(6, None), [lines[6][:99]])),
                ("line end", 3, lambda lines: lines.__setitem__(3, lines[3][:-1] + "\r\n")),
                ("empty line", 3, lambda lines: lines.insert(3, "\n")),
                ("upper case", 4, lambda lines: lines.__setitem__(4, lines[4].replace("ca", "CA"))),
                ("a fraction", 4, lambda lines: lines.__setitem__(
                    4, lines[4].replace('"schema":1', '"schema":1.0'))),
                ("true for 1", 4, lambda lines: lines.__setitem__(
                    4, lines[4].replace('"schema":1', '"schema":true'))),
                ("twice", 4, lambda lines: lines.__setitem__(
                    4, lines[4].replace('"schema":1', '"schema":1,"schema":1'))),
                ("more", 4, lambda lines: lines.__setitem__(
                    4, lines[4].replace('"schema":1', '"schema":1,"scheme":1'))),
                ("half a character", 4, lambda lines: lines.__setitem__(
                    4, lines[4].replace("system:import", "\\ud800"))),
                ("deep", 4, lambda lines: lines.__setitem__(4, "[" * 200000 + "\n")),
                ("a long number", 4, lambda lines: lines.__setitem__(
                    4, lines[4].replace('"schema":1', '"schema":' + "1" * 9999))),
                ("surplus", None, lambda lines: lines.insert(10, lines[9])),
                ("a strange note", None, lambda lines: lines.append('{"note":"x"}\n')),
                ("order of notes", None, lambda lines: lines.append(lines.pop(10)))):
            lines = book().lines()
            change(lines)
            with self.subTest(words):
                self.bad(self.export(lines), first=first)

    def test_what_gives_its_leaf_must_also_follow(self) -> None:
        for words, change in (
                ("`version`", {"version": 3}), ("`version`", {"previous": "ab" * 32}),
                ("`recorded_at`", {"recorded_at": 1767225600000000}),
                ("`version`", {"participant": "77" * 16}),
                ("LogRecovered", {"kind": "LogRecovered"})):
            log = book()
            log.rows[4].update(change)
            log.reseal(log.rows[4])
            with self.subTest(change):
                self.bad(self.export(log), words, first=5)

    def test_forms_that_would_hash_but_may_not_be(self) -> None:
        """Each gets the leaf of its bytes, so that nothing but its form is wrong."""
        nothing = {"source": "", "source_ref": ""}
        for words, change in (
                ("a day", {"on": "2026-02-30"}), ("a day", {"on": "20260101"}),
                ("stand together", {"source": None}), ("is empty", nothing),
                ("ASCII", {"kind": "Caf\u00e9"}), ("ASCII", {"kind": ""}),
                ("is empty", {"sealed_hash": "0" * 64}), ("one way", {"correlation": ""}),
                ("one way", {"participant": "AB" * 16}), ("one way", {"id": "aa " + "cc" * 15}),
                ("previous", {"version": 1}), ("previous", {"version": 0, "previous": "0" * 64})):
            log = book()
            row = log.rows[4]
            row.update(change)
            plain = {name: None if value in ("", "0" * 64) and name not in ("kind", "previous")
                     else value.lower().replace(" ", "") if name in ("participant", "id") else value
                     for name, value in row.items()}
            head = b"waystage.event.v1\n" + layout.encode(layout.Field("", "text"), ORIGIN)
            body = [layout.encode(part, plain[part.name]) for part in layout.FRAME]
            row["leaf"] = layout.leaf_hash(head + (4).to_bytes(8, "big") + b"".join(body)).hex()
            with self.subTest(change):
                self.bad(self.export(log), words, first=5)
        for change in ({"version": -1}, {"recorded_at": 2**63}, {"participant": "00"}, {"kind": 7},
                       {"payload": {}}, {"on": None}, {"schema": 2**32}, {"actor": None}):
            log = book()
            log.rows[4].update(change)
            with self.subTest(change):
                self.bad(self.export(log), next(iter(change)), first=5)

    def test_rewriting_with_leaves_is_seen_by_who_holds_a_checkpoint(self) -> None:
        log = book()
        held = [self.file(f"held{size}", log.checkpoint(size)) for size in (4, 8)]
        leaves = self.file("leaves", b"".join(log.leaves()[:8]))
        log.rows[5]["payload"] = "{}"
        log.seal(since=6)
        log.notes = [("checkpoint", log.checkpoint(9))]
        self.good(self.export(log))
        self.good(self.export(log, "--checkpoint", held[0]))
        both = ["--checkpoint", held[1], "--checkpoint", held[0]]
        self.bad(self.export(log, *both[:2]), "rewritten", first=1, last=8)
        self.bad(self.export(log, *both), "rewritten", first=5, last=8)
        self.bad(self.export(log, *both, key=None), "rewritten", first=5, last=8)
        self.bad(self.export(log, *both, "--leaves", leaves), "rewritten", first=6)
        self.bad(self.export(log, "--checkpoint", held[0], "--leaves", leaves), "not believed")
        log.rows, log.notes = log.rows[:5], []
        self.bad(self.export(log, *both), "larger", first=6, last=8)

    def test_headers(self) -> None:
        good = {"epochs": [{"first": 1, "origin": ORIGIN}], "format": "waystage-log/1", "size": 9}
        for change in ({"format": "waystage-log/2"}, {"size": "9"}, {"size": True}, {"epochs": []},
                       {"epochs": [{"first": 2, "origin": ORIGIN}]}, {"epochs": [1]}, {"more": 1},
                       {"epochs": [{"first": 1, "origin": "a b"}]},
                       {"epochs": good["epochs"] + [{"first": 3, "origin": ORIGIN + "/e3"}]},
                       {"epochs": good["epochs"] + [{"first": 11, "origin": ORIGIN + "/e2"}]}):
            with self.subTest(change):
                head = json.dumps({**good, **change}) + "\n"  # type: ignore[dict-item]
                self.bad(self.export([head] + book().lines()[1:]))
        log = book()
        lines = log.lines()
        self.bad(self.export([lines[0].replace("test", "other")] + lines[1:], key=None), first=1)
        self.bad(self.export([lines[0].replace(":9}", ":8}")] + lines[1:]), "only notes")
        self.bad(self.export([lines[0].replace(":9}", ":10}")] + lines[1:]), first=10)
        self.bad(self.export([]), "does not end")
        empty = ['{"epochs":[{"first":1,"origin":"%s"}],"format":"waystage-log/1","size":0}\n' % ORIGIN]
        self.good(self.export(empty))

    def test_many_processes_say_the_same(self) -> None:
        log = book(12000)
        self.assertGreater(sum(map(len, log.lines())), 1 << 22)
        self.good(self.export(log))
        log.rows[7000]["payload"] = "{}"
        log.rows[11000]["payload"] = "{}"
        self.bad(self.export(log), "do not give its leaf", first=7001)


class Notes(Case):
    def test_checkpoints(self) -> None:
        for words, text in (
                ("not signed", book().checkpoint(9, STRANGER)),
                ("not signed", book().checkpoint(9, W1)),
                ("does not verify", book().checkpoint(9).replace("\n9\n", "\n8\n")),
                ("leading zeros", note(book().claim(9).replace("\n9\n", "\n09\n"), FIRST)),
                ("origin, size and root", note(book().claim(9) + "more\n", FIRST)),
                ("no epoch", note(book().claim(9).replace("test", "rest"), FIRST)),
                ("control", book().checkpoint(9).replace("\n9\n", "\n9\t\n")),
                ("signature line", book().checkpoint(9).replace("\u2014", "-")),
                ("signature lines", book().checkpoint(9).rstrip("\n")),
                ("base64", note(book().claim(9).replace("=\n", "\n"), FIRST)),
                ("an empty line", book().claim(9)),
                ("rewritten", note(f"{ORIGIN}\n9\n{b64(bytes(32))}\n", FIRST))):
            log = book()
            log.notes[1] = ("checkpoint", text)
            where = {"first": 4, "last": 9} if words == "rewritten" else {}
            with self.subTest(words):
                self.bad(self.export(log), words, **where)
                held = self.file("held", text)
                where = {"first": 1, "last": 9} if words == "rewritten" else {}
                self.bad(self.export(book(), "--checkpoint", held), words, **where)

    def test_a_false_witness_line_refuses_and_a_strange_one_does_not(self) -> None:
        log, strange = book(), Signer(8, "stranger.example/w", layout.WITNESS)
        text = log.claim(9)
        log.notes[1] = ("checkpoint", note(text, FIRST, strange))
        said = self.good(self.export(log, "--witness", W1.text))
        self.assertIn("signed 0 of 2", said["witness auditor.example/w1"])
        log.notes[1] = ("checkpoint", note(text, FIRST) + W1.line(text + "x"))
        self.good(self.export(log))
        self.bad(self.export(log, "--witness", W1.text), "auditor.example/w1 does not verify")

    def test_without_a_key_only_hashes_are_checked_and_it_says_so(self) -> None:
        log = book()
        log.notes[1] = ("checkpoint", log.checkpoint(9, STRANGER))
        self.assertIn("NOT CHECKED", self.good(self.export(log, key=None))["signatures"])
        self.bad(self.export(log), "not signed")

    def test_usage(self) -> None:
        for more in (["--key", LOG_KEY[:-1]], ["--key", W1.text], ["--key", "x"], ["--nonsense"],
                     ["--key", LOG_KEY.replace("8d75", "8d76")], ["--witness", LOG_KEY],
                     ["--checkpoint", self.folder + "/none"]):
            with self.subTest(more):
                self.assertEqual(2, self.export(book(), *more, key=None)[0])
        self.assertEqual(2, self.ask("export", self.folder + "/none")[0])
        self.bad(self.ask("proof", self.file("p", b"\xff"), "--key", LOG_KEY), "not UTF-8")


class Rotations(Case):
    def log(self, *notes: str, last: Signer = SECOND) -> Book:
        log = book()
        log.notes = [("rotation", one) for one in notes] + [
            ("checkpoint", log.checkpoint(5)), ("checkpoint", log.checkpoint(9, last))]
        return log

    def test_a_chain_of_keys(self) -> None:
        third = Signer(5, ORIGIN)
        one, two = book().rotation(5, FIRST, SECOND), book().rotation(7, SECOND, third)
        self.good(self.export(self.log(one)))
        self.good(self.export(self.log(one, two, last=third)))
        for words, log in (
                ("not signed", self.log(one, last=FIRST)),
                ("not signed", self.log(one, two)),
                ("not signed", self.log(book().rotation(4, FIRST, SECOND))),
                ("not signed", self.log(book().rotation(5, FIRST, SECOND, FIRST))),
                ("not signed", self.log(book().rotation(5, FIRST, SECOND, SECOND))),
                ("gives up another", self.log(two, last=third)),
                ("decrease", self.log(two, one, last=third)),
                ("name of its log", self.log(book().rotation(5, FIRST, THIRD))),
                ("no recovery", Book(book().rows))):
            if words == "no recovery":
                log.notes = [("recovery", one)]
            with self.subTest(words):
                self.bad(self.export(log), words)
        self.bad(self.export(book(), key=THIRD.text), "is not one of")
        wrong = self.log(note(one.split("\n\n")[0].replace("\n5\n", "\n6\n") + "\n", FIRST, SECOND))
        self.bad(self.export(wrong), "rewritten", first=6)

    def test_proofs_beyond_a_rotation(self) -> None:
        log = self.log(book().rotation(5, FIRST, SECOND))
        rotation = ["--rotations", self.file("r", log.notes[0][1])]
        late = self.file("late", proof_of(log, 2, 9, SECOND))
        stolen = self.file("stolen", proof_of(log, 2, 9, FIRST))
        self.good(self.ask("proof", late, "--key", LOG_KEY, *rotation))
        self.good(self.ask("proof", late, "--key", SECOND.text))
        self.bad(self.ask("proof", late, "--key", LOG_KEY), "not signed")
        self.bad(self.ask("proof", stolen, "--key", LOG_KEY, *rotation), "not signed")


def proof_of(log: Book, position: int, size: int, *signers: Signer, origin: str = ORIGIN) -> str:
    where = [name for first, name in log.epochs if first <= position][-1]
    data = layout.leaf_data(where, log.rows[position - 1])
    hashes = "".join(b64(one) + "\n" for one in path(position - 1, log.leaves()[:size]))
    return (f"c2sp.org/tlog-proof@v1\nextra {b64(data)}\nindex {position - 1}\n{hashes}\n"
            + log.checkpoint(size, *signers, origin=origin))


class Recoveries(Case):
    """The log had 8 events; a copy with 5 was restored, and goes on as /e2 with position 6."""

    def log(self, lost: tuple[Any, Any] = (6, 8), **changes: Any) -> Book:
        self.before = book(8)
        old = self.before.claim(8)
        rows = [event(count) for count in range(1, 6)]
        rows.append(own(6, "LogRecovered", **{
            "origin": ORIGIN + "/e2", "old_checkpoint": note(old, FIRST), "lost_from": lost[0],
            "lost_through": lost[1], "operator": "o", "approver": "a", "reason": "r", **changes}))
        rows += [event(count) for count in range(7, 10)]
        log = Book(rows, [(1, ORIGIN), (6, ORIGIN + "/e2")])
        self.text = "waystage/recovery/v1\n" + old + log.claim(6, ORIGIN + "/e2") + THIRD.text + "\n"
        log.notes = [("recovery", note(self.text, FIRST, THIRD)),
                     ("checkpoint", log.checkpoint(4)),
                     ("checkpoint", log.checkpoint(9, THIRD, origin=ORIGIN + "/e2"))]
        return log

    def test_what_is_held_fits_or_is_named_as_lost(self) -> None:
        log = self.log()
        held = [self.file(f"h{size}", self.before.checkpoint(size)) for size in (4, 7)]
        said = self.good(self.export(log, *(x for one in held for x in ("--checkpoint", one))))
        self.assertEqual(["size 4 fits", "size 7 is declared LOST"], [said["held " + h] for h in held])
        self.assertEqual("5 events are newer than every checkpoint held", said["not covered"])
        unnamed = self.log(lost=(6, 9))
        self.before = book(12)
        held = [self.file("h11", self.before.checkpoint(11))]
        self.bad(self.export(unnamed, "--checkpoint", held[0]), "declared lost", first=6, last=11)

    def test_a_loss_cannot_hide_a_rewriting_before_it(self) -> None:
        log = self.log()
        cp = ["--checkpoint", self.file("h", self.before.checkpoint(8))]
        leaves = self.file("l", b"".join(self.before.leaves()))
        self.good(self.export(log, *cp, "--leaves", leaves))
        log.rows[2]["payload"] = "{}"
        log.seal()
        log.notes = [("recovery", note("waystage/recovery/v1\n" + self.before.claim(8)
                                       + log.claim(6, ORIGIN + "/e2") + THIRD.text + "\n",
                                       FIRST, THIRD))]
        self.good(self.export(log, *cp))
        self.bad(self.export(log, *cp, "--leaves", leaves), "rewritten", first=3)

    def test_declarations(self) -> None:
        for words, first, log in (
                ("begins where", 6, self.log(lost=(5, 8))),
                ("begins where", 6, self.log(lost=(6, None))),
                ("neither", None, self.log(lost=(None, None))),
                ("another origin", 6, self.log(origin=ORIGIN + "/e3")),
                ("members", 6, self.log(reason=None)), ("members", 6, self.log(more="x")),
                ("not signed", None, self.log(old_checkpoint=book(8).checkpoint(8, STRANGER))),
                ("not the one", 6, self.log(old_checkpoint=book(8).checkpoint(7)))):
            with self.subTest(words):
                where = {"first": 6, "last": 8} if words == "neither" else {"first": first}
                self.bad(self.export(log), words, **where)
        log = self.log()
        log.rows[5]["kind"] = "ContactMade"
        log.seal()
        self.bad(self.export(log), "LogRecovered begins", first=6)
        log = self.log()
        log.rows[5]["participant"] = "77" * 16
        log.seal()
        self.bad(self.export(log), "another stream", first=6)

    def test_recovery_notes(self) -> None:
        for words, change in (
                ("not signed", lambda text: [note(text, FIRST)]),
                ("not signed", lambda text: [note(text, THIRD)]),
                ("one for each", lambda text: []),
                ("one for each", lambda text: [note(text, FIRST, THIRD)] * 2),
                ("one for each", lambda text: [note(text.replace("/e2\n6", "/e2\n7"), FIRST, THIRD)]),
                ("name of its log", lambda text: [note(text.replace("/e2\n", "/e3\n"), FIRST, THIRD)])):
            log = self.log()
            log.notes[:1] = [("recovery", one) for one in change(self.text)]
            with self.subTest(words):
                self.bad(self.export(log), words)
        log = self.log()
        log.notes[2] = ("checkpoint", log.checkpoint(5, THIRD, origin=ORIGIN + "/e2"))
        self.bad(self.export(log), "no epoch")
        log.notes[2] = ("checkpoint", log.checkpoint(9, FIRST))
        self.bad(self.export(log), "declared lost", first=6, last=9)

    def test_proofs_over_two_epochs(self) -> None:
        log = self.log()
        recovery = ["--key", LOG_KEY, "--rotations", self.file("r", log.notes[0][1])]
        for position in (2, 8):
            text = proof_of(log, position, 9, THIRD, origin=ORIGIN + "/e2")
            said = self.good(self.ask("proof", self.file("p", text), *recovery))
            self.assertEqual(log.rows[position - 1]["id"], said["event"]["id"])
        self.bad(self.ask("proof", self.file("p", text), "--key", LOG_KEY), "no epoch")
        lost = self.file("lost", proof_of(self.before, 7, 8, FIRST))
        self.assertIn("old epoch", self.good(self.ask("proof", lost, *recovery))["branch"])


class Proofs(Case):
    def test_every_receipt_verifies_and_prints_its_event(self) -> None:
        log = book()
        for size in (1, 2, 5, 8, 9):
            for position in range(1, size + 1):
                text = proof_of(log, position, size, FIRST, W1)
                said = self.good(self.ask("proof", self.file("p.tlog-proof", text), "--key", LOG_KEY,
                                          "--witness", W1.text))
                row = {key: value for key, value in log.rows[position - 1].items() if key != "leaf"}
                self.assertEqual(row, said["event"])

    def test_mutations(self) -> None:
        good = proof_of(book(), 4, 9, FIRST)
        lines = good.split("\n")
        data = base64.b64decode(lines[1][6:])
        other = layout.leaf_data("example.org/other", book().rows[3])
        for words, text in (
                ("three lines", good.replace("@v1", "@v2")), ("three lines", good.replace("extra", "x")),
                ("decimal", good.replace("index 3", "index 03")),
                ("position is not the index", good.replace("index 3", "index 4")),
                ("do not lead", good.replace(lines[3] + "\n", "")),
                ("do not lead", good.replace(lines[3], lines[4])),
                ("32 bytes", good.replace(lines[3], b64(bytes(31)))),
                ("do not lead", good.replace(lines[1], "extra " + b64(data.replace(b"import", b"export")))),
                ("not exactly", good.replace(lines[1], "extra " + b64(data + b"x"))),
                ("one padded base64", good.replace(lines[1], lines[1][:-2] + "B=")
                 if lines[1].endswith("A=") else good.replace(lines[3], lines[3][:-2] + "/=")),
                ("is not the log's", good.replace(lines[1], "extra " + b64(other))),
                ("does not verify", good.replace("\n9\n", "\n10\n")),
                ("not signed", good.replace(f"\u2014 {ORIGIN}", "\u2014 other")),
                ("empty line", good.split("\n\n")[0]), ("three lines", "")):
            with self.subTest(words):
                self.assertNotEqual(good, text)
                self.bad(self.ask("proof", self.file("p", text), "--key", LOG_KEY), words)
        self.bad(self.ask("proof", self.file("p", good), "--key", LOG_KEY, "--witness", W1.text),
                 "not signed by witness")
        for cut in range(0, len(data), 7):
            text = good.replace(lines[1], "extra " + b64(data[:cut]))
            self.assertEqual(4, self.ask("proof", self.file("p", text), "--key", LOG_KEY)[0])


class Certificates(Case):
    RESULT = '["funnel",["2026-01",null],"starts",3]\n["funnel",["2026-02",null],"starts",4]\n'

    def setUp(self) -> None:
        super().setUp()
        rows = [event(count) for count in range(1, 10)]
        for count, kind, members in ((1, "PackAdopted", {"id": "wwp", "text": "old"}),
                                     (2, "TablesAdopted", {"text": "rates"}),
                                     (4, "PackAdopted", {"id": "wwp", "text": "new"})):
            digest = hashlib.sha256(members["text"].encode()).hexdigest()
            rows[count - 1] = own(count, kind, **members, digest=digest)
        self.log = Book(rows)
        self.log.notes = [("checkpoint", self.log.checkpoint(9))]
        self.path = self.file("log", "".join(self.log.lines()))
        self.result = self.file("result", self.RESULT)

    def text(self, pack: str = "new", **changes: str) -> str:
        lines = [f"pack {name} {hashlib.sha256(text.encode()).hexdigest()}\n"
                 for name, text in (("pack-wwp", pack), ("rates-2026", "rates"))]
        members = {
            "origin": ORIGIN, "size": "9", "root": b64(tree(self.log.leaves())),
            "as_of": "2026-01-31", "known_at": "2026-01-31T23:59:59.000000Z", "basis": "recorded",
            "packs": hashlib.sha256("".join(lines).encode()).hexdigest(), "model": "funnel",
            "version": "1", "fingerprint": "abcd", "scenario": "none", "participants": "3",
            "parked": "0", "erased": "0", "rows": "2",
            "result": hashlib.sha256(self.RESULT.encode()).hexdigest(), **changes}
        every = [f"{name} {value}\n" for name, value in members.items()]
        return "".join(["waystage/certificate/v1\n", *every[:7], *lines, *every[7:]])

    def certificate(self, text: str, *more: str, key: Signer = FIRST) -> tuple[int, dict[str, Any]]:
        return self.ask("certificate", self.file("c", note(text, key)), "--key", LOG_KEY, *more)

    def test_it_fits_alone_and_with_its_sources(self) -> None:
        self.good(self.certificate(self.text()))
        said = self.good(self.certificate(self.text(), "--export", self.path, "--result", self.result))
        self.assertEqual("fits", said["result"])

    def test_what_was_in_force(self) -> None:
        early = "2026-01-01T00:00:00.000003Z"
        for pack, known_at, basis, fits in (
                ("old", early, "recorded", True), ("new", early, "recorded", False),
                ("new", early, "reported", True), ("old", early, "reported", False),
                ("new", "2026-01-01T00:00:00.000004Z", "recorded", True)):
            text = self.text(pack, known_at=known_at, basis=basis)
            with self.subTest((pack, known_at, basis)):
                answer = self.certificate(text, "--export", self.path)
                self.good(answer) if fits else self.bad(answer, "pack: pack-wwp")
        size = {"size": "3", "root": b64(tree(self.log.leaves()[:3]))}
        self.good(self.certificate(self.text("old", **size), "--export", self.path))
        self.bad(self.certificate(self.text("new", **size), "--export", self.path), "pack: pack-wwp")

    def test_each_failure_names_its_member(self) -> None:
        good = self.text()
        packs = [line + "\n" for line in good.split("\n") if line.startswith("pack ")]
        for member, text in [(name, self.text(**{name: value})) for name, value in (
                ("origin", "example.org/other"), ("size", "010"), ("as_of", "2026-02-30"),
                ("as_of", "31 January"), ("known_at", "2026-01-31"), ("basis", "guessed"),
                ("known_at", "2026-13-31T23:59:59.000000Z"), ("packs", "00" * 32), ("version", "one"),
                ("scenario", "some"), ("rows", "-2"), ("result", "xx"), ("root", "xx"))] + [
                ("pack", good.replace(packs[0] + packs[1], packs[1] + packs[0])),
                ("packs", good.replace(packs[1], "")), ("version", good.replace("version 1", "v 1")),
                ("parked", good.replace("parked 0\nerased 0", "erased 0\nparked 0")),
                ("lines", "\n".join(good.split("\n")[:9]) + "\n"), ("first line", "x\n" + good)]:
            with self.subTest(member):
                self.bad(self.certificate(text), member if member == "lines" else f"{member}"
                         if member == "first line" else f"{member}: ")
        export = ["--export", self.path]
        self.bad(self.certificate(self.text(size="10"), *export), "size: ")
        self.bad(self.certificate(self.text(root=b64(bytes(32))), *export), "root: ")
        self.bad(self.certificate(good, key=STRANGER), "signature: ")
        self.bad(self.certificate(good, "--result", self.file("r", self.RESULT + "\n")), "result: ")
        self.bad(self.certificate(self.text(rows="3"), "--result", self.result), "rows: ")
        self.log.rows[6]["payload"] = "{}"
        broken = self.file("broken", "".join(self.log.lines()))
        self.bad(self.certificate(good, "--export", broken), "export: ", first=7)

    def test_what_was_adopted_must_be_its_text(self) -> None:
        other = [("rates-2027", "other"), ("pack-xyz", "rates"), ("pack-wwp", "other")]
        for name, text in other:
            line = f"pack {name} {hashlib.sha256(text.encode()).hexdigest()}"
            packs = hashlib.sha256(f"{line}\n".encode()).hexdigest()
            whole = [one for one in self.text(packs=packs).split("\n") if one[:5] != "pack "]
            whole.insert(8, line)
            with self.subTest(name):
                self.bad(self.certificate("\n".join(whole), "--export", self.path), f"pack: {name}")
        for words, payload in (
                ("than its text's", json.dumps({"text": "new", "digest": "00" * 32})),
                ("without its", json.dumps({"text": "new"})), ("JSON", "{"), ("without its", "[]"),
                ("JSON", '{"text":"\\ud800","digest":"%s"}' % ("00" * 32))):
            self.log.rows[1]["payload"] = payload
            self.log.seal()
            export = self.file("other", "".join(self.log.lines()[:10]))
            with self.subTest(payload):
                self.bad(self.certificate(self.text(), "--export", export), words)

    def test_keys_of_a_certificate(self) -> None:
        self.log.notes = [("rotation", self.log.rotation(5, FIRST, SECOND))]
        export = ["--export", self.file("log", "".join(self.log.lines()))]
        self.good(self.certificate(self.text(), *export, key=SECOND))
        self.bad(self.certificate(self.text(), *export, key=FIRST), "signature: ")


class Garbage(Case):
    def test_no_traceback_whatever_comes(self) -> None:
        rng = random.Random(11)
        log = book()
        log.notes.insert(0, ("rotation", log.rotation(9, FIRST, SECOND)))
        files = {"export": "".join(log.lines()).encode(), "proof": proof_of(log, 4, 9).encode(),
                 "certificate": note("waystage/certificate/v1\n", FIRST).encode()}
        for mode, content in files.items():
            for _ in range(150):
                raw = bytearray(content)
                for _ in range(rng.randrange(1, 4)):
                    at = rng.randrange(len(raw))
                    raw[at:at + rng.randrange(3)] = bytes([rng.randrange(256)]) * rng.randrange(3)
                code, _ = self.ask(mode, self.file("g", bytes(raw)), "--key", LOG_KEY)
                self.assertEqual(0 if raw == content and mode != "certificate" else 4, code, bytes(raw))


if __name__ == "__main__":
    unittest.main()
