#!/usr/bin/env python3
"""Runs the commands that a guide shows and compares what they print with what the guide says.

A block that begins with ```console and a line `$ waystage …` is run against a store; what follows
up to the end of the block has to be its output. With --bless the guide is written anew.
"""
import argparse
import difflib
import pathlib
import re
import subprocess
import sys

BLOCK = re.compile(r"(```console\n\$ (waystage [^\n]*)\n)(.*?)(```\n)", re.DOTALL)


def output(command: str, program: pathlib.Path, store: pathlib.Path) -> str:
    """Returns what a command prints, its standard error left out."""
    shell = f'waystage() {{ "{program}" --store "{store}" "$@"; }}; {command}'
    ran = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    if ran.returncode > 1:
        sys.exit(f"{command}\n{ran.stderr}")
    return ran.stdout


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("guide", type=pathlib.Path)
    asked.add_argument("--program", type=pathlib.Path, required=True)
    asked.add_argument("--store", type=pathlib.Path, required=True)
    asked.add_argument("--bless", action="store_true")
    given = asked.parse_args()
    before = given.guide.read_text(encoding="utf-8")

    def again(block: re.Match[str]) -> str:
        printed = output(block[2], given.program.resolve(), given.store.resolve())
        return block[1] + printed + block[4]

    after = BLOCK.sub(again, before)
    blocks = len(BLOCK.findall(before))
    if given.bless:
        given.guide.write_text(after, encoding="utf-8")
        print(f"{given.guide}: {blocks} commands written")
        return
    if before == after and blocks > 0:
        print(f"{given.guide}: {blocks} commands print what it says")
        return
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "guide", "now", n=1)
    sys.exit("\n".join(lines) or f"{given.guide} shows no command")


if __name__ == "__main__":
    main()
