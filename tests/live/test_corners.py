#!/usr/bin/env python3
"""Corners of the model that a reviewer once found wrong, each measured by real calls.

    test_corners.py PORTROOM [CORNER...]

Every corner runs in a process and a network namespace of its own, with the ports 40000 to 40099.
"""

import ctypes
import os
import socket
import struct
import subprocess
import sys
import threading
import time

from live import Tap, guard, loads, need_root, run

CLONE_NEWNET = 0x40000000
SO_BINDTODEVICE, IP_BIND_ADDRESS_NO_PORT, IP_LOCAL_PORT_RANGE = 25, 24, 51
LIBC = ctypes.CDLL(None, use_errno=True)
CORNERS = []
KEEP = []  # sockets that a corner holds


def corner(function):
    CORNERS.append(function)
    return function


def unshare_network():
    if LIBC.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def setting(name, value):
    with open("/proc/sys/net/" + name, "w") as file:
        file.write(str(value))


def prepare():
    unshare_network()
    setting("ipv4/ip_local_port_range", "40000 40099")
    setting("ipv4/tcp_tw_reuse", 0)
    listener = socket.create_server(("127.0.0.1", 9000), backlog=4096)
    KEEP.append(listener)


def connection(target=("127.0.0.1", 9000), family=socket.AF_INET, kind=socket.SOCK_STREAM,
               device=None, source=None, own_range=None):
    made = socket.socket(family, kind)
    try:
        if device:
            made.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, device.encode() + b"\0")
        if own_range:
            made.setsockopt(socket.IPPROTO_IP, IP_LOCAL_PORT_RANGE,
                            struct.pack("I", own_range[0] | own_range[1] << 16))
        if source:
            made.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
            made.bind((source, 0))
        made.connect(target)
    except OSError:
        made.close()
        raise
    return made


def bound(address, family=socket.AF_INET, kind=socket.SOCK_STREAM, own_range=None):
    made = socket.socket(family, kind)
    try:
        if own_range:
            made.setsockopt(socket.IPPROTO_IP, IP_LOCAL_PORT_RANGE,
                            struct.pack("I", own_range[0] | own_range[1] << 16))
        made.bind((address, 0))
    except OSError:
        made.close()
        raise
    return made


def hold(count, make, *arguments, **options):
    KEEP.extend(make(*arguments, **options) for _ in range(count))


def measure(make, *arguments, **options):
    """How many more succeed; all are closed again, by a reset."""
    made = []
    try:
        while True:
            made.append(make(*arguments, **options))
    except OSError:
        pass
    for each in made:
        if each.type == socket.SOCK_STREAM:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        each.close()
    return len(made)


def closed_first(count):
    """Connections that this side closes first: they rest in TIME_WAIT."""
    for _ in range(count):
        made = connection()
        accepted = KEEP[0].accept()[0]
        made.close()
        accepted.recv(1)
        accepted.close()


def ask(portroom, *words):
    return run([portroom, "room", "--json"] + list(words))


def agrees(tap, portroom, sentence, words, make, *arguments, **options):
    answer = ask(portroom, *words)
    truth = measure(make, *arguments, **options)
    document = answer.json() if answer.status == 0 else {}
    tap.ok(document.get("room") == truth and document.get("exact"), sentence, "measured %d" % truth,
           answer)


@corner
def connections_of_an_interface(tap, portroom):
    hold(30, connection, device="lo")
    agrees(tap, portroom, "connections bound to an interface do not hinder others",
           ["127.0.0.1:9000"], connection)
    agrees(tap, portroom, "they hinder those of the same interface",
           ["127.0.0.1:9000", "--dev", "lo"], connection, device="lo")
    hold(20, connection)
    agrees(tap, portroom, "one without an interface hinders those with one",
           ["127.0.0.1:9000", "--dev", "lo"], connection, device="lo")


