#!/usr/bin/env python3
"""Make the zip for Windows: the program, its licences, the manual as text and as HTML, completion.

    windows-zip.py ZIP --program EXE --completion PS1 --source DIR --manual DIR PAGE...

Everything is in one folder, called as the zip. Text gets the ends of lines of Windows. The same files make the
same zip: times are those of the format's beginning, names are sorted.
"""

import argparse
import glob
import os
import re
import subprocess
import zipfile

# What is linked into the program, and who tells its terms.
LICENCES = {
    "mingw-w64.txt": "mingw-w64-x86-64-dev",
    "gcc.txt": "gcc-mingw-w64-base",
    "jsmn.txt": "libjsmn-dev",
}
LINE_ENDS = (".txt", ".md", ".ps1", ".json", ".html")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def manual(page, output):
    """A page as mandoc writes it; in text, bold letters are letters struck over."""
    options = {"ascii": ["-O", "width=78"], "html": ["-O", "style=manual.css"]}[output]
    made = subprocess.run(["mandoc", "-T", output] + options + [page], check=True, stdout=subprocess.PIPE)
    return re.sub(rb".\x08", b"", made.stdout)


def linked(html, pages):
    """Pages that are named lead to themselves: scdoc writes the names as bold text only."""
    def link(found):
        page = b"%s.%s" % (found[1], found[2])
        return b'<a href="%s.html">%s</a>' % (page, found[0]) if page.decode() in pages else found[0]
    return re.sub(rb"<b>(portroom[a-z.-]*)</b>\(([1-8])\)", link, html)


STYLE = b"""body { max-width: 50em; margin: 2em auto; font-family: sans-serif; line-height: 1.4; }
pre, code, .Bf { font-family: Consolas, monospace; }
table.head, table.foot { width: 100%; color: gray; }
td.head-vol { text-align: center; }
td.head-rtitle, td.foot-os { text-align: right; }
"""


def members(options):
    source = options.source
    yield "portroom.exe", read(options.program)
    yield "portroom.ps1", read(options.completion)
    yield "README.txt", read(os.path.join(source, "packaging", "windows", "README.txt"))
    yield "LICENSE.txt", read(os.path.join(source, "LICENSE"))
    for name, package in LICENCES.items():
        yield "licences/" + name, read("/usr/share/doc/%s/copyright" % package)
    for page in options.pages:
        path = os.path.join(options.manual, page)
        yield "manual/%s.txt" % page, manual(path, "ascii")
        yield "manual/%s.html" % page, linked(manual(path, "html"), options.pages)
    yield "manual/manual.css", STYLE
    for path in sorted(glob.glob(os.path.join(source, "docs", "schema", "*.json"))):
        yield "doc/schema/" + os.path.basename(path), read(path)
    for name in ("capacity-model.md", "windows.md"):
        path = os.path.join(source, "docs", name)
        if os.path.exists(path):
            yield "doc/" + name, read(path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("zip")
    for name in ("program", "completion", "source", "manual"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("pages", nargs="+")
    options = parser.parse_args()
    folder = os.path.basename(options.zip).removesuffix(".zip")
    with zipfile.ZipFile(options.zip, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in sorted(members(options)):
            if name.endswith(LINE_ENDS):
                data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            if name.endswith(".txt") and not data.isascii():
                data = b"\xef\xbb\xbf" + data  # editors took it for the code page otherwise
            archive.writestr(zipfile.ZipInfo(folder + "/" + name), data, zipfile.ZIP_DEFLATED)


main()
