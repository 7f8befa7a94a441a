#!/usr/bin/env python3
"""What portroom.exe is made of, and whether it starts on the oldest system and on a newer one.

    test_binary.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]

imports.txt beside this file has what it may import. Wine calls itself Windows 7 SP1 (6.1.7601) or Windows 10 as it is told:
that shows what portroom does by the number, and nothing of those systems.
"""

import os
import re
import shutil
import subprocess
import sys

from wine import Tap, enter, guard

LARGEST = 2 << 20
OBJDUMP = "x86_64-w64-mingw32-objdump"
ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
# Where a program is built, or its tools come from; none is a path that portroom speaks of.
PLACES = (ROOT, "/usr/share/mingw", "/usr/lib/gcc") + tuple("/%s/" % name for name in ("home", "root", "tmp", "build"))


def allowed():
    """{library: functions}"""
    libraries, functions = {}, None
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "imports.txt"), encoding="ascii") as file:
        for line in file.read().splitlines():
            text = line.split("#")[0].rstrip()
            if text.startswith("\t"):
                functions.add(text.strip())
            elif text:
                functions = libraries.setdefault(text, set())
    return libraries


def imported(private):
    """The same, as objdump -p tells it."""
    libraries, functions = {}, None
    for line in private.splitlines():
        if name := re.match(r"\s*DLL Name: (\S+)", line):
            functions = libraries.setdefault(name[1], set())
        elif functions is not None and (entry := re.match(r"\t[0-9a-f]+\s+\d+\s+(\S+)$", line)):
            functions.add(entry[1])
        elif line.startswith("The "):
            functions = None
    return libraries


def try_imports(tap, private):
    may, does = allowed(), imported(private)
    tap.ok("KERNEL32.dll" in does and len(does["KERNEL32.dll"]) > 20, "imports are found", does)
    tap.ok(set(does) <= set(may), "only libraries of imports.txt are imported, which every Windows has",
           sorted(set(does) - set(may)))
    extra = {name: sorted(does[name] - may.get(name, set())) for name in does}
    extra = {name: names for name, names in extra.items() if names}
    tap.ok(not extra, "only functions of imports.txt are imported: documented ones, of Windows 7 SP1", extra)


def try_protection(tap, private):
    found = re.search(r"DllCharacteristics\s+([0-9a-f]+)", private)
    flags = int(found[1], 16) if found else 0
    tap.ok(flags & 0x160 == 0x160, "it may be loaded anywhere, and its data are not run", hex(flags))


def try_bytes(tap, data):
    if b".debug_info" in data or b"/4\0\0\0\0\0\0" in data:
        tap.skip("no path of the machine that built it is in it", "it was built with debugging information")
    else:
        tap.ok(len(data) <= LARGEST, "it has 2 MB at most", len(data))
        wide = [place for place in PLACES if place.encode("utf-16-le") in data]
        narrow = [place for place in PLACES if place.encode() in data]
        around = [data[max(0, data.find(place.encode()) - 40):][:120] for place in narrow]
        tap.ok(not wide and not narrow, "no path of the machine that built it is in it", wide, around)
    for text in (b"longPathAware", b'level="asInvoker"', b"{35138b9a-5d96-4fbd-8e2d-a2440225f93a}",
                 b"{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"):
        tap.ok(text in data, "its manifest has " + text.decode())
    for text in ("FileDescription", "ProductVersion", "portroom.exe"):
        tap.ok(text.encode("utf-16-le") in data, "its version resource has " + text)


def try_start(tap, wine, version):
    wine.set_version(version)
    answer = wine.portroom("--version")
    tap.ok(answer.status == 0 and answer.out.startswith("portroom "), "it starts on %s" % version, answer)
    answer = wine.portroom("check")
    tap.ok(answer.status in (0, 1, 2, 3) and re.match("OK|WARNING|CRITICAL|UNKNOWN", answer.out),
           "it has a verdict on %s" % version, answer)


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        with open(wine.program, "rb") as file:
            data = file.read()
        if shutil.which(OBJDUMP):
            private = subprocess.run([OBJDUMP, "-p", wine.program], check=True, stdout=subprocess.PIPE,
                                     text=True).stdout
            guard(tap, "imports", try_imports, tap, private)
            guard(tap, "protection", try_protection, tap, private)
        else:
            tap.skip("imports", "%s is not there" % OBJDUMP)
        guard(tap, "bytes", try_bytes, tap, data)
        try:
            for version in ("win7", "win10"):
                guard(tap, version, try_start, tap, wine, version)
        finally:
            wine.run(["reg", "delete", r"HKCU\Software\Wine", "/v", "Version", "/f"])
        guard(tap, "as it came", try_as_it_came, tap, wine)
    return tap.finish()


def try_as_it_came(tap, wine):
    """A new prefix of Debian's Wine says 6.1.7601."""
    answer = wine.run(["cmd", "/c", "ver"])
    tap.ok("6.1.7601" in answer.out, "Wine as it comes says Windows 7 SP1", answer)
    answer = wine.portroom("check", "-v")
    tap.ok(answer.status in (0, 1, 2, 3) and not answer.err, "it has a verdict there, with nothing to complain of", answer)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