@corner
def a_full_interface_is_not_a_full_destination(tap, portroom):
    hold(100, connection, device="lo")
    document = run([portroom, "check", "--json", "--netns", "own"]).json()
    tap.ok("interface" in document["findings"][0]["subject"],
           "a destination that is full for one interface says so", document["findings"])


@corner
def ipv6_sockets_that_keep_out_of_ipv4(tap, portroom):
    setting("ipv6/bindv6only", 1)
    hold(30, bound, "127.0.0.1")
    hold(30, bound, "127.0.0.1", kind=socket.SOCK_DGRAM)
    agrees(tap, portroom, "with bindv6only=1 bind(::) does not mind IPv4", ["--bind", "::"],
           bound, "::", family=socket.AF_INET6)
    agrees(tap, portroom, "nor does UDP over IPv6", ["--udp", "[::1]:9"], connection, ("::1", 9),
           family=socket.AF_INET6, kind=socket.SOCK_DGRAM)


@corner
def an_odd_range_of_its_own(tap, portroom):
    answer = ask(portroom, "--bind", "127.0.0.1", "--port-range", "40010-40014").json()
    counts = {measure(bound, "127.0.0.1", own_range=(40010, 40014)) for _ in range(20)}
    tap.ok(all(answer["room_min"] <= count <= answer["room_max"] for count in counts),
           "bind() in an odd range of its own is within the interval", counts, answer)
    agrees(tap, portroom, "connect() uses such a range whole",
           ["127.0.0.1:9000", "--port-range", "40010-40014"], connection, own_range=(40010, 40014))


@corner
def udp_after_a_bind_without_a_port(tap, portroom):
    hold(30, bound, "127.0.0.5", kind=socket.SOCK_DGRAM)
    agrees(tap, portroom, "--udp --src asks about that address",
           ["--udp", "127.0.0.1:9", "--src", "127.0.0.1"], connection, ("127.0.0.1", 9),
           kind=socket.SOCK_DGRAM, source="127.0.0.1")
    agrees(tap, portroom, "--udp alone asks about all", ["--udp", "127.0.0.1:9"], connection,
           ("127.0.0.1", 9), kind=socket.SOCK_DGRAM)


@corner
def wildcards(tap, portroom):
    hold(30, connection)
    agrees(tap, portroom, "a wildcard destination is loopback", ["0.0.0.0:9000"], connection,
           ("0.0.0.0", 9000))
    agrees(tap, portroom, "a wildcard source is none", ["127.0.0.1:9000", "--src", "0.0.0.0"],
           connection)


@corner
def calls_that_cannot_succeed(tap, portroom):
    for words in (["--bind", "10.99.0.1"], ["127.0.0.1:9000", "--src", "10.99.0.1"],
                  ["--udp", "--bind", "10.99.0.1"], ["127.255.255.255:9000"],
                  ["203.0.113.1:80"], ["--udp", "203.0.113.1:80"], ["[fe80::1%nosuch]:80"]):
        answer = run([portroom, "room"] + words)
        tap.ok(answer.status == 1 and answer.err.count("\n") == 1 and not answer.out,
               "portroom room %s is promised nothing" % " ".join(words), answer)


@corner
def the_source_by_policy(tap, portroom):
    for words in ("addr add 10.9.0.2/24 dev lo", "addr add 10.9.0.7/24 dev lo",
                  "rule add ipproto 6 dport 9000 lookup 100",
                  "route add 10.50.0.0/24 dev lo src 10.9.0.2",
                  "route add 10.50.0.0/24 dev lo src 10.9.0.7 table 100"):
        subprocess.run(["ip"] + words.split(), check=True)
    answer = ask(portroom, "10.50.0.1:9000").json()
    tap.ok(answer["source"] == "10.9.0.7", "policy routing by port decides the source", answer)
    answer = ask(portroom, "10.50.0.1:9001").json()
    tap.ok(answer["source"] == "10.9.0.2", "and for that port only", answer)


