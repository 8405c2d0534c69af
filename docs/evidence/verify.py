#!/usr/bin/env python3
"""Verifies the evidence of a waystage log: offline, without the engine, from FORMAT.md alone.

Needs Python 3.9 and the package `cryptography`. README.md beside it says what each answer means.
Exit codes: 0 everything fits, 4 something does not, 2 it cannot be asked that way.
`layout.py` reads the bytes (FORMAT.md sections 1 to 8), `export.py` judges a log (9 and 10); here
are proof files (6), certificates (11), vectors and the command line.
"""
from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from datetime import datetime, timedelta
from typing import Any, Optional

from export import Facts, Log, judge_export
from layout import (
    LOG, NAME, NUMBER, WITNESS, Bad, Claim, Key, Note, consistent, decimal, epoch_of, included,
    is_day, key_of, leaf_hash, make_epochs, must_sign, need, parse_change, parse_checkpoint,
    parse_json, parse_key, parse_leaf_data, parse_line, parse_note, read_text, roots_at, signed,
    unbase64, walk_keys)

# ---- proof files (section 6)

def verify_proof(args: argparse.Namespace) -> Facts:
    head, _, rest = read_text(args.file).partition("\n\n")
    begin = re.match("c2sp[.]org/tlog-proof@v1\nextra ([^\n]+)\nindex ([^\n]+)(\n|$)", head)
    if not begin:
        raise Bad("the file does not begin with the three lines of a tlog-proof")
    data, index = unbase64(begin[1], "extra"), decimal(begin[2], "index")
    path = head[begin.end():].split("\n") if begin[3] else []
    proof = [unbase64(line, "a hash of the proof", 32) for line in path]
    note = parse_note(rest, "the checkpoint")
    claim = parse_checkpoint(note)
    changes = [parse_change(parse_note(read_text(one), one)) for one in args.rotations]
    firsts = [(one.after.size, one.after.origin) for one in changes if one.after]
    epochs = make_epochs([(1, args.key.name), *firsts])
    walk_keys(epochs, args.key, changes)
    epoch = epoch_of(epochs, claim, note.what)
    must_sign(note, key_of(epoch, claim.size))
    origin, row = parse_leaf_data(data)
    need(row["position"] == index + 1, "the event's position is not the index plus one")
    known = epochs[:epochs.index(epoch) + 1]
    need(origin == [one.origin for one in known if one.first <= index + 1][-1],
         f"the event's origin, {origin}, is not the log's at position {index + 1}")
    need(included(leaf_hash(data), index, claim.size, proof, claim.root),
         f"the hashes do not lead from the event to the root of size {claim.size}")
    for witness in args.witness:
        need(signed(note, witness), f"the checkpoint is not signed by witness {witness.name}")
    lost = claim.size >= epoch.end
    return {"event": row, "origin": origin, "leaf": leaf_hash(data).hex(), "size": claim.size,
            "branch": "of an old epoch, which the log did not go on from" if lost else "the log's",
            "witnesses": [[one.name, *signed(note, one)] for one in args.witness]}


# ---- certificates (section 11)

FORMS = {
    "origin": NAME, "size": NUMBER, "root": "[A-Za-z0-9+/]{43}=", "as_of": "[0-9]{4}(-[0-9]{2}){2}",
    "known_at": "[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}[.][0-9]{6}Z",
    "basis": "recorded|reported", "packs": "[0-9a-f]{64}",
    "pack": "(pack|rates|calendar|geography)-[^ ]+ [0-9a-f]{64}", "model": ".+", "version": NUMBER,
    "fingerprint": "[0-9a-f]+", "scenario": "none|[0-9a-f]{64}( .+)?", "participants": NUMBER,
    "parked": NUMBER, "erased": NUMBER, "rows": NUMBER, "result": "[0-9a-f]{64}"}


