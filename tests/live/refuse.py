#!/usr/bin/env python3
"""Runs a command to which the kernel refuses some calls, as under a strict seccomp profile.

    refuse.py pidfd_getfd bpf bpf_run netlink destroy -- COMMAND...

destroy is a kernel without CONFIG_INET_DIAG_DESTROY: what SOCK_DESTROY sends is told by its size.
x86-64 and arm64. Only the calls named here are known. bpf_run is the running of BPF programs, but for
the one that loads a light skeleton: it is told by the size of its attributes (libbpf skel_internal.h).
"""

import ctypes
import errno
import os
import platform
import struct
import sys

NUMBERS = {
    "x86_64": {"pidfd_getfd": 438, "socket": 41, "bpf": 321, "sendto": 44},
    "aarch64": {"pidfd_getfd": 438, "socket": 198, "bpf": 280, "sendto": 206},
}
AF_NETLINK = 16
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
# BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JGE|K, BPF_RET|K
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO
NUMBER_AT, ARGUMENT_AT, THIRD_ARGUMENT_AT = 0, 16, 32  # struct seccomp_data
BPF_PROG_RUN, SMALL = 10, 100
DESTROY_SIZE = 16 + 56  # struct nlmsghdr and inet_diag_req_v2


def instruction(code, value, when_true=0, when_false=0):
    return struct.pack("HBBI", code, when_true, when_false, value)


def program(calls, numbers):
    parts = []
    for call in ("pidfd_getfd", "bpf"):
        if call in calls:
            parts += [instruction(LOAD, NUMBER_AT),
                      instruction(JUMP_EQUAL, numbers[call], 0, 1),
                      instruction(RETURN, REFUSE | errno.EPERM)]
    if "bpf_run" in calls:
        parts += [instruction(LOAD, NUMBER_AT),
                  instruction(JUMP_EQUAL, numbers["bpf"], 0, 5),
                  instruction(LOAD, ARGUMENT_AT),
                  instruction(JUMP_EQUAL, BPF_PROG_RUN, 0, 3),
                  instruction(LOAD, THIRD_ARGUMENT_AT),
                  instruction(JUMP_AT_LEAST, SMALL, 0, 1),
                  instruction(RETURN, REFUSE | errno.EPERM)]
    if "netlink" in calls:
        parts += [instruction(LOAD, NUMBER_AT),
                  instruction(JUMP_EQUAL, numbers["socket"], 0, 3),
                  instruction(LOAD, ARGUMENT_AT),
                  instruction(JUMP_EQUAL, AF_NETLINK, 0, 1),
                  instruction(RETURN, REFUSE | errno.EAFNOSUPPORT)]
    if "destroy" in calls:
        parts += [instruction(LOAD, NUMBER_AT),
                  instruction(JUMP_EQUAL, numbers["sendto"], 0, 3),
                  instruction(LOAD, THIRD_ARGUMENT_AT),
                  instruction(JUMP_EQUAL, DESTROY_SIZE, 0, 1),
                  instruction(RETURN, REFUSE | errno.EOPNOTSUPP)]
    return parts + [instruction(RETURN, ALLOW)]


def install(parts):
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(b"".join(parts))
    filter_program = struct.pack("HxxxxxxP", len(parts), ctypes.addressof(code))
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or \
            libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter_program, 0, 0):
        sys.exit("refuse.py: " + os.strerror(ctypes.get_errno()))


def main():
    split = sys.argv.index("--")
    install(program(sys.argv[1:split], NUMBERS[platform.machine()]))
    os.execvp(sys.argv[split + 1], sys.argv[split + 1:])


main()