@corner
def several_at_once(tap, portroom):
    hold(100, connection)
    wrong = []
    for _ in range(50):
        asked = [subprocess.Popen([portroom, "room", "127.0.0.1:9001", "--json"],
                                  stdout=subprocess.PIPE, text=True) for _ in range(4)]
        rooms = [loads(each.communicate()[0])["room"] for each in asked]
        wrong += [room for room in rooms if room != 100]
    tap.ok(not wrong, "four at once do not take each other for owners", wrong)


@corner
def a_bind_during_the_test(tap, portroom):
    hold(100, connection, source="127.0.0.5")
    looking = subprocess.Popen(["sh", "-c", 'while :; do "$0" room 127.0.0.1:9001; done', portroom],
                               stdout=subprocess.DEVNULL)
    failed = tried = 0
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        for port in range(40000, 40100):
            made = socket.socket()
            tried += 1
            try:
                made.bind(("127.0.0.1", port))
            except OSError:
                failed += 1
            made.close()
    looking.kill()
    looking.wait()
    tap.ok(not failed, "no bind() of a program fails because portroom looks",
           "%d of %d failed" % (failed, tried))


@corner
def without_fast_open(tap, portroom):
    setting("ipv4/tcp_fastopen", 0)
    hold(30, connection)
    hold(20, bound, "127.0.0.9")
    agrees(tap, portroom, "without TCP Fast Open the kinds of ports are found out, too",
           ["127.0.0.1:9001"], connection, ("127.0.0.1", 9000), source="127.0.0.2")


@corner
def a_thread_in_a_namespace_of_its_own(tap, portroom):
    inode, ready, end = [], threading.Event(), threading.Event()

    def elsewhere():
        unshare_network()
        inode.append(str(os.stat("/proc/thread-self/ns/net").st_ino))
        ready.set()
        end.wait()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    ready.wait()
    document = run([portroom, "check", "--json"]).json()
    end.set()
    thread.join()
    tap.ok(inode[0] in [each["id"] for each in document["namespaces"]],
           "a namespace that only a thread is in is found", inode, document["namespaces"])


@corner
def a_command_for_the_right_namespace(tap, portroom):
    closed_first(60)
    hold(40, connection)
    inside = run([portroom, "check", "--json", "--netns", "own"]).json()
    pid = os.getpid()
    outside = run(["nsenter", "-t", "1", "-n", portroom, "check", "--json", "--netns", str(pid)])
    if outside.status == 1:  # the namespace of pid 1 may be closed to us: any other will do
        outside = run(["unshare", "-n", portroom, "check", "--json", "--netns", str(pid)])

    def commands(document):
        return [each["command"] for each in document["findings"][0]["remedies"]
                if each["command"] and "sysctl" in each["command"]]

    tap.ok(len(commands(inside)) == 2, "TIME_WAIT brings two settings to change", commands(inside))
    tap.ok(commands(inside) and all(each.startswith("sysctl") for each in commands(inside)),
           "inside, a command is for here", commands(inside))
    tap.ok(commands(outside.json()) and
           all(each.startswith("nsenter --net=/") for each in commands(outside.json())),
           "from outside, it enters the namespace that is short of ports", outside)


def in_a_child(tap, portroom, function):
    """Sockets and namespaces end with the process; its lines are told by the parent's plan."""
    count, failed = tap.count, tap.failed
    reader, writer = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if not child:
        prepare()
        guard(tap, function.__name__, function, tap, portroom)
        os.write(writer, b"%d %d" % (tap.count - count, tap.failed - failed))
        sys.stdout.flush()
        os._exit(0)
    os.close(writer)
    told = os.read(reader, 64).split()
    os.close(reader)
    os.waitpid(child, 0)
    if not told:
        tap.ok(False, function.__name__ + " comes to its end")
        return
    tap.count += int(told[0])
    tap.failed += int(told[1])


def main(words):
    if not words:
        sys.exit(__doc__)
    tap = Tap()
    need_root(tap)
    for function in CORNERS:
        if not words[1:] or function.__name__ in words[1:]:
            in_a_child(tap, os.path.abspath(words[0]), function)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
