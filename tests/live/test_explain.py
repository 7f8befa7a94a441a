#!/usr/bin/env python3
"""`portroom explain`: words, numbers, lines of logs, sysctl files; and what it is not made for.

    test_explain.py PORTROOM [--schema-dir DIR]
"""

import json
import os
import sys
import tempfile

from live import Tap, guard, run

try:
    import jsonschema
except ImportError:
    jsonschema = None

FOUND, NOT_FOUND, USAGE = 0, 1, 2
LIMIT = 1 << 20

# Words, and what the answer must contain.
EXPLAINED = (
    (["EADDRNOTAVAIL"], ("EADDRNOTAVAIL (99)", "portroom room")),
    (["99"], ("EADDRNOTAVAIL (99)",)),
    (["-99"], ("EADDRNOTAVAIL (99)",)),
    (["-1073741303"], ("STATUS_TOO_MANY_ADDRESSES (0xC0000209)",)),
    (["errno", "99"], ("EADDRNOTAVAIL (99)",)),
    (["Tcpip", "4227"], ("Tcpip 4227",)),
    (["/proc/sys/net/ipv4/tcp_tw_reuse"], ("net.ipv4.tcp_tw_reuse",)),
    (["close-wait-leak"], ("close_wait_leak", "What it means")),
    (["CLOSE_WAIT_LEAK"], ("close_wait_leak",)),
    (["EAI_AGAIN"], ("portroom room --udp DNS:53", "portroom explain udp_pool_full")),
    (["-3"], ("EAI_AGAIN",)),
    (["dial tcp [2001:db8::1]:443: connect: cannot assign requested address"],
     ("portroom room '[2001:db8::1]:443'", "portroom explain EADDRNOTAVAIL")),
    (["listen tcp 127.0.0.1:3000: bind: address already in use"],
     ("portroom list --port 3000",)),
    (["dial tcp 192.0.2.7:80: i/o timeout"], ("not used up on this host",)),
    (["connect()", "failed", "(99:", "Cannot", "assign"], ("EADDRNOTAVAIL (99)",)),
    ([], ("EADDRNOTAVAIL", "TIME_WAIT", "net.ipv4.tcp_tw_reuse", "time_wait_pileup")),
)

# What is not known, and what must be said then.
UNKNOWN = (
    (["EADDRNOTAVIAL"], ("EADDRNOTAVIAL", "EADDRNOTAVAIL")),
    (["time_wiat"], ("time_wiat", "TIME_WAIT")),
    (["tcp_tw_resue"], ("tcp_tw_resue", "net.ipv4.tcp_tw_reuse")),
    (["close_wait_laek"], ("close_wait_laek", "close_wait_leak")),
    (["lorem ipsum dolor"], ("lorem ipsum dolor", "portroom explain")),
    (["x" * 5000], ("xxx...",)),
    (["99999999999999999999"], ("99999999999999999999",)),
)

SYSCTL = b"""# tuned
net.ipv4.tcp_tw_recycle = 1
net.ipv4.tcp_tw_reuse = 0
-net/ipv4/tcp_fin_timeout = 15
vm.swappiness = 10
net.ipv4.tcp_tw_reuse = 1
"""


def one_sentence(answer):
    return answer.err.count("\n") == 1 and answer.err.endswith("\n") and not answer.out


