#!/usr/bin/env python3
"""The zip for Windows: what is in it, and that the program runs out of it.

    test_package.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]

The zip is looked for beside PORTROOM.EXE.
"""

import glob
import os
import re
import sys
import zipfile

from wine import Tap, enter, guard, need

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def pages():
    return sorted(os.path.basename(path).removesuffix(".scd") for path in glob.glob(os.path.join(ROOT, "man", "*.scd")))


def try_contents(tap, files, folder, program):
    wanted = ["portroom.exe", "portroom.ps1", "README.txt", "LICENSE.txt", "licences/mingw-w64.txt", "licences/gcc.txt",
              "licences/jsmn.txt", "manual/manual.css", "doc/schema/check-1.json"]
    wanted += ["manual/%s.%s" % (page, ending) for page in pages() for ending in ("txt", "html")]
    tap.ok(pages() and not [name for name in wanted if name not in files], "everything is in it",
           [name for name in wanted if name not in files])
    tap.ok(re.fullmatch(r"portroom-[0-9.]+-windows-x86_64", folder), "all in one folder, which says what it is", folder)
    with open(program, "rb") as file:
        tap.ok(files["portroom.exe"] == file.read(), "the program is the one that was built")
    tap.ok(b"Apache License" in files["LICENSE.txt"], "the licence is ours")
    tap.ok(b"mingw-w64" in files["licences/mingw-w64.txt"] and
           b"GCC RUNTIME LIBRARY EXCEPTION" in files["licences/gcc.txt"].upper() and
           b"jsmn" in files["licences/jsmn.txt"], "so are the terms of what is linked in")


def try_texts(tap, files):
    odd = [name for name, data in files.items() if name.endswith((".txt", ".ps1", ".html", ".json", ".md")) and
           (b"\n" not in data or data.count(b"\n") != data.count(b"\r\n"))]
    tap.ok(not odd, "text has the ends of lines of Windows", odd)
    unmarked = [name for name, data in files.items() if name.endswith(".txt") and not data.isascii() and
                not data.startswith(b"\xef\xbb\xbf")]
    tap.ok(not unmarked, "text that is more than ASCII says that it is UTF-8", unmarked)
    check = files["manual/portroom-check.1.txt"].decode("ascii", "replace")
    tap.ok("NAME" in check and "\b" not in check and "ProgramData" in check,
           "the manual is text, and tells paths of Windows", check[:400])
    html = files["manual/portroom-check.1.html"].decode("utf-8")
    linked = re.findall(r'href="(portroom[^"#]*)"', html)
    tap.ok(linked and not [name for name in linked if "manual/" + name not in files], "its pages lead to each other",
           linked)
    tap.ok(files["portroom.ps1"].isascii() and b"Register-ArgumentCompleter" in files["portroom.ps1"],
           "the completion script is of PowerShell")


def try_run(tap, wine, archive, folder):
    place = wine.file("unpacked 端口")
    archive.extractall(place)
    program = os.path.join(place, folder, "portroom.exe")
    answer = wine.run([program, "--version"])
    tap.ok(answer.status == 0 and answer.out == "portroom %s\n" % folder.split("-")[1],
           "unpacked, the program runs, and has the version of its zip", answer)
    answer = wine.run([program, "check"])
    tap.ok(re.match("OK|WARNING|CRITICAL|UNKNOWN", answer.out), "and has a verdict", answer)


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        found = glob.glob(os.path.join(os.path.dirname(wine.program), "portroom-*-windows-x86_64.zip"))
        if not found:
            need(tap, "there is a zip", "it is made where mandoc and scdoc are")
        with zipfile.ZipFile(found[0]) as archive:
            names = archive.namelist()
            folder = names[0].split("/")[0]
            tap.ok(all(name.startswith(folder + "/") for name in names) and
                   found[0].endswith(folder + ".zip"), "it unpacks into one folder of its own name", names[:3])
            files = {name[len(folder) + 1:]: archive.read(name) for name in names}
            guard(tap, "contents", try_contents, tap, files, folder, wine.program)
            guard(tap, "texts", try_texts, tap, files)
            guard(tap, "run", try_run, tap, wine, archive, folder)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
