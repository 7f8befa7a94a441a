#!/usr/bin/env python3
"""`portroom probe` under Wine: each way in which an outbound attempt ends, made to happen.

    test_probe.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]

Wine hands Linux's errors on, so what is shown of them is how Wine's are told apart; those of Windows are in
tests/action/winsock.c.
"""

import contextlib
import socket
import struct
import sys
import threading

from netsh import ROWS, Netsh, fits
from wine import Tap, enter, guard, run

ROOM = 10
TINY = "20000 20009"  # not of the usual range, of which the servers here have some


class Server:
    """Listens at 127.0.0.1, and closes what it accepts, by a reset if it is to; or waits until the client has closed."""

    def __init__(self, resets=False, waits=False):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port, self._resets, self._waits = self.socket.getsockname()[1], resets, waits
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            accepted = self.socket.accept()[0]
            if self._resets:
                accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if self._waits:
                with contextlib.suppress(OSError):
                    accepted.recv(1)
            accepted.close()

    @property
    def target(self):
        return "127.0.0.1:%d" % self.port


@contextlib.contextmanager
def tiny_range(wine):
    was = wine.sysctl("net.ipv4.ip_local_port_range")
    wine.sysctl("net.ipv4.ip_local_port_range", TINY)
    try:
        yield
    finally:
        wine.sysctl("net.ipv4.ip_local_port_range", was)


def probe(wine, *words, **more):
    return wine.portroom("probe", "--json", *words, **more).json()["results"]


def outcomes(rows):
    return [row["outcome"] for row in rows]


def try_ends(tap, wine, server):
    rows = probe(wine, server.target, "127.0.0.1:81", "203.0.113.1:80", "[::1]:81", "nosuch.invalid:80", "--timeout", "3s")
    tap.ok(outcomes(rows)[:4] == ["connected", "refused", "unreachable", "refused"] and
           outcomes(rows)[4] in ("no_name", "name_failed", "name_timed_out"), "connected, refused, unreachable, unresolvable", rows)
    tap.ok(rows[0]["local"].startswith("127.0.0.1:") and rows[0]["error"] is None, "a good one tells its local end", rows[0])
    fits(tap, wine.portroom("probe", "--json", server.target, "127.0.0.1:81", "nosuch.invalid:80"), "the document fits its schema")
    tap.ok((rows[1]["call"], rows[1]["error"]) == ("connect", "WSAECONNREFUSED"), "a bad one its call and error", rows[1])
    rows = probe(wine, "localhost:%d" % server.port)
    tap.ok(outcomes(rows)[0] == "connected" and rows[0]["endpoint"] == server.target, "a name has its address", rows)
    answer = wine.portroom("probe", server.target)
    tap.ok(answer.status == 0 and "connected" in answer.out and not answer.err, "good: 0", answer)
    answer = wine.portroom("probe", server.target, "127.0.0.1:81")
    tap.ok(answer.status == 1 and "not a lack of ports" in answer.out and not answer.err, "not all good: 1, and why", answer)
    answer = wine.portroom("probe", "0.0.0.0:81")
    tap.ok(answer.status == 2 and "connects to no wildcard" in answer.err and not answer.out,
           "a wildcard is no destination on Windows", answer)
    answer = wine.portroom("probe", "--netns", "1", server.target)
    tap.ok(answer.status == 1 and "Windows has no network namespaces" in answer.err, "--netns: there are none", answer)


def try_silence(tap, wine):
    """10.5.0.9 is on a link that nobody answers on."""
    run(["ip", "link", "add", "near", "type", "veth", "peer", "name", "far"])
    run(["ip", "link", "set", "far", "up"])
    run(["ip", "address", "add", "10.5.0.1/24", "dev", "near"])
    run(["ip", "link", "set", "near", "up"])
    rows = probe(wine, "10.5.0.9:80", "--timeout", "700ms")
    tap.ok(outcomes(rows) == ["timed_out"] and 700 <= rows[0]["milliseconds"] < 3000 and
           rows[0]["local"].startswith("10.5.0.1:"), "no answer: it times out, and had a port", rows)
    rows = probe(wine, *("10.5.0.%d:80" % host for host in range(10, 110)), "--timeout", "700ms")
    tap.ok(outcomes(rows) == ["timed_out"] * 100, "a hundred of them, more than are tried at once", rows[:2])


def try_source(tap, wine, server):
    rows = probe(wine, "--src", "10.9.9.9", server.target)
    tap.ok(outcomes(rows) == ["source_not_ours"] and rows[0]["call"] == "bind", "a source that is none of ours", rows)
    rows = probe(wine, "--src", "127.0.0.5", server.target)
    tap.ok(outcomes(rows) == ["connected"] and rows[0]["local"].startswith("127.0.0.5:"), "a source of ours is used", rows)


def try_reset(tap, wine):
    rows = probe(wine, "--repeat", "50", Server(resets=True).target)
    tap.ok(set(outcomes(rows)) <= {"connected", "reset"} and sum(row["count"] for row in rows) == 50,
           "a server that resets at once is not said to refuse", rows)


def try_udp(tap, wine):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        rows = probe(wine, "--udp", "127.0.0.1:%d" % listener.getsockname()[1], "127.0.0.1:81", "203.0.113.1:53")
    tap.ok(outcomes(rows) == ["sent", "refused", "unreachable"], "UDP sent, refused and unreachable", rows)


