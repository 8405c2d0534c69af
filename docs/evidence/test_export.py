"""Tests of the verifier: exports that were meddled with, keys that change, logs that go on.

Run with `python3 -m unittest discover docs/evidence`.
"""
from __future__ import annotations

import json
import unittest
from typing import Any, Callable, Optional

import verify
from sample import (
    FIRST, LOG_KEY, ORIGIN, SECOND, STRANGER, THIRD, W1, Book, Case, Signer, b64, book, event, note,
    own, proof_of)


def hashed(row: dict[str, Any]) -> bytes:
    """The bytes of an event whatever its members are, as the page lays them out."""
    u64 = lambda number: number.to_bytes(8, "big", signed=True)  # noqa: E731
    enc = lambda raw: len(raw).to_bytes(4, "big") + raw  # noqa: E731
    text = lambda name: enc((row[name] or "").encode())  # noqa: E731
    digits = lambda name: bytes.fromhex(row[name] or "")  # noqa: E731
    return b"".join((
        b"waystage.event.v1\n", enc(ORIGIN.encode()), u64(row["position"] - 1),
        enc(digits("participant")), u64(row["version"]), digits("previous"), enc(digits("id")),
        text("kind"), row["schema"].to_bytes(4, "big"), u64(row["recorded_at"]),
        enc(b"" if row["reported_at"] is None else u64(row["reported_at"])), text("on"),
        text("actor"), text("source"), text("source_ref"), enc(digits("correlation")),
        enc(digits("causation")), text("payload"), digits("sealed_hash") or bytes(32)))


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
            self.bad(self.export(log), "its members", first=5)

    def test_lines_that_were_moved_about(self) -> None:
        changes: tuple[tuple[str, Optional[int], Callable[[list[str]], Any]], ...] = (
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
            ("order of notes", None, lambda lines: lines.append(lines.pop(10))))
        for words, first, change in changes:
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
                ("day", {"on": "2026-02-30"}), ("a day", {"on": "20260101"}),
                ("misses what goes with it", {"source": None}), ("nothing is null", nothing),
                ("`kind`", {"kind": "Caf\u00e9"}), ("`kind`", {"kind": ""}),
                ("nothing is null", {"sealed_hash": "0" * 64}), ("one way", {"correlation": ""}),
                ("one way", {"participant": "AB" * 16}), ("one way", {"id": "aa " + "cc" * 15}),
                ("`version`", {"version": 1}), ("`version`", {"version": 0, "previous": "0" * 64})):
            log = book()
            row = log.rows[4]
            row.update(change)
            row["leaf"] = verify.sha(b"\0", hashed(row)).hex()
            with self.subTest(change):
                self.bad(self.export(log), words, first=5)
        wrong: tuple[dict[str, Any], ...] = (
            {"version": -1}, {"recorded_at": 2**63}, {"participant": "00"}, {"kind": 7},
            {"payload": {}}, {"on": None}, {"schema": 2**32}, {"actor": None})
        for change in wrong:
            log = book()
            log.rows[4].update(change)
            with self.subTest(change):
                self.bad(self.export(log), first=5)

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
        self.bad(self.export(log, "--checkpoint", held[0], "--leaves", leaves), "not those of a held")
        log.rows, log.notes = log.rows[:5], []
        self.bad(self.export(log, *both), "larger", first=6, last=8)

    def test_headers(self) -> None:
        good: dict[str, Any] = {
            "epochs": [{"first": 1, "origin": ORIGIN}], "format": "waystage-log/1", "size": 9}
        changes: tuple[dict[str, Any], ...] = (
            {"format": "waystage-log/2"}, {"size": "9"}, {"size": True}, {"epochs": []},
            {"epochs": [{"first": 2, "origin": ORIGIN}]}, {"epochs": [1]}, {"more": 1},
            {"epochs": good["epochs"] + [{"first": 11, "origin": ORIGIN + "/e2"}]})
        for change in changes:
            with self.subTest(change):
                head = json.dumps({**good, **change}) + "\n"
                self.bad(self.export([head] + book().lines()[1:]))
        log = book()
        lines = log.lines()
        for first, epoch in ((1, {"first": 1, "origin": "a b"}),
                             (3, {"first": 3, "origin": ORIGIN + "/e3"})):
            kept = [one for one in good["epochs"] if one["first"] != first]
            head = json.dumps({**good, "epochs": kept + [epoch]}) + "\n"
            self.bad(self.export([head] + lines[1:]), first=first)
        self.bad(self.export([lines[0].replace("test", "other")] + lines[1:], key=None), first=1)
        self.bad(self.export([lines[0].replace(":9}", ":8}")] + lines[1:]), "only notes")
        self.bad(self.export([lines[0].replace(":9}", ":10}")] + lines[1:]), first=10)
        self.bad(self.export([]), "does not end")
        self.good(self.export([lines[0].replace(":9}", ":0}")]))

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
                ("size: not", note(book().claim(9).replace("\n9\n", "\n09\n"), FIRST)),
                ("more", note(book().claim(9) + "more\n", FIRST)),
                ("no epoch", note(book().claim(9).replace("test", "rest"), FIRST)),
                ("no signed note", book().checkpoint(9).replace("\n9\n", "\n9\t\n")),
                ("no signed note", book().checkpoint(9).replace("\u2014", "-")),
                ("no signed note", book().checkpoint(9).rstrip("\n")),
                ("base64", note(book().claim(9).replace("=\n", "\n"), FIRST)),
                ("no signed note", book().claim(9)),
                ("rewritten", note(f"{ORIGIN}\n9\n{b64(bytes(32))}\n", FIRST))):
            log = book()
            log.notes[1] = ("checkpoint", text)
            where = {"first": 4, "last": 9} if words == "rewritten" else {}
            with self.subTest(text):
                self.bad(self.export(log), words, **where)
                held = self.file("held", text)
                where = {"first": 1, "last": 9} if words == "rewritten" else {}
                self.bad(self.export(book(), "--checkpoint", held), words, **where)

    def test_a_false_witness_line_refuses_and_a_strange_one_does_not(self) -> None:
        log, strange = book(), Signer(8, "stranger.example/w", verify.WITNESS)
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
        self.bad(self.ask("proof", self.file("p", b"\xff"), "--key", LOG_KEY), "utf-8")


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
                ("not in order", self.log(two, one, last=third)),
                ("other keys", self.log(book().rotation(5, FIRST, THIRD))),
                ("title", Book(book().rows))):
            if words == "title":
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
        new = log.claim(6, ORIGIN + "/e2")
        self.text = f"waystage/recovery/v1\n{old}{new}{THIRD.text}\n"
        log.notes = [("recovery", note(self.text, FIRST, THIRD)),
                     ("checkpoint", log.checkpoint(4)),
                     ("checkpoint", log.checkpoint(9, THIRD, origin=ORIGIN + "/e2"))]
        return log

    def test_what_is_held_fits_or_is_named_as_lost(self) -> None:
        log = self.log()
        held = [self.file(f"h{size}", self.before.checkpoint(size)) for size in (4, 7)]
        said = self.good(self.export(log, *(x for one in held for x in ("--checkpoint", one))))
        self.assertEqual("size 4 fits", said["held " + held[0]])
        self.assertEqual("size 7 is declared LOST", said["held " + held[1]])
        self.assertEqual("5 events are newer than what is held", said["not covered"])
        unnamed = self.log()
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
                ("as its note", 6, self.log(lost=(5, 8))),
                ("as its note", 6, self.log(lost=(6, None))),
                ("as its note", 6, self.log(lost=(6, 9))),
                ("as its note", 6, self.log(lost=(None, None))),
                ("as its note", 6, self.log(origin=ORIGIN + "/e3")),
                ("no signed note", None, self.log(old_checkpoint=book(8).claim(8))),
                ("as its note", 6, self.log(old_checkpoint=book(8).checkpoint(7)))):
            with self.subTest(words):
                self.bad(self.export(log), words, first=first)
        log = self.log()
        log.rows[5]["kind"] = "ContactMade"
        log.seal()
        self.bad(self.export(log), "begins each later epoch", first=6)
        log = self.log()
        log.rows[5]["participant"] = "77" * 16
        log.seal()
        self.bad(self.export(log), "in the log's own stream", first=6)

    def test_recovery_notes(self) -> None:
        changes: tuple[tuple[str, Callable[[str], list[str]]], ...] = (
            ("not signed", lambda text: [note(text, FIRST)]),
            ("not signed", lambda text: [note(text, THIRD)]),
            ("notes' epochs", lambda text: []),
            ("no epoch", lambda text: [note(text, FIRST, THIRD)] * 2),
            ("notes' epochs", lambda text: [
                note(text.replace("/e2\n6", "/e2\n7"), FIRST, THIRD)]),
            ("other keys", lambda text: [
                note(text.replace("/e2\n", "/e3\n"), FIRST, THIRD)]))
        for words, change in changes:
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


if __name__ == "__main__":
    unittest.main()