def parse_certificate(note: Note) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Members and packs of a certificate (section 11), in order and each in its form."""
    title, *lines = note.text[:-1].split("\n")
    need(title == "waystage/certificate/v1", "the first line is not that of a certificate")
    names = [name for name in FORMS if name != "pack"]
    names[7:7] = ["pack"] * (len(lines) - len(names))
    need(len(names) == len(lines), "lines: there are not enough of them")
    pairs = [(name, line[len(name) + 1:]) for name, line in zip(names, lines)]
    for (name, value), line in zip(pairs, lines):
        need(line == f"{name} {value}" and re.fullmatch(FORMS[name], value), f"{name}: {line!r}")
    packs = [value for name, value in pairs if name == "pack"]
    ids = [value.split(" ")[0].encode() for value in packs]
    need(ids == sorted(set(ids)), "pack: names are not in order, or one stands twice")
    digest = hashlib.sha256("".join(f"pack {value}\n" for value in packs).encode()).hexdigest()
    members = dict(pairs)
    need(members["packs"] == digest, "packs: not the digest of the pack lines")
    need(is_day(members["as_of"]), "as_of: not a day")
    return members, [(value.split(" ")[0], value.split(" ")[1]) for value in packs]


def microseconds(text: str) -> int:
    try:
        passed = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ") - datetime(1970, 1, 1)
    except ValueError:
        raise Bad("known_at: not a time") from None
    return passed // timedelta(microseconds=1)


def adopted(log: Log, size: int, through: Optional[int]) -> tuple[dict[str, str], set[str]]:
    """Digests of the packs in force by name, and of every table that was adopted."""
    packs: dict[str, str] = {}
    tables: set[str] = set()
    for event in log.own:
        if event.kind == "LogRecovered" or event.position > size:
            continue
        if through is not None and event.recorded_at > through:
            continue
        told, where = parse_json(event.payload.encode()), f"pack: adopted at {event.position}"
        names = ("id", "digest", "text") if event.kind == "PackAdopted" else ("digest", "text")
        need(type(told) is dict and all(type(told.get(name)) is str for name in names),
             f"{where} without its {', '.join(names)}")
        need(hashlib.sha256(told["text"].encode()).hexdigest() == told["digest"],
             f"{where} with another digest than its text's")
        if event.kind == "PackAdopted":
            packs[f"pack-{told['id']}"] = told["digest"]
        else:
            tables.add(told["digest"])
    return packs, tables


def verify_certificate(args: argparse.Namespace) -> Facts:
    note = parse_note(read_text(args.file), "signature")
    members, packs = parse_certificate(note)
    known_at, size = microseconds(members["known_at"]), int(members["size"])
    claim = Claim(members["origin"], size, unbase64(members["root"], "root", 32))
    facts: Facts = {"export": "not asked"}
    if args.export:
        try:
            log, facts = judge_export(args.export, args.key, [], None, [])
        except Bad as bad:
            raise Bad(f"export: {bad}", bad.first, bad.last) from None
        epoch = epoch_of(log.epochs, claim, "origin")
        need(size <= log.size and size < epoch.end, "size: the export does not go so far")
        need(roots_at(log.leaves, {size})[size] == claim.root, f"root: another at size {size}")
        in_force, tables = adopted(log, size, known_at if members["basis"] == "recorded" else None)
        for name, digest in packs:
            need(in_force.get(name) == digest if name.startswith("pack-") else digest in tables,
                 f"pack: {name} was not adopted in this text, or another was in force")
        keys = [key for limit, key in epoch.keys if size <= limit and key]
    else:
        need(members["origin"] == args.key.name, "origin: not the name of the key")
        keys = [args.key]
    need(any([signed(note, key) for key in keys]), "signature: none of the log's key at that size")
    if args.result:
        check_result(args.result, int(members["rows"]), members["result"])
    facts["result"] = "fits" if args.result else "not asked"
    return {**facts, "certificate": members, "packs": packs}


def check_result(path: str, rows: int, digest: str) -> None:
    count, sha = 0, hashlib.sha256()
    with open(path, "rb") as file:
        for count, line in enumerate(file, 1):
            sha.update(line)
    need(sha.hexdigest() == digest, "result: the file's digest is another")
    need(count == rows, f"rows: the file has {count}")


# ---- comparing two verifiers

def verdict(one: dict[str, Any]) -> bool:
    hashes = {name: bytes.fromhex(one[name]) for name in ("leaf", "root", "old_root", "new_root")
              if name in one}
    proof = [bytes.fromhex(step) for step in one["proof"]]
    if any(len(hash) != 32 for hash in [*hashes.values(), *proof]):
        return False
    if one["kind"] == "inclusion":
        return included(hashes["leaf"], one["index"], one["size"], proof, hashes["root"])
    need(one["kind"] == "consistency", "its kind is neither inclusion nor consistency")
    return consistent(one["old"], one["new"], proof, hashes["old_root"], hashes["new_root"])


def verify_vectors(args: argparse.Namespace) -> Facts:
    """Whether this verifier judges many proofs as another one did."""
    count, other = 0, []
    with open(args.file, "rb") as file:
        for count, line in enumerate(file, 1):
            try:
                one = parse_line(line)
                need(type(one["ok"]) is bool, "its `ok` is not true or false")
                other += [] if verdict(one) is one["ok"] else [count]
            except (KeyError, TypeError, ValueError) as bad:
                raise Bad(f"line {count} is not a vector: {bad}") from None
    need(not other, f"{count - len(other)} of {count} agree; others first at lines {other[:9]}")
    return {"agree": f"{count} of {count}"}


# ---- the command line

def verify_export(args: argparse.Namespace) -> Facts:
    return judge_export(args.file, args.key, args.checkpoint, args.leaves, args.witness)[1]


def log_key(text: str) -> Key:
    return parse_key(text, LOG)


def witness_key(text: str) -> Key:
    return parse_key(text, WITNESS)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    modes = parser.add_subparsers(dest="mode", required=True)
    for name, verify, options in (
            ("export", verify_export, "key checkpoint leaves witness"),
            ("proof", verify_proof, "key! rotations witness"),
            ("certificate", verify_certificate, "key! export result"),
            ("vectors", verify_vectors, "")):
        mode = modes.add_parser(name)
        mode.set_defaults(verify=verify)
        mode.add_argument("file")
        mode.add_argument("--json", action="store_true", help="answer in JSON")
        for option in options.split():
            flag = "--" + option.rstrip("!")
            if option.startswith("key"):
                mode.add_argument(flag, type=log_key, required=option == "key!",
                                  help="the log's first public key, name+id+base64")
            elif option in ("checkpoint", "rotations", "witness"):
                kind: Any = witness_key if option == "witness" else str
                mode.add_argument(flag, type=kind, action="append", default=[])
            else:
                mode.add_argument(flag)
    return parser


def main(argv: Optional[list[str]] = None) -> int:
    args = arguments().parse_args(argv)
    try:
        code, facts = 0, {"ok": True, **args.verify(args)}
    except Bad as bad:
        where = {} if bad.first is None else {"first": bad.first, "last": bad.last}
        code, facts = 4, {"ok": False, **where, "wrong": str(bad)}
    except OSError as error:
        code, facts = 2, {"ok": None, "wrong": f"cannot read a file: {error}"}
    if args.json:
        print(json.dumps(facts))
    else:
        for name, value in facts.items():
            indent = 2 if isinstance(value, dict) else None
            text = value if isinstance(value, str) else json.dumps(value, indent=indent)
            print(f"{name}: {text}")
    return code


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(main())