def try_leaves_nothing(tap, wine):
    server = Server(waits=True)
    answer = wine.portroom("probe", server.target, "--repeat", "200")
    left = run(["ss", "-tanH", "( sport = :%d or dport = :%d )" % (server.port, server.port)]).out.splitlines()
    tap.ok("200 of 200" in answer.out and [line.split()[0] for line in left] == ["LISTEN"],
           "200 attempts leave no TIME_WAIT and nothing else", answer, left)


def try_no_port(tap, wine):
    """A Wine program has all of a range of ten ports."""
    with tiny_range(wine):
        with wine.start("sockets") as program:
            listener = program.do("listen 1 127.0.0.1 5432")[-1]["port"]
            elsewhere = program.do("listen 1 127.0.0.1 6379")[-1]["port"]
            made = program.do("connect %d %d" % (ROOM, listener))
            tap.ok(len(made) == ROOM, "ten connections take the range", made)
            rows = probe(wine, "127.0.0.1:%d" % listener)
            fits(tap, wine.portroom("probe", "--json", "127.0.0.1:%d" % listener), "the document fits its schema")
            tap.ok(outcomes(rows) == ["no_port"] and rows[0]["error"] == "WSAEADDRNOTAVAIL",
                   "connect() without a port: no_port, by Wine's error for it", rows)
            netsh = Netsh(wine)
            netsh.begin(*("active %s %s 20000 %d" % (protocol, family, ROOM) for protocol, family in ROWS))
            rows = probe(wine, "127.0.0.1:%d" % listener, env=netsh.env("en"), standins=["netsh.exe"])
            tap.ok(outcomes(rows) == ["no_port"] and rows[0]["room"] == 0 and
                   (rows[0]["holder"] or {}).get("pid") == program.pid and rows[0]["holder"]["ports"] == ROOM,
                   "with the range, of a stand-in for netsh: the room is 0, and who has the ports is named", rows)
            rows = probe(wine, "127.0.0.1:%d" % elsewhere)
            tap.ok(outcomes(rows) == ["connected"], "another destination is reached meanwhile, as on Linux", rows)
            rows = probe(wine, "--src", "127.0.0.1", "127.0.0.1:%d" % elsewhere)
            tap.ok(outcomes(rows) == ["no_port"] and (rows[0]["call"], rows[0]["error"]) == ("bind", "WSAEADDRINUSE"),
                   "bind() to port 0 has none", rows)
        with wine.start("sockets") as program:
            program.do("udp %d 0.0.0.0" % ROOM)
            rows = probe(wine, "--udp", "127.0.0.1:81")
            tap.ok(outcomes(rows) == ["no_port"] and rows[0]["error"] == "WSAEWOULDBLOCK", "UDP has none", rows)


CONFIGURED = (
    (r"HKCU\Network\Z", "RemotePath", "REG_SZ", r"\\127.0.0.1\data", "127.0.0.1:445", "file shares"),
    (r"HKCU\Software\Microsoft\Terminal Server Client\Servers\127.0.0.7", "UsernameHint", "REG_SZ", "anna", "127.0.0.7:3389",
     "remote login"),
    (r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings", "ProxyEnable", "REG_DWORD", "1", None, None),
    (r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings", "ProxyServer", "REG_SZ", "127.0.0.8:3128",
     "127.0.0.8:3128", "web"),
)


def try_symptoms(tap, wine):
    """What is configured in Wine's own registry; the domain is that of Wine, which has none."""
    answer = wine.portroom("probe", "--symptoms", "--json", "--timeout", "500ms")
    document = answer.json()
    tap.ok(any("domain" in note for note in document["notes"]), "a machine in no domain is said to be in none", document)
    for key, name, kind, value, _, _ in CONFIGURED:
        wine.run(["reg", "add", key, "/v", name, "/t", kind, "/d", value, "/f"])
    answer = wine.portroom("probe", "--symptoms", "--json", "--timeout", "500ms")
    fits(tap, answer, "the document fits its schema")
    rows = {row["target"]: row for row in answer.json()["results"]}
    for key, _, _, _, target, group in CONFIGURED:
        if target:
            row = rows.get(target, {"group": None, "from": "", "outcome": None})
            tap.ok(row["group"] == group and row["outcome"] == "refused" and key.startswith(row["from"]) and row["from"],
                   "%s is found in the registry and tried" % target, answer)
    for key in (key for key, name, _, _, _, _ in CONFIGURED if name != "ProxyServer"):
        if "Internet" not in key:
            wine.run(["reg", "delete", key, "/f"])
    wine.run(["reg", "add", CONFIGURED[2][0], "/v", "ProxyEnable", "/t", "REG_DWORD", "/d", "0", "/f"])
    rows = {row["target"] for row in wine.portroom("probe", "--symptoms", "--json", "--timeout", "500ms").json()["results"]}
    tap.ok(not rows & {entry[4] for entry in CONFIGURED}, "and not any more when it is not configured", rows)


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        server = Server()
        guard(tap, "ends", try_ends, tap, wine, server)
        guard(tap, "silence", try_silence, tap, wine)
        guard(tap, "source", try_source, tap, wine, server)
        guard(tap, "reset", try_reset, tap, wine)
        guard(tap, "udp", try_udp, tap, wine)
        guard(tap, "leaves nothing", try_leaves_nothing, tap, wine)
        guard(tap, "no port", try_no_port, tap, wine)
        guard(tap, "symptoms", try_symptoms, tap, wine)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
