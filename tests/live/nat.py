"""A client, a router that does source NAT, and a server, each in a network namespace of its own.

Needs root, ip(8), and python3 with ctypes. Nothing outside the three namespaces is touched.
"""

import concurrent.futures
import ctypes
import os
import select
import socket
import struct
import subprocess
import time

from live import COMMAND_TIMEOUT_S

LIBC = ctypes.CDLL(None, use_errno=True)

CLIENTS = {4: ["10.1.0.%d" % i for i in range(2, 10)], 6: ["fd01::2"]}
ROUTER = {4: "10.2.0.1", 6: "fd02::1"}
SERVER = {4: "10.2.0.100", 6: "fd02::64"}
PORT = 9000

# A packet that finds no NAT port is lost, and TCP sends it again after a second: what is to be the
# answer to one packet must come before.
AT_ONCE_S = 0.4
PATIENCE_S = 20

SETUP = """
link add ca type veth peer name ra netns {router}
link set lo up
link set ca up
{clients}
route add default via 10.1.0.1
route add default via fd01::1
""", """
link add rb type veth peer name sa netns {server}
link set lo up
link set ra up
link set rb up
addr add 10.1.0.1/24 dev ra
addr add fd01::1/64 dev ra nodad
addr add 10.2.0.1/24 dev rb
addr add 10.2.0.2/24 dev rb
addr add 10.2.0.3/24 dev rb
addr add fd02::1/64 dev rb nodad
""", """
link set lo up
link set sa up
addr add 10.2.0.100/24 dev sa
addr add fd02::64/64 dev sa nodad
route add default via 10.2.0.1
route add default via fd02::1
"""


def tool(argv, **more):
    return subprocess.run(argv, stdin=more.pop("stdin", subprocess.DEVNULL),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          universal_newlines=True, check=False, timeout=COMMAND_TIMEOUT_S, **more)


def must(argv, **more):
    done = tool(argv, **more)
    if done.returncode:
        raise RuntimeError("%s: %s" % (" ".join(argv), done.stdout))
    return done.stdout


def enter(path):
    there = os.open(path, os.O_RDONLY)
    if LIBC.setns(there, 0):
        raise OSError(ctypes.get_errno(), path)
    os.close(there)


class Box:
    """The three namespaces while they are there. Sockets that are made stay open until the end.

        with Box(["nft", RULES]) as box:
            count = len(box.fill(more=4))
    """

    count = 0

    def __init__(self, *commands):
        Box.count += 1
        self.names = {who: "portroom-%s-%d-%d" % (who, os.getpid(), Box.count)
                      for who in ("client", "router", "server")}
        self.commands, self.kept, self.threads = commands, [], {}

    def __enter__(self):
        try:
            for name in self.names.values():
                must(["ip", "netns", "add", name])
            clients = "\n".join("addr add %s dev ca" % (each + "/24" if "." in each else
                                                        each + "/64 nodad")
                                for each in CLIENTS[4] + CLIENTS[6])
            for who, lines in zip(("client", "router", "server"), SETUP):
                must(["ip", "-n", self.names[who], "-batch", "-"], stdin=None,
                     input=lines.format(clients=clients, **self.names).strip() + "\n")
            self.set("router", "net.ipv4.ip_forward", 1)
            self.set("router", "net.ipv6.conf.all.forwarding", 1)
            for command in self.commands:
                must(self.inside("router", command))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for each in self.kept:
            each.close()
        for thread in self.threads.values():
            thread.shutdown()
        for name in self.names.values():
            tool(["ip", "netns", "del", name])

    def inside(self, who, argv):
        return ["ip", "netns", "exec", self.names[who]] + argv

    def set(self, who, name, value):
        path = "/proc/sys/" + name.replace(".", "/")
        must(self.inside(who, ["sh", "-c", "echo %s >%s" % (value, path)]))

    def inode(self, who):
        return str(os.stat("/run/netns/" + self.names[who]).st_ino)

    def socket_in(self, who, family, kind):
        """A socket stays in the namespace that it was made in; a thread is there to make it."""
        if who not in self.threads:
            self.threads[who] = concurrent.futures.ThreadPoolExecutor(
                1, initializer=enter, initargs=("/run/netns/" + self.names[who],))
        made = self.threads[who].submit(socket.socket, family, kind).result()
        made.setblocking(False)
        return made

    def serve(self, version=4, udp=False, port=PORT):
        server = self.socket_in("server", socket.AF_INET6 if version == 6 else socket.AF_INET,
                                socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((SERVER[version], port))
        if not udp:
            server.listen(4096)
        self.kept.append(server)
        return server

    # ---- one connection ----

    def connect(self, who="client", to=None, source=None, wait_s=AT_ONCE_S):
        """A connected TCP socket, None where nobody answers in time. `source`: (address, port)."""
        address, port = to or (SERVER[4], PORT)
        made = self.socket_in(who, socket.AF_INET6 if ":" in address else socket.AF_INET,
                              socket.SOCK_STREAM)
        if source:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(source)
        made.connect_ex((address, port))
        if select.select([], [made], [], wait_s)[1] and \
                not made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.kept.append(made)
            return made
        made.close()
        return None

    def exchange(self, server, who="client", to=None, source=None, wait_s=AT_ONCE_S):
        """A UDP socket whose datagram has come to the server, None where it has not."""
        address, port = to or (SERVER[4], PORT)
        made = self.socket_in(who, socket.AF_INET6 if ":" in address else socket.AF_INET,
                              socket.SOCK_DGRAM)
        if source:
            made.bind(source)
        try:
            made.sendto(b"x", (address, port))
            if select.select([server], [], [], wait_s)[0]:
                server.recvfrom(16)
                self.kept.append(made)
                return made
        except OSError:
            pass
        made.close()
        return None

    # ---- many ----

    def fill(self, most=1000, server=None, misses=1, **how):
        """Connects until it has failed so often in a row, or `most` are there; how many that were."""
        made = []
        failed = 0
        while len(made) < most and failed < misses:
            each = self.exchange(server, **how) if server else self.connect(**how)
            failed = 0 if each else failed + 1
            if each:
                made.append(each)
        return made

    def accept(self, server, count):
        return [server.accept()[0] for _ in range(count)
                if select.select([server], [], [], PATIENCE_S)[0]]

    def rest(self, server, sockets, others=()):
        """The client closes these first, then the server those and the others, as many as it has: the first rest."""
        accepted = self.accept(server, len(sockets) + len(others))
        self.close(sockets)
        self.wait_for(lambda: len(select.select(accepted, [], [], 0)[0]) == len(sockets))
        self.close(accepted)
        self.wait_for(lambda: must(self.inside("client", ["ss", "-tanH", "state", "time-wait"]))
                      .count("\n") == len(sockets))

    @staticmethod
    def wait_for(condition):
        until = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > until:
                raise RuntimeError("connections do not end as they are told to")
            time.sleep(0.02)

    def close(self, sockets):
        for each in sockets:
            if each in self.kept:
                self.kept.remove(each)
            each.close()

    def reset(self, sockets):
        for each in sockets:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close(sockets)