class Tests:
    def __init__(self, tap, portroom, schema, folder):
        self.tap, self.portroom, self.schema, self.folder = tap, portroom, schema, folder

    def explain(self, words, text=None, **more):
        if text is not None:
            with tempfile.TemporaryFile() as file:
                file.write(text)
                file.seek(0)
                return run([self.portroom, "explain"] + words, stdin=file, **more)
        return run([self.portroom, "explain"] + words, **more)

    def file(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def words(self):
        for words, wanted in EXPLAINED:
            answer = self.explain(words)
            self.tap.ok(answer.status == FOUND and not answer.err and
                        all(part in answer.out for part in wanted),
                        "explain %s says %s" % (" ".join(words), ", ".join(wanted)), answer)
        for words, wanted in UNKNOWN:
            answer = self.explain(words)
            self.tap.ok(answer.status == NOT_FOUND and one_sentence(answer) and
                        all(part in answer.err for part in wanted) and len(answer.err) < 600,
                        "explain %.20s: not known, with a way on" % words[0], answer)
        for words in (["--jsn"], ["99", "--lang", "xx"], [""], ["  ", " "]):
            answer = self.explain(words)
            self.tap.ok(answer.status == USAGE and one_sentence(answer),
                        "explain %s is a mistake of usage" % words, answer)

    def files(self):
        path = self.file("99-tuning.conf", SYSCTL)
        for answer in (self.explain([path]), self.explain(["-"], SYSCTL)):
            self.tap.ok(answer.status == FOUND and "line 2, removed" in answer.out and
                        "line 3, overridden" in answer.out and
                        "line 4, useless" in answer.out and "1 other setting" in answer.out and
                        "swappiness" not in answer.out,
                        "a sysctl file is judged line by line", answer)
        log = b"nothing here\n" + b"dial tcp 192.0.2.7:80: i/o timeout\n" * 500 + \
            b"listen tcp :80: bind: address already in use\n"
        for answer in (self.explain([self.file("app.log", log)]), self.explain(["-"], log)):
            self.tap.ok(answer.status == FOUND and answer.out.count("line ") == 2 and
                        "line 2:" in answer.out and "line 502:" in answer.out,
                        "each kind of line of a log is told once", answer)

    def reviews(self):
        comments = b"# net.ipv4.tcp_tw_recycle = 1\n;EADDRNOTAVAIL\n\n"
        for answer in (self.explain([self.file("comments.conf", comments)]),
                       self.explain(["-"], comments)):
            self.tap.ok(answer.status == FOUND and answer.out.endswith(": sets nothing\n"),
                        "a file of comments sets nothing", answer)
        log = b"# EADDRNOTAVAIL\nread: Connection reset by peer\n"
        answer = self.explain(["-"], log)
        self.tap.ok(answer.status == FOUND and "EADDRNOTAVAIL" not in answer.out,
                    "comments in a log are not explained", answer)
        answer = self.explain(["-"], b"net.ipv4.tcp_tw_resuse = 1\n"
                              b"net.ipv4.ip_local_port_range = 1024\t65534 # wide\n")
        self.tap.ok(answer.status == FOUND and "did you mean net.ipv4.tcp_tw_reuse?" in answer.out
                    and "= 1024 65534 # wide" in answer.out and "harmful" not in answer.out and
                    "other setting" not in answer.out, "misspelt names and notes are told", answer)
        names = run(["sysctl", "-a", "-N"]).out
        answer = self.explain(["-"], "".join(
            line + " = 1\n" for line in names.splitlines()).encode())
        self.tap.ok(names and answer.status == FOUND and "no such setting" not in answer.out,
                    "no name that this kernel has counts as misspelt", answer)

    def refused_files(self):
        fifo = os.path.join(self.folder, "pipe.conf")
        os.mkfifo(fifo)
        cases = (
            ([os.path.join(self.folder, "missing.conf")], "No such file"),
            ([self.folder], "directory"),
            ([fifo], "regular"),
            (["/dev/zero"], "regular"),
            ([self.file("huge.conf", b"a.b = 1\n" * (LIMIT // 8 + 1))], "larger"),
            ([self.file("many.conf", b"a.b=1\n" * 5000)], "settings"),
            ([self.file("binary.conf", b"net.ipv4\0\x01\x02" * 100)], "text"),
            ([self.file("prose.txt", b"nothing that is known\n")], "no line"),
            ([self.file("empty.conf", b"")], "is empty"),
            ([self.file("blank.conf", b" \n\n")], "is empty"),
        )
        for words, wanted in cases:
            answer = self.explain(words)
            self.tap.ok(answer.status == NOT_FOUND and one_sentence(answer) and
                        wanted in answer.err and words[0] in answer.err,
                        "%s is refused: %s" % (os.path.basename(words[0]), wanted), answer)
        for text in (b"", b"\0\0", b"x" * (LIMIT + 1)):
            answer = self.explain(["-"], text)
            self.tap.ok(answer.status == NOT_FOUND and one_sentence(answer),
                        "%d bytes that cannot be explained on standard input" % len(text), answer)
        answer = self.explain(["-"], b"y" * LIMIT)
        self.tap.ok(answer.status == NOT_FOUND, "one line as long as the limit ends", answer)

    def hostile(self):
        for host in ("192.0.2.7:$(id)", "192.0.2.7:80;id", "[::1]:80`id`", "[::1%;id]:80"):
            answer = self.explain(["connect() to %s failed (99: x)" % host])
            commands = [line for line in answer.out.splitlines()
                        if line.strip().startswith("portroom room")]
            self.tap.ok(answer.status == FOUND and commands and
                        not any(mark in line for line in commands for mark in "$;`%"),
                        "nothing but an address gets into a command: %s" % host, commands)
        evil = "\x1b[31mEADDRNOTAVAIL\x07 \u202eevil\u2066 (99)"
        for words, text in (([evil], None), (["-"], evil.encode() + b"\xff\n"),
                            (["\x1b]0;x\x07nonsense\u202e"], None),
                            (["/no/such\x1b[2J.conf"], None)):
            answer = self.explain(words, text)
            both = answer.out + answer.err
            self.tap.ok(not any(mark in both for mark in "\x1b\x07\u202e\u2066"),
                        "control characters and direction marks are not passed on", repr(both))
        key = b"net.ipv4.tcp_tw_recycle = \x1b[2J\xe2\x80\xae1\n"
        answer = self.explain(["-"], key)
        self.tap.ok(answer.status == FOUND and "\x1b" not in answer.out and
                    "\u202e" not in answer.out, "nor those in a file", repr(answer.out))
        answer = self.explain(["--json", "-"], key)
        self.tap.ok("\x1b" not in answer.out and "\u202e" not in answer.out,
                    "nor in JSON", repr(answer.out))

    def output(self):
        for what, wanted in ((">/dev/full", 1), (">&-", 1)):
            answer = run(["sh", "-c", '"$1" explain 99 ' + what, "sh", self.portroom])
            self.tap.ok(answer.status == wanted and answer.err.count("\n") == 1,
                        "output to %s fails with a sentence" % what, answer)
        reader, writer = os.pipe()
        os.close(reader)
        gone = run([self.portroom, "explain"], stdout=writer)
        os.close(writer)
        self.tap.ok(gone.status != 0, "a reader that has gone away ends it", gone)
        narrow = run([self.portroom, "explain", "TIME_WAIT"],
                     env={"COLUMNS": "60", "LC_ALL": "C.UTF-8", "LANGUAGE": "zh_CN"})
        self.tap.ok(narrow.status == FOUND and "TIME_WAIT" in narrow.out,
                    "it speaks Chinese too", narrow)

    def documents(self):
        path = self.file("tuning.conf", SYSCTL)
        cases = ([], ["EADDRNOTAVAIL"], ["0xd"], ["close_wait_leak"], [path],
                 ["dial tcp 192.0.2.7:80: connect: cannot assign requested address"],
                 ["nf_conntrack: table full, dropping packet"], ["curl: (7)"])
        for words in cases:
            answer = self.explain(["--json", "--lang", "zh_CN"] + words)
            document = json.loads(answer.out)
            problem = self.problem(document)
            self.tap.ok(answer.status == FOUND and problem is None and answer.out.isascii(),
                        "the document for %.30s is as its schema says" % " ".join(words), problem)
        document = json.loads(self.explain(["--json", "99"]).out)
        self.tap.ok(document["answers"][0]["topics"][0]["name"] == "EADDRNOTAVAIL" and
                    document["answers"][0]["line"] is None and document["review"] is None,
                    "the document names the topic", document)

    def problem(self, document):
        if self.schema is None or jsonschema is None:
            return None
        try:
            jsonschema.validate(document, self.schema)
        except jsonschema.ValidationError as error:
            return error
        return None


def main(words):
    if not words:
        sys.exit(__doc__)
    tap, schema = Tap(), None
    if "--schema-dir" in words:
        folder = words[words.index("--schema-dir") + 1]
        with open(os.path.join(folder, "explain-1.json"), encoding="utf-8") as file:
            schema = json.load(file)
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        os.environ.pop(name, None)
    os.environ["LANG"] = "C.UTF-8"
    with tempfile.TemporaryDirectory() as folder:
        tests = Tests(tap, os.path.abspath(words[0]), schema, folder)
        for part in (tests.words, tests.files, tests.reviews, tests.refused_files, tests.hostile,
                     tests.output, tests.documents):
            guard(tap, part.__name__, part)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
