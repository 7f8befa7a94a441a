#!/usr/bin/env python3
"""What makes no sense is refused under Wine in the same words as on this system.

    test_badinput.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]

The command lines are those of tests/live/test_badinput.py. Where they speak of what only one system has, the sentence
is another, but it is one, with the same exit status.
"""

import importlib.util
import os
import sys

from wine import HERE, Tap, enter, guard, native, run

# The test of this system has the same name; its lines are wanted.
LIVE = importlib.util.spec_from_file_location("live_badinput", os.path.join(HERE, "..", "live", "test_badinput.py"))
live = importlib.util.module_from_spec(LIVE)
LIVE.loader.exec_module(live)
LINES = [line.split() for line, _, _ in live.NEAREST + live.REFUSED] + [
    ["room", "1.2.3.4:80", ""], ["range", "set", "--first", "5"], ["range", "set", "1024", "70000"], ["range", "fly"],
    ["handles", "abc"], ["handles", "1", "2"], ["explain", "no-such-topic"], ["explain", "10047x"],
    ["watch", "--every", "0s"], ["watch", "--count", "x"], ["events", "--since", "yesterdays"], ["save"], ["read"],
    ["close"], ["close", "--state", "none"], ["whatif"], ["whatif", "--first", "70000"], ["probe", "nowhere"],
    ["lab", "no-such-lab"], ["check", "--on"], ["check", "--on", ""], ["--on"], ["help", "chekc"],
    ["check", "--lang", "xx"], ["check", "--color", "loud"]]

# What the systems differ in: namespaces, where sockets are read from, BPF, another root.
SYSTEM_WORDS = ("--netns", "--source", "--root", "--no-bpf", "--v6only", "fe80::1")

FILES = {
    "empty.txt": b"",
    "noise.bin": bytes(range(256)) * 40,
    "prose.txt": b"Nothing of ports is told here.\r\nIn no line.\r\n",
    "half.json": b'{"schema": "portroom.snapshot/1", "time": "2026-01-01T00:00:00Z", "sockets": [',
    "other.json": b'{"schema": "portroom.check/1"}\n',
    "later.json": b'{"schema": "portroom.snapshot/9"}\n',
    "cut.etl": bytes(100),
    "zeros.dmp": bytes(5000),
    "deep.json": b"[" * 100000,
    "utf16.txt": "\ufeffnichts".encode("utf-16le"),
    "\u4e2d\u6587 \u00fc.txt": b"nothing\n",
}


def one_sentence(answer, status):
    return answer.status == status and not answer.out and answer.err.count("\n") == 1 and answer.err.endswith("\n")


def try_line(tap, wine, portroom, words):
    here, there = run([portroom] + words), wine.portroom(*words)
    line = " ".join(words)
    if any(word in line for word in SYSTEM_WORDS):
        tap.ok(one_sentence(there, here.status), "'portroom %s' is refused in a sentence" % line, here, there)
        return
    tap.ok(one_sentence(there, here.status) and there.err == here.err,
           "'portroom %s' is refused in the same sentence" % line, here, there)


def try_file(tap, wine, portroom, folder, name):
    for command in ("check", "list", "read"):
        words = [command, name] if command == "read" else [command, "--on", name]
        here, there = run([portroom] + words, cwd=folder), wine.portroom(*words, cwd=folder)
        tap.ok(here.status == there.status and here.status and here.err == there.err and here.out == there.out,
               "%s %s: the same words" % (command, name), here, there)


def try_files(tap, wine, portroom):
    folder = wine.file("bad")
    os.mkdir(folder)
    os.mkdir(os.path.join(folder, "folder"))
    for name, data in FILES.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
    for name in list(FILES) + ["folder", "nowhere.txt", "nowhere/at all.txt"]:
        guard(tap, name, try_file, tap, wine, portroom, folder, name)
    for words in (["check", "--on", "prose.txt", "--on", "half.json"], ["check", "--on", "prose.txt", "noise.bin"],
                  ["trace", "--on", "prose.txt"], ["trace", "--on", "nowhere.etl"], ["watch", "--on", "prose.txt"],
                  ["probe", "127.0.0.1:1", "--on", "prose.txt"], ["save", "x.json", "--on", "prose.txt"],
                  ["close", "--on", "prose.txt"]):
        here, there = run([portroom] + words, cwd=folder), wine.portroom(*words, cwd=folder)
        tap.ok(here.status == there.status and here.err == there.err and here.status,
               "'portroom %s' ends with the same words" % " ".join(words), here, there)


def try_input(tap, wine, portroom):
    """Standard input, too: empty, and of no known kind."""
    for name, data in (("nothing", b""), ("noise", FILES["noise.bin"])):
        path = wine.file("input")
        with open(path, "wb") as file:
            file.write(data)
        with open(path, "rb") as file:
            here = run([portroom, "check", "--on", "-"], stdin=file)
        there = wine.portroom("check", "--on", "-", stdin=data)
        tap.ok(one_sentence(there, 3) and here.err == there.err, "%s on standard input is refused" % name, here, there)


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        portroom = native(tap)
        for line in LINES:
            guard(tap, " ".join(line), try_line, tap, wine, portroom, line)
        guard(tap, "files", try_files, tap, wine, portroom)
        guard(tap, "standard input", try_input, tap, wine, portroom)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
