"""A manual page in scdoc (scdoc(5)), as far as the tests have to understand it."""

import os
import re


class Block:
    """A literal block, and the comment `; WORD REST` on the line before it, which says how it is tried.

    no comment                each command is run and succeeds
    ; status N                the command ends with this exit status
    ; file NAME TEXT          the text is in that file of the working folder
    ; screen SITUATION A=B... one command and what it prints there, when process A is called B
    ; syntax WHAT             a file for another program
    """

    def __init__(self, line, marker):
        self.line, self.lines = line, []
        self.marker, _, self.rest = marker.partition(" ")

    def text(self):
        return "\n".join(self.lines) + "\n"

    def commands(self):
        """[[line, ...], ...]: each begins with a prompt and goes on in lines that are indented."""
        found = []
        for line in self.lines:
            if line.startswith(("$ ", "# ")):
                found.append([line[2:]])
            elif found and line.startswith(" "):
                found[-1].append(line)
            else:
                break
        return ["\n".join(lines) for lines in found]

    def output(self):
        return self.lines[1:]


class Page:
    def __init__(self, source, built):
        self.built = built
        self.file = os.path.basename(built)
        self.name, self.section = self.file.rsplit(".", 1)
        with open(source, encoding="utf-8") as file:
            self.source = file.read()
        self.sections, self.blocks, self.single_backslashes = {}, [], []
        self._read()

    def _read(self):
        heading, block, marker = "", None, ""
        for number, line in enumerate(self.source.splitlines(), 1):
            if line.startswith("```"):
                if block:
                    self.blocks.append(block)
                block = None if block else Block(number, marker)
                marker = ""
            elif block:
                block.lines.append(self._unescape(line))
            elif line.startswith("; "):
                marker = line[2:]
            elif line.startswith("# "):
                heading = line[2:]
                self.sections[heading] = []
            else:
                self.sections.setdefault(heading, []).append(line)

    def _unescape(self, line):
        """scdoc takes a backslash for itself, in literal text as well, and leaves what follows it."""
        if re.search(r"\\[^\\`]", re.sub(r"\\\\", "", line)):
            self.single_backslashes.append(line)
        return re.sub(r"\\(.)", r"\1", line)

    def section_text(self, heading):
        return "\n".join(self.sections.get(heading, []))

    def command(self):
        """The command of portroom that the page is about; None: none."""
        if self.section != "1" or not self.name.startswith("portroom-"):
            return None
        return self.name[len("portroom-"):]

    def options(self):
        """{--name: (letter or "", value or "")}, from the terms under OPTIONS."""
        found = {}
        for line in self.sections.get("OPTIONS", []):
            if not line.startswith("*-"):
                continue
            letter = ""
            for part in line.split(", "):
                match = re.fullmatch(r"\*(--?[A-Za-z0-9-]+)\*(?: (.*))?", part)
                if not match:
                    raise ValueError("OPTIONS: %r is no term of options" % line)
                if match[1].startswith("--"):
                    found[match[1]] = (letter, re.sub(r"[_\\*]", "", match[2] or ""))
                else:
                    letter = match[1]
        return found

    def terms(self, heading):
        """The bold words that begin the terms of a section."""
        return re.findall(r"^\*([^*]+)\*", self.section_text(heading), re.M)

    def statuses(self):
        return {int(term) for term in self.terms("EXIT STATUS") if term.isdigit()}

    def references(self, heading=None):
        text = self.section_text(heading) if heading else self.source
        return re.findall(r"\*([a-z0-9_.-]+)\*\((\d)\)", text, re.I)

    def tables(self, heading):
        """[[(first cell, second cell), ...], ...]: the tables with two columns of a section."""
        row = r"[|[].? \*([^*\n]+)\*\n:.? (.*)\n"
        found = re.findall("^(?:%s)+" % row.replace("(", "(?:"),
                           self.section_text(heading) + "\n", re.M)
        return [re.findall(row, table) for table in found]
