#!/usr/bin/env python3
"""Files that nobody should have to read: whatever comes, portroom ends soon, says which file is meant
and what is wrong with it, stays small, and writes nothing.

    test_evidence_hostile.py PORTROOM

Everything is made here; nothing of it is of a real machine.
"""

import gzip
import io
import os
import random
import socket
import stat
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile

from bounded import MIB, is_sanitized, run
from live import Tap, guard

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "evidence"))
import dump
import etl
import evtx

NOBODY = 65534
ANY_VERDICT = (0, 1, 2, 3)
SMALL_MIB = 64  # of which the interpreter that starts it has a part
MEMBER_MIB = 640  # a file out of an archive has 512 MiB at most, in memory
UNPACKED = 1 << 30  # what is in memory alone, to be unpacked again, is a file by its limits
SLOW_S = 300
LIMITED = (12, 16, 24, 32, 48, 64, 96, 128)  # MiB of address space

NETSH = ("\r\nProtocol tcp Dynamic Port Range\r\n---------------------------------\r\n"
         "Start Port      : 49152\r\nNumber of Ports : 16384\r\n\r\n")
HEADING = ("\r\nActive Connections\r\n\r\n"
           "  Proto  Local Address          Foreign Address        State           PID\r\n")


def netstat(rows=40):
    lines = [f"  TCP    192.0.2.10:{50000 + row}      198.51.100.7:443       "
             f"{'TIME_WAIT' if row % 2 else 'ESTABLISHED'}     {0 if row % 2 else 4712}\r\n"
             for row in range(rows)]
    return HEADING + "".join(lines) + "  UDP    0.0.0.0:500            *:*                    1234\r\n"


class Hostile:
    def __init__(self, tap, portroom, folder):
        self.tap, self.portroom, self.folder = tap, portroom, folder
        self.is_sanitized = is_sanitized(portroom)

    def write(self, name, data):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode("utf-8"))
        return path

    def write_pieces(self, name, parts):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            for part in parts:
                file.write(part)
        return path

    def read(self, *paths, **more):
        return run([self.portroom, "read", *paths], **more)

    def is_well(self, cost, named=None, most_mib=SMALL_MIB):
        """What holds of any input: a list of what does not."""
        wrong = []
        if cost.crashed or cost.status not in ANY_VERDICT:
            wrong.append(f"it ended with {cost.status}")
        if cost.peak_mib > most_mib and not self.is_sanitized:
            wrong.append(f"it took {cost.peak_mib:.0f} MiB")
        if not cost.out and (not cost.err or cost.err.count("\n") != 1):
            wrong.append("there is no verdict, and no sentence why")
        if named and named not in cost.out + cost.err:
            wrong.append(f"'{named}' is not named")
        if any(ord(sign) < 32 and sign != "\n" for sign in cost.out + cost.err):
            wrong.append("it printed control characters")
        return wrong

    def case(self, sentence, *paths, contains=(), named=None, most_mib=SMALL_MIB, **more):
        cost = self.read(*paths, **more)
        wrong = self.is_well(cost, named, most_mib)
        wrong += [f"'{text}' is not said" for text in contains
                  if text not in cost.out + cost.err]
        self.tap.ok(not wrong, sentence, *wrong, cost if wrong else "")
        return cost

    def many(self, sentence, variants, suffix):
        """Of many files alike only the first that goes wrong is told."""
        path, count = os.path.join(self.folder, "variant" + suffix), 0
        for name, data in variants:
            count += 1
            self.write(path, data)
            cost = self.read(path)
            wrong = self.is_well(cost)
            if wrong:
                self.tap.ok(False, sentence, name, *wrong, cost)
                return
        self.tap.ok(count > 0, f"{sentence} ({count} times)")


# ---- what is in a file ----

def empty(each):
    for name, data in (("empty", b""), ("nul", b"\0"), ("mark", b"\xff\xfe"), ("mark8", b"\xef\xbb\xbf"),
                       ("lines", b"\n" * 5000), ("blanks", b" " * 5000), ("nuls", b"\0" * 5000)):
        each.case(f"a file with nothing but '{name}' is refused in a sentence that names it",
                  each.write(f"only/{name}", data), named=f"only/{name}", most_mib=SMALL_MIB)


