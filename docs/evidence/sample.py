"""A small log that the tests write, sign and meddle with. Its keys are test keys only."""
from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import os
import tempfile
import unittest
from typing import Any, Optional

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import verify

Answer = tuple[int, dict[str, Any]]
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
    "77617973746167652e6576656e742e76310a000000196578616d706c652e6f72672f77617973746167652f7465"
    "7374000000000000000000000010000102030405060708090a0b0c0d0e0f000000000000000100000000000000"
    "0000000000000000000000000000000000000000000000000000000010019b76daa800d8b33b707411c3be76b7"
    "0000000852656665727265640000000100064748462040000000000800064748462040000000000a323032362d"
    "30312d30310000000d73797374656d3a696d706f72740000000c657874726163743a64656d6f00000003522d31"
    "0000000000000000000000137b2270726f6772616d6d65223a22777770227d0000000000000000000000000000"
    "000000000000000000000000000000000000")
LEAVES = ["46b746715147d71dcbfd6fd797543ea4ab56d88f40b31f1e3523a403c50d23c9",
          "3a381c7b2dc3c53911c59d07c992a13fb162916351688b5f31e78fc49058fa38",
          "679fd4e28a101b0446e91329007529c8fefb5168fd18d9cf9791d7947a408f76"]
REFERRED = {
    "version": 1, "schema": 1, "kind": "Referred", "on": "2026-01-01", "actor": "system:import",
    "reported_at": 1767225600000000, "source": "extract:demo", "correlation": None,
    "causation": None, "payload": '{"programme":"wwp"}', "previous": "0" * 64, "sealed_hash": None}
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


def data_of(origin: str, row: dict[str, Any]) -> bytes:
    return verify.leaf_data({**row, "origin": origin, "index": row["position"] - 1})


def leaf_of(origin: str, row: dict[str, Any]) -> bytes:
    return verify.sha(b"\0", data_of(origin, row))


class Signer:
    def __init__(self, seed: int, name: str, kind: int = verify.LOG):
        self.secret = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        raw = self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        public = bytes([kind]) + raw
        self.name, self.kind = name, kind
        self.id = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
        self.text = f"{name}+{self.id.hex()}+{b64(public)}"

    def line(self, text: str, time: int = 0) -> str:
        message, stamp = text.encode(), b""
        if self.kind == verify.WITNESS:
            message, stamp = b"cosignature/v1\ntime %d\n" % time + message, time.to_bytes(8, "big")
        return f"\u2014 {self.name} {b64(self.id + stamp + self.secret.sign(message))}\n"


def note(text: str, *signers: Signer) -> str:
    return text + "\n" + "".join(signer.line(text) for signer in signers)


FIRST, SECOND = Signer(1, ORIGIN), Signer(3, ORIGIN)
THIRD, STRANGER = Signer(4, ORIGIN + "/e2"), Signer(9, ORIGIN)
W1 = Signer(2, "auditor.example/w1", verify.WITNESS)


def tree(leaves: list[bytes]) -> bytes:
    """RFC 6962 as it is written, not as the verifier computes it."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return verify.sha(b"\1", tree(leaves[:split]), tree(leaves[split:]))


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
        self.epochs, self.rows = epochs or [(1, ORIGIN)], rows
        self.notes: list[tuple[str, str]] = []
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
        row["leaf"] = leaf_of(origin, row).hex()

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


def proof_of(log: Book, position: int, size: int, *signers: Signer, origin: str = ORIGIN) -> str:
    where = [name for first, name in log.epochs if first <= position][-1]
    data = data_of(where, log.rows[position - 1])
    hashes = "".join(b64(one) + "\n" for one in path(position - 1, log.leaves()[:size]))
    return (f"c2sp.org/tlog-proof@v1\nextra {b64(data)}\nindex {position - 1}\n{hashes}\n"
            + log.checkpoint(size, *signers, origin=origin))


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

    def ask(self, *argv: str) -> Answer:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = verify.main([*argv, "--json"])
            except SystemExit as end:
                return int(end.code or 0), {"wrong": err.getvalue()}
        return code, json.loads(out.getvalue())

    def export(self, log: Any, *more: str, key: Optional[str] = LOG_KEY) -> Answer:
        lines = log.lines() if isinstance(log, Book) else log
        trusted = ["--key", key] if key else []
        return self.ask("export", self.file("log.ndjson", "".join(lines)), *trusted, *more)

    def good(self, answer: Answer) -> dict[str, Any]:
        self.assertEqual((0, True), (answer[0], answer[1].get("ok")), answer)
        return answer[1]

    def bad(self, answer: Answer, words: str = "", first: Optional[int] = None,
            last: Optional[int] = None) -> None:
        code, said = answer
        where = (first, first if last is None else last)
        self.assertEqual((4, *where), (code, said.get("first"), said.get("last")), said)
        self.assertIn(words, said["wrong"])
