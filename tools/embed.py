#!/usr/bin/env python3
"""Compile files into the program: write a C array of struct embedded_file (src/base/embedded.h).

usage: embed.py OUTPUT.c ARRAY FILE...
"""

import os
import sys

LINE = 60


def literal(data):
    """The bytes as C string literals, a line each."""
    for start in range(0, len(data), LINE):
        yield '"' + "".join(
            chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\?' else f"\\{byte:03o}"
            for byte in data[start : start + LINE]) + '"'


def main():
    output, array, *files = sys.argv[1:]
    with open(output, "w", encoding="ascii") as out:
        out.write('#include "base/embedded.h"\n\n')
        out.write(f"extern const struct embedded_file {array}[];\n\n")
        out.write(f"const struct embedded_file {array}[] = {{\n")
        for name in files:
            with open(name, "rb") as file:
                data = file.read()
            text = "\n\t  ".join(literal(data)) or '""'
            out.write(f'\t{{ "{os.path.basename(name)}",\n\t  {text},\n\t  {len(data)} }},\n')
        out.write("\t{ 0 },\n};\n")


main()
