"""Reads the index of a folder of samples: INDEX.md, with a table a section.

    ## netstat/
    | file | source | what |
    |---|---|---|
    | a.txt / .cp850.txt | ... | Spanish. expect: TCP LISTENING 49; UDP 94 |

A row may name several files: `a.utf8.txt / .cp936.txt` are forms of one text, of which all is true;
of `a.txt, b.txt` the parts of "what" between semicolons are true in turn.
"""

import os
import re
from collections import namedtuple

# kind: the section's folder; what: what is said of it; asserted: whether that is behind "expect:".
Sample = namedtuple("Sample", "path kind what asserted")

SECTION = re.compile(r"## (\S+)/")
EXPECT = re.compile(r"\bexpect:\s*", re.IGNORECASE)


def cells_of(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def forms(first, others):
    """The names that `first / .other / ...` stands for."""
    names = [first]
    for other in others:
        if other.startswith("."):
            parts = other.count(".")
            other = first.rsplit(".", parts)[0] + other
        names.append(other)
    return names


def named(cell):
    """The files of a row: a list for each that has a `what` of its own."""
    found = []
    for part in cell.split(","):
        first, *others = (word.strip() for word in part.split(" / "))
        found.append(forms(first, others))
    return found


def of_row(folder, kind, cells, column):
    what = cells[column] if column is not None else None
    files = named(cells[0])
    parts = [what] * len(files)
    if what is not None and len(files) > 1:
        parts = [part.strip() for part in what.split(";")]
        if len(parts) != len(files):
            raise ValueError(f"{cells[0]}: {len(files)} files, and {len(parts)} parts of what is "
                             f"said of them")
    for names, part in zip(files, parts):
        asserted = part is not None and EXPECT.search(part)
        for name in names:
            yield Sample(os.path.join(folder, kind, name), kind,
                         part[asserted.end():] if asserted else part, bool(asserted))


def read(folder):
    """All samples that the index names, in its order. `what` is None where a table has no such column."""
    samples, kind, column = [], None, None
    with open(os.path.join(folder, "INDEX.md"), encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("## "):
                section = SECTION.match(line)
                kind = section[1] if section else None
            if not kind or not line.startswith("|"):
                continue
            cells = cells_of(line)
            if cells[0] == "file":
                column = cells.index("what") if "what" in cells else None
            elif not cells[0].startswith("---"):
                samples += of_row(folder, kind, cells, column)
    return samples


def unnamed(folder, samples):
    """Files of the folder that the index does not name."""
    known = {sample.path for sample in samples}
    for where, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(where, name)
            if path not in known and os.path.basename(path) not in ("INDEX.md", "README.md"):
                yield path
