"""Tests of the verifier: published vectors, proof files, certificates, garbage.

Run with `python3 -m unittest discover docs/evidence`.
"""
from __future__ import annotations

import base64
import hashlib
import json
import random
import unittest
from typing import Any

import verify
from sample import (
    CHECKPOINT, EVENTS, FIRST, LEAF_DATA, LEAVES, LOG_KEY, ORIGIN, SECOND, STRANGER, W1,
    WITNESS_KEY, Answer, Book, Case, Signer, b64, book, data_of, event, note, own, path, proof_of,
    subproof, tree)


class Vectors(Case):
    def test_leaf_data_and_leaves(self) -> None:
        self.assertEqual(LEAF_DATA, data_of(ORIGIN, EVENTS[0]).hex())
        for row, leaf, length in zip(EVENTS, LEAVES, (288, 288, 296)):
            data = data_of(ORIGIN, row)
            self.assertEqual((leaf, length), (verify.sha(b"\0", data).hex(), len(data)))
            read = verify.parse_leaf_data(data)
            self.assertEqual((ORIGIN, row["position"] - 1), (read.pop("origin"), read.pop("index")))
            self.assertEqual(row, {**read, "position": row["position"]})

    def test_roots(self) -> None:
        roots = verify.roots_at(bytes.fromhex("".join(LEAVES)), {1, 2, 3})
        self.assertEqual(
            [hashlib.sha256().hexdigest(), LEAVES[0],
             "fec1dcc85565ce6b42a3a672e93c04311d1fa2308892de065abfbbcae6ae7a51",
             "8a2e07e4392d4a81a745e5d088f5e7a1613f1b239aa2de9d0dbe93f217df99aa"],
            [roots[size].hex() for size in range(4)])
        inputs = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                  "606162636465666768696a6b6c6d6e6f")
        leaves = [verify.sha(b"\0", bytes.fromhex(one)) for one in inputs]
        roots = verify.roots_at(b"".join(leaves), {1, 8})
        self.assertEqual("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                         roots[1].hex())
        self.assertEqual("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
                         roots[8].hex())

    def test_keys_and_signatures(self) -> None:
        log, witness = verify.parse_key(LOG_KEY), verify.parse_key(WITNESS_KEY, verify.WITNESS)
        self.assertEqual(("8d759a2d", "2a09e825"), (log.id.hex(), witness.id.hex()))
        self.assertEqual((FIRST.text, W1.text), (LOG_KEY, WITNESS_KEY))
        read = verify.Note(CHECKPOINT, "it")
        self.assertEqual([0], read.signed(log))
        self.assertEqual([1767229260], read.signed(witness))
        self.assertEqual(3, read.at.size)
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
        rng = random.Random(7)
        lines: list[dict[str, Any]] = []
        for size in range(1, 34):
            leaves = [verify.sha(b"\0", bytes([at])) for at in range(size)]
            for index in range(size):
                proof = path(index, leaves)
                lines.append(dict(proof="inclusion", leaf=leaves[index].hex(), index=index,
                                  holds=True, size=size, root=tree(leaves).hex(),
                                  hashes=[h.hex() for h in proof]))
            for old in range(size + 1):
                proof = subproof(old, leaves) if old else []
                lines.append(dict(proof="consistency", old=old, new=size, holds=True,
                                  old_root=tree(leaves[:old]).hex(), new_root=tree(leaves).hex(),
                                  hashes=[h.hex() for h in proof]))
        for old, new in ((3, 7), (4, 7), (0, 0), (5, 5), (5, 4)):
            roots = {f"{name}_root": tree([bytes(32)] * size).hex()
                     for name, size in (("old", old), ("new", new))}
            lines.append(dict(proof="consistency", old=old, new=new, hashes=[], holds=old == new,
                              **roots))
        for one in [one for one in lines if one["holds"]]:
            wrong = dict(one, holds=False, hashes=list(one["hashes"]))
            if wrong["hashes"] and rng.random() < 0.5:
                wrong["hashes"].pop(rng.randrange(len(wrong["hashes"])))
            else:
                wrong["hashes"].insert(0, "00" * 32)
            lines.append(wrong)
        text = "".join(json.dumps(one) + "\n" for one in lines)
        self.assertEqual(f"{len(lines)} of {len(lines)}",
                         self.good(self.ask("vectors", self.file("v", text)))["agree"])
        lines[5]["holds"] = False
        text = "".join(json.dumps(one) + "\n" for one in lines)
        self.bad(self.ask("vectors", self.file("v", text)), "at lines [6]")
        self.bad(self.ask("vectors", self.file("v", "{}\n")), "proof")


class Proofs(Case):
    def test_every_receipt_verifies_and_prints_its_event(self) -> None:
        log = book()
        for size in (1, 2, 5, 8, 9):
            for position in range(1, size + 1):
                text = proof_of(log, position, size, FIRST, W1)
                said = self.good(self.ask("proof", self.file("p.tlog-proof", text),
                                          "--key", LOG_KEY, "--witness", W1.text))
                row = {**log.rows[position - 1], "origin": ORIGIN, "index": position - 1}
                del row["leaf"], row["position"]
                self.assertEqual(row, said["event"])

    def test_mutations(self) -> None:
        good = proof_of(book(), 4, 9, FIRST)
        lines = good.split("\n")
        data = base64.b64decode(lines[1][6:])
        other = data_of("example.org/other", book().rows[3])
        for words, text in (
                ("three lines", good.replace("@v1", "@v2")),
                ("three lines", good.replace("extra", "x")),
                ("three lines", good.replace("index 3", "index 03")),
                ("another place", good.replace("index 3", "index 4")),
                ("do not lead", good.replace(lines[3] + "\n", "")),
                ("do not lead", good.replace(lines[3], lines[4])),
                ("a hash", good.replace(lines[3], b64(bytes(31)))),
                ("do not lead", good.replace(
                    lines[1], "extra " + b64(data.replace(b"import", b"export")))),
                ("not exactly", good.replace(lines[1], "extra " + b64(data + b"x"))),
                ("a hash", good.replace(lines[1], lines[1][:-2] + "B=")
                 if lines[1].endswith("A=") else good.replace(lines[3], lines[3][:-2] + "/=")),
                ("another place or log", good.replace(lines[1], "extra " + b64(other))),
                ("does not verify", good.replace("\n9\n", "\n10\n")),
                ("not signed", good.replace(f"\u2014 {ORIGIN}", "\u2014 other")),
                ("no signed note", good.split("\n\n")[0]), ("three lines", "")):
            with self.subTest(words):
                self.assertNotEqual(good, text)
                self.bad(self.ask("proof", self.file("p", text), "--key", LOG_KEY), words)
        self.bad(self.ask("proof", self.file("p", good), "--key", LOG_KEY, "--witness", W1.text),
                 "not signed by each witness")
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
            "version": "1", "fingerprint": "ab" * 32, "scenario": "none", "participants": "3",
            "parked": "0", "erased": "0", "rows": "2",
            "result": hashlib.sha256(self.RESULT.encode()).hexdigest(), **changes}
        every = [f"{name} {value}\n" for name, value in members.items()]
        return "".join(["waystage/certificate/v1\n", *every[:7], *lines, *every[7:]])

    def certificate(self, text: str, *more: str, key: Signer = FIRST) -> Answer:
        return self.ask("certificate", self.file("c", note(text, key)), "--key", LOG_KEY, *more)

    def test_it_fits_alone_and_with_its_sources(self) -> None:
        self.good(self.certificate(self.text()))
        sources = ["--export", self.path, "--result", self.result]
        said = self.good(self.certificate(self.text(), *sources))
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
        export = ["--export", self.path]
        self.good(self.certificate(self.text("old", **size), *export))
        self.bad(self.certificate(self.text("new", **size), *export), "pack: pack-wwp")

    def test_each_failure_names_its_member(self) -> None:
        good = self.text()
        packs = [line + "\n" for line in good.split("\n") if line.startswith("pack ")]
        for member, text in [(name, self.text(**{name: value})) for name, value in (
                ("origin", "example.org/other"), ("size", "010"), ("known_at", "2026-01-31"),
                ("basis", "guessed"), ("packs", "00" * 32),
                ("version", "one"), ("scenario", "some"), ("rows", "-2"), ("result", "xx"),
                ("root", "xx"))] + [
                ("pack", good.replace(packs[0] + packs[1], packs[1] + packs[0])),
                ("packs", good.replace(packs[1], "")),
                ("version", good.replace("version 1", "v 1")),
                ("parked", good.replace("parked 0\nerased 0", "erased 0\nparked 0")),
                ("model", "\n".join(good.split("\n")[:9]) + "\n"), ("title", "x\n" + good)]:
            with self.subTest(member):
                self.bad(self.certificate(text), member + ": ")
        for change in ({"as_of": "2026-02-30"}, {"as_of": "31 January"},
                       {"known_at": "2026-13-31T23:59:59.000000Z"}):
            self.bad(self.certificate(self.text(**change)))
        export = ["--export", self.path]
        self.bad(self.certificate(self.text(size="10"), *export), "size: ")
        self.bad(self.certificate(self.text(root=b64(bytes(32))), *export), "root: ")
        self.bad(self.certificate(good, key=STRANGER), "signature: ")
        self.bad(self.certificate(good, "--result", self.file("r", self.RESULT + "\n")), "result: ")
        self.bad(self.certificate(self.text(rows="3"), "--result", self.result), "rows: ")
        self.log.rows[6]["payload"] = "{}"
        broken = self.file("broken", "".join(self.log.lines()))
        self.bad(self.certificate(good, "--export", broken), first=7)

    def test_what_was_adopted_must_be_its_text(self) -> None:
        other = [("rates-2027", "other"), ("pack-xyz", "rates"), ("pack-wwp", "other")]
        for name, text in other:
            line = f"pack {name} {hashlib.sha256(text.encode()).hexdigest()}"
            packs = hashlib.sha256(f"{line}\n".encode()).hexdigest()
            whole = [one for one in self.text(packs=packs).split("\n") if one[:5] != "pack "]
            whole.insert(8, line)
            with self.subTest(name):
                self.bad(self.certificate("\n".join(whole), "--export", self.path), "pack: ")
        for words, payload in (
                ("pack: ", json.dumps({"text": "new", "digest": "00" * 32})),
                ("pack: ", json.dumps({"text": "new"})), ("", "{"), ("", "[]"),
                ("", '{"text":"\\ud800","digest":"%s"}' % ("00" * 32))):
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
                fits = raw == content and mode != "certificate"
                self.assertEqual(0 if fits else 4, code, bytes(raw))


if __name__ == "__main__":
    unittest.main()
