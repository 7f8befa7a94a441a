#!/usr/bin/env python3
"""What portroom trace --save writes, with invented data: whole, and as disks and people spoil it.

    trace_lines.py --seeds FOLDER     writes what is kept in tests/fixtures/evidence/trace, good files
    trace_lines.py --corpus FOLDER    writes what is kept in tests/fuzz/corpus/trace_lines
"""

import json
import os
import sys

HOSTS = {"etw": ("SHOP-WEB-01", "Windows Server 2022 Standard 21H2", "10.0.20348.2113")}
LINUX_HOST = ("web1.shop.example", "Debian GNU/Linux 12 (bookworm)", "6.1.0-18-amd64")
KINDS = ("tcp_connect", "bind", "listen", "udp_connect", "udp_send")


def moment(seconds, milliseconds=0):
    return "2026-01-02T03:%02d:%02d.%03dZ" % (seconds // 60, seconds % 60, milliseconds)


def start(source="bpf", seconds=0, filtered=False, remarks=()):
    remarks = dict(remarks)
    return {"line": "start", "time": moment(seconds), "schema": "portroom.trace/1",
            "host": dict(zip(("name", "os", "kernel"), HOSTS.get(source, LINUX_HOST))), "source": source,
            "why_not_bpf": "--no-bpf" if source == "perf" else None,
            "kinds": [{"kind": kind, "covered": kind not in remarks, "remark": remarks.get(kind)}
                      for kind in KINDS],
            "slows_calls_ns": 55, "filtered": filtered}


def failure(seconds=1, **changes):
    line = {"line": "failure", "time": moment(seconds, 250), "protocol": "tcp", "call": "connect",
            "error": "EADDRNOTAVAIL", "source": "192.0.2.5", "destination": "198.51.100.7",
            "port": 5432, "range_first": None, "range_last": None, "namespace": "4026531840",
            "namespace_name": "host", "pid": 812, "name": "billing", "user": "app", "user_id": 1000,
            "unit": "billing.service", "container": None, "room": 0, "room_min": 0, "room_max": 0,
            "room_time": moment(seconds)}
    line.update(changes)
    return line


def of_windows(seconds=1, status="0xC0000209", want=True, **changes):
    line = failure(seconds, error="WSAENOBUFS" if want else None, namespace=None, namespace_name=None,
                   name="leaky.exe", user=None, user_id=None, unit="LeakySvc", pid=4711)
    more = {"ntstatus": status, "status": None, "meaning": None, "want_of_port": want,
            "source_port": 0 if want else 443}
    return {**line, **more, **changes}


def lost(seconds, count):
    return {"line": "lost", "time": moment(seconds), "count": count}


def end(seconds, failures, missed=0, **changes):
    return {"line": "end", "time": moment(seconds), "seconds": float(seconds), "failures": failures,
            "lost": missed, "unclear": 0, **changes}


def text(*lines):
    return "".join(line if isinstance(line, str) else json.dumps(line, separators=(",", ":")) + "\n"
                   for line in lines)


def linux():
    return text(
        start(filtered=True), failure(1), failure(1), failure(2, pid=900, name="数据库"),
        failure(3, call="bind", error="EADDRINUSE", destination=None, port=None, room=None, room_max=28232),
        failure(4, protocol="udp", call="send", error="EAGAIN", source="::", destination="2001:db8::1",
                port=53, range_first=40000, range_last=40099, namespace="4026532211",
                namespace_name=None, container="0123456789abcdef" * 4),
        failure(5, protocol=None, call="listen", error="EADDRINUSE", pid=None, user=None,
                user_id=None, unit=None, room=None, room_min=None, room_max=None, room_time=None),
        lost(6, 1000), end(10, 6, 1000))


def windows():
    return text(
        start("etw", remarks={"udp_send": "a send without bind is told as that bind"}),
        of_windows(1), of_windows(2, "0xC000020A", False), of_windows(3, "0xC0000001"),
        of_windows(4, call="reserve"), end(10, 4, 2, unread=1))


def appended():
    return text(start("perf", remarks={"udp_send": "no event"}), failure(1),
                start(seconds=20), failure(21), end(30, 1, unclear=3))


def seeds():
    return {"linux.jsonl": linux().encode(), "appended.jsonl": appended().encode(),
            "windows.utf16le.jsonl": b"\xff\xfe" + windows().encode("utf-16-le")}


def corpus():
    whole = linux()
    return {
        "cut-in-line": whole[:len(whole) * 2 // 3],
        "cut-in-start": text(start())[:200],
        "cut-in-escape": text(start()) + '{"line":"failure","name":"\\u00',
        "start-alone": text(start()),
        "no-start": text({"of": "portroom.trace/1"}, failure(1), end(2, 1)),
        "end-first": text(start(), end(1, 2**63 - 1, 2**63 - 1), failure(2)),
        "numbers": text(start(), failure(1, port=65536, pid=2**31, user_id=-1, range_first=9, range_last=3,
                                         room_min=5, room_max=2, namespace="18446744073709551616"),
                        lost(1, 2**40)),
        "wrong-kinds": text(start(), failure(1, protocol=7, source={}, destination=[[]], time=None,
                                             name=True, namespace=4026531840, error=[1])),
        "statuses": text(start("etl"), *(of_windows(1, status) for status in (
            "0x", "0xC0000209x", "C0000209", "0xFFFFFFFFFF", "0x00000000", "0xG0000000"))),
        "long-texts": text(start(), failure(1, name="n" * 3000, unit="u" * 3000, error="E" * 3000)),
        "line-too-long": text(start(), failure(1, name="x" * 70000), failure(2)),
        "deep": text(start(), "[" * 64 + "]" * 64 + "\n", failure(1)),
        "blank-lines": "\n\n".join([text(start()), text(failure(1)), text(end(1, 1))]),
        "zeros": text(start()) + "\0" * 64 + "\n" + text(failure(1)),
        "kinds-strange": text({**start(), "kinds": [7, [], {"kind": None}, {"kind": "bind", "covered": 1}]},
                              failure(1)),
        "many-starts": text(start(), *[start(seconds=second) for second in range(30)], failure(40)),
    }


def main(words):
    made = {"--seeds": seeds, "--corpus": corpus}
    if len(words) != 2 or words[0] not in made:
        sys.exit(__doc__)
    os.makedirs(words[1], exist_ok=True)
    for name, content in made[words[0]]().items():
        with open(os.path.join(words[1], name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())


if __name__ == "__main__":
    main(sys.argv[1:])