def cut(each, kinds):
    for name, data in kinds:
        step = max(1, len(data) // 100)
        each.many(f"{name}, cut short anywhere, does no harm",
                  ((f"cut at {size}", data[:size]) for size in range(0, len(data), step)), name)


def spoilt(data, number):
    chance, copy = random.Random(number), bytearray(data)
    for _ in range(chance.randrange(1, 9)):
        at = chance.randrange(len(copy))
        if chance.randrange(2):
            copy[at] ^= 1 << chance.randrange(8)
        else:
            copy[at:at + 4] = chance.choice((b"\xff" * 4, b"\0" * 4, b"\xff\xff\xff\x7f", b"9999"))
    return bytes(copy)


def flipped(each, kinds):
    for name, data in kinds:
        each.many(f"{name} with some bits turned over does no harm",
                  ((f"number {number}", spoilt(data, number)) for number in range(100)), name)


def pieces(*parts):
    """Bytes as (piece, times): this interpreter must stay small, what it starts is measured with it."""
    for piece, times in parts:
        for _ in range(times):
            yield piece


def huge(each):
    line = each.write_pieces("huge-line.txt", pieces((b"x" * MIB, 100)))
    each.case("a line of 100 MiB takes no memory", line, named="huge-line.txt")
    row = each.write_pieces("huge-row.txt", pieces(
        (HEADING.encode() + b"  TCP  192.0.2.1:50000  ", 1), (b"9" * MIB, 100),
        (b"  TIME_WAIT  0\r\n" + netstat(4).encode(), 1)))
    each.case("a row of 100 MiB takes no memory, and the rows behind it are read", row,
              contains=("huge-row.txt", "netstat, 5 records"))
    wide = each.write_pieces("wide.txt", pieces(
        (("\ufeff" + netstat(4)).encode("utf-16-le"), 1), (b"x\0" * MIB, 40)))
    each.case("nor does one of 16-bit characters", wide)
    for path in (line, row, wide):
        os.unlink(path)


def mixed(each):
    junk = bytes(random.Random(7).randrange(256) for _ in range(3000))
    data = junk + NETSH.encode() + b"\n\0\0\n" + netstat().encode() + junk + b"\n" + NETSH.encode()
    each.case("text among noise does no harm", each.write("mixed.txt", data))


# ---- archives ----

def zip_of(members, compression=zipfile.ZIP_DEFLATED):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return data.getvalue()


def bombs(each):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(16):
            with archive.open(f"{number}.txt", "w") as member:
                for zeros in pieces((bytes(MIB), 64)):
                    member.write(zeros)
    bomb = bomb.getvalue()
    path = each.write("bomb.zip", bomb)
    each.case("a .zip with 1 GiB of zeros does not fill the memory", path, named="bomb.zip",
              most_mib=MEMBER_MIB, timeout_s=SLOW_S)
    nested = zip_of((f"{number}.zip", bomb) for number in range(16))
    each.case("nor does a .zip of such", each.write("nested.zip", nested), named="nested.zip",
              most_mib=MEMBER_MIB, timeout_s=SLOW_S, FSIZE=UNPACKED)
    with gzip.open(os.path.join(each.folder, "bomb.gz"), "wb") as file:
        for nines in pieces((b"9" * MIB, 512)):
            file.write(nines)
    each.case("nor does a .gz of a line", os.path.join(each.folder, "bomb.gz"), named="bomb.gz",
              most_mib=MEMBER_MIB, timeout_s=SLOW_S)
    each.case("nor does a .zip with 60,000 empty members",
              each.write("many.zip", zip_of((f"{number}", b"") for number in range(60000))),
              named="many.zip", most_mib=2 * SMALL_MIB)


def climbing(each):
    names = ("../../climbed.txt", "/climbed.txt", "a/../../climbed.txt", "C:\\climbed.txt",
             "..\\climbed.txt", "bell\a\x1b[31m.txt", "n" * 5000)
    each.write("climb.zip", zip_of((name, netstat()) for name in names))
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name in names[:4]:
            member = tarfile.TarInfo(name)
            member.size = len(netstat())
            archive.addfile(member, io.BytesIO(netstat().encode()))
        for kind, link in ((tarfile.SYMTYPE, "/etc/passwd"), (tarfile.LNKTYPE, "../x"),
                           (tarfile.CHRTYPE, ""), (tarfile.FIFOTYPE, "")):
            member = tarfile.TarInfo(f"special-{kind}")
            member.type, member.linkname = kind, link
            archive.addfile(member)
    each.write("climb.tar.gz", data.getvalue())
    for name in ("climb.zip", "climb.tar.gz"):
        each.case(f"paths that climb out of {name} are only names", os.path.join(each.folder, name))
    found = [os.path.join(where, "climbed.txt") for where, _, files in os.walk("/tmp")
             if "climbed.txt" in files]
    each.tap.ok(not found and not os.path.exists("/climbed.txt"), "nothing was unpacked", found)


# ---- what is no ordinary file ----

def folders(each):
    deep = "deep/" + "d/" * 60
    each.write(deep + "netstat.txt", netstat())
    each.case("folders that are nested too deeply are named", os.path.join(each.folder, "deep"),
              contains=("deep/d/d",))
    each.write("odd/netstat.txt", netstat())
    odd = os.path.join(each.folder, "odd")
    os.symlink("..", os.path.join(odd, "up"))
    os.symlink("netstat.txt", os.path.join(odd, "same"))
    os.symlink("nowhere", os.path.join(odd, "dangling"))
    os.mkfifo(os.path.join(odd, "pipe"))
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(os.path.join(odd, "socket"))
        if os.geteuid() == 0:
            os.mknod(os.path.join(odd, "device"), stat.S_IFCHR | 0o600, os.makedev(1, 5))
        each.case("links, pipes, sockets and devices in a folder are named, and not followed", odd,
                  contains=("odd/", " pipe: ", " up: ", " socket: "))
    os.mkdir(os.path.join(each.folder, "none"))
    each.case("an empty folder is refused", os.path.join(each.folder, "none"))
    each.write("names/bell\a\x1b[31m\n.txt", netstat())
    each.case("control characters in a name are not printed", os.path.join(each.folder, "names"))


def pipes(each):
    path = os.path.join(each.folder, "pipe")
    os.mkfifo(path)
    cost = each.case("a pipe that nobody writes to is given up", path, named=path)
    each.tap.ok(9 < cost.seconds < 20, "after some ten seconds", cost)
    writer = subprocess.Popen(["sh", "-c", 'sleep 0.5; cat >"$0"', path], stdin=subprocess.PIPE)
    writer.stdin.write(NETSH.encode())
    writer.stdin.close()
    each.case("one that is written to late is read", path, contains=("pipe",))
    writer.wait()
    for device in ("/dev/zero", "/dev/null"):
        each.case(f"{device} is not opened", device, named=device)
    with open("/dev/zero", "rb") as endless:
        each.case("standard input without an end is given up at a limit", "-", stdin=endless,
                  named="standard input", most_mib=600)


def unreadable(each):
    path = each.write("secret.txt", netstat())
    os.chmod(path, 0)
    os.chmod(each.folder, 0o755)
    if os.geteuid() == 0:
        each.case("a file that may not be read is named", path, user=NOBODY, named="secret.txt")
    each.case("a file that is not there is named", path + ".not", named="secret.txt.not")
    each.case("a folder on standard input is refused", "-",
              stdin=os.open(each.folder, os.O_RDONLY), named="standard input")


def shrinking(each):
    text = netstat(20000).encode()
    path = os.path.join(each.folder, "shrinks.txt")
    for size in (0, 5000, MIB):
        for delay in (0.005, 0.02, 0.05):
            each.write_pieces(path, pieces((text, 40)))  # some 60 MiB

            def shorten(_):
                time.sleep(delay)
                os.truncate(path, size)

            cost = each.read(path, during=shorten)
            wrong = each.is_well(cost, most_mib=4 * SMALL_MIB)
            if wrong:
                each.tap.ok(False, f"a file that shrinks to {size} after {delay} s does no harm",
                            *wrong, cost)
                return
    os.unlink(path)
    each.tap.ok(True, "a file that shrinks while it is read does no harm")


# ---- limits ----

def limits(each):
    path = each.write("limits/netstat.txt", netstat(2000))
    for number in range(20):
        each.write(f"limits/{number}.txt", NETSH)
    folder = os.path.dirname(path)
    for count in (4, 5, 6, 8):  # with 3 the loader cannot open a library
        cost = each.read(folder, NOFILE=count)
        wrong = each.is_well(cost)
        each.tap.ok(not wrong, f"with {count} descriptors there is a verdict, or a sentence", *wrong,
                    cost)
    for size in () if each.is_sanitized else LIMITED:
        cost = each.read(folder, AS=size * MIB)
        # Below some size not even the loader has room: it says so, with its own status.
        wrong = ["a signal ended it"] if cost.crashed else []
        each.tap.ok(not wrong and (cost.out or cost.err),
                    f"with {size} MiB of address space there is a verdict, or a sentence", *wrong,
                    cost)
    with open("/dev/full", "wb") as full:
        cost = each.read(path, stdout=full)
    each.tap.ok(cost.status == 3 and cost.err.count("\n") == 1, "a full disk behind standard output "
                "is a sentence, and unknown", cost)


def kinds_of_file():
    """A good file of each kind, by the end of its name."""
    return (("netstat.txt", netstat().encode()), ("netsh.txt", NETSH.encode()),
            ("wide.txt", ("\ufeff" + netstat(10)).encode("utf-16-le")),
            (".zip", zip_of([("netstat.txt", netstat())])),
            (".txt.gz", gzip.compress(netstat().encode())),
            (".evtx", evtx.exhausted()), (".etl", etl.story(buffer_size=1024).data()),
            (".compressed.etl", etl.story(compressed=True).data()),
            (".mdmp", dump.minidump(*dump.LEAK, [("File", "\\Device\\Afd\\Endpoint")] * 20)),
            (".dmp", dump.dump64(1)), ("handles.txt", dump.memprocfs_handles(15).encode()))


def main(words):
    if len(words) != 1:
        sys.exit(__doc__)
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="portroom-hostile-") as folder:
        each = Hostile(tap, os.path.abspath(words[0]), folder)
        kinds = kinds_of_file()
        for about, function, *more in (("nothing", empty), ("cut", cut, kinds),
                                       ("spoilt", flipped, kinds), ("huge", huge),
                                       ("mixed", mixed), ("bombs", bombs), ("climbing", climbing),
                                       ("folders", folders), ("pipes", pipes),
                                       ("unreadable", unreadable), ("shrinking", shrinking),
                                       ("limits", limits)):
            guard(tap, about, function, each, *more)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
