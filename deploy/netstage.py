# SPDX-License-Identifier: Apache-2.0
"""netstage - a small network of namespaces, with mirror ports, and its end.

    with Stage() as stage:
        stage.namespace("client"), stage.namespace("server")
        stage.cable("client", "c0", "server", "s0")
        stage.address("client", "c0", "10.9.0.1/24")

Only what the stage made is touched and removed again.  Every port is silent by
itself: no IPv6, no multicast, no offloads (an offloaded checksum is wrong on
the wire, and a segment that was not cut is larger than any real frame).
The namespace "" is the one that the caller runs in.
"""
import contextlib
import ctypes
import fcntl
import os
import re
import shutil
import socket
import struct
import subprocess

CLONE_NEWNET = 0x40000000
SIOCETHTOOL = 0x8946
# ethtool's "set" commands: receive and transmit checksums, scatter-gather, TSO, UFO, GSO, GRO
OFFLOADS = (0x15, 0x17, 0x19, 0x1F, 0x22, 0x24, 0x2C)

libc = ctypes.CDLL(None, use_errno=True)


class Missing(Exception):
    """The machine cannot do what a stage needs; the text says what."""


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout.strip()}")
    return done.stdout


def enter(path):
    with open(path) as handle:
        if libc.setns(handle.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {path}")


class Stage:
    def __init__(self):
        for tool in ("ip", "tc"):
            if not shutil.which(tool):
                raise Missing(f"{tool} (package iproute2) is missing")
        if os.geteuid() != 0:
            raise Missing("network namespaces need root")
        self.tag = f"qw{os.getpid()}"
        self.names = {"": None}
        self.cables = []
        self.started = []
        try:
            self.namespace("probe")
        except RuntimeError as error:
            raise Missing(f"network namespaces are not to be had here: {error}") from error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(5)
                if process.poll() is None:
                    process.kill()
                    process.wait()
        for name in self.cables:
            subprocess.run(["ip", "link", "del", name], stderr=subprocess.DEVNULL)
        for full in filter(None, self.names.values()):
            subprocess.run(["ip", "netns", "del", full], stderr=subprocess.DEVNULL)
        self.started, self.cables, self.names = [], [], {"": None}

    # ---- namespaces and cables

    def namespace(self, name):
        full = f"{self.tag}-{name}"
        run("ip", "netns", "add", full)
        self.names[name] = full
        run("ip", "-n", full, "link", "set", "lo", "up")

    def prefix(self, namespace):
        """What comes before a command to run it there."""
        return ["ip", "netns", "exec", self.names[namespace]] if namespace else []

    def ip(self, namespace, *command):
        return run("ip", *(["-n", self.names[namespace]] if namespace else []), *command)

    def tc(self, namespace, *command):
        return run("tc", *(["-n", self.names[namespace]] if namespace else []), *command)

    @contextlib.contextmanager
    def inside(self, namespace):
        """This thread is there; a socket made inside stays there."""
        if not namespace:
            yield
            return
        with open("/proc/thread-self/ns/net") as home:
            enter(f"/run/netns/{self.names[namespace]}")
            try:
                yield
            finally:
                libc.setns(home.fileno(), CLONE_NEWNET)

    def cable(self, namespace_a, a, namespace_b, b):
        """Two ports, connected, up and silent."""
        run("ip", "link", "add", f"{self.tag}a", "type", "veth", "peer", "name", f"{self.tag}b")
        for namespace, temporary, name in ((namespace_a, f"{self.tag}a", a), (namespace_b, f"{self.tag}b", b)):
            if namespace:
                run("ip", "link", "set", temporary, "netns", self.names[namespace])
            else:
                self.cables.append(name)
            self.ip(namespace, "link", "set", temporary, "name", name)
            self.silence(namespace, name)
        for namespace, name in ((namespace_a, a), (namespace_b, b)):
            self.ip(namespace, "link", "set", name, "up")

    def silence(self, namespace, name):
        with self.inside(namespace):
            path = f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6"
            # /proc/sys shows the namespace of the thread that opens it.
            if os.path.exists(path):
                with open(path, "w") as handle:
                    handle.write("1")
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
                for command in OFFLOADS:
                    value = ctypes.create_string_buffer(struct.pack("II", command, 0))
                    request = struct.pack("16sP16x", name.encode(), ctypes.addressof(value))
                    with contextlib.suppress(OSError):
                        fcntl.ioctl(control, SIOCETHTOOL, request)
        self.ip(namespace, "link", "set", name, "multicast", "off")

    def address(self, namespace, port, network):
        self.ip(namespace, "addr", "add", network, "dev", port)

    # ---- mirror ports

    def mirror(self, namespace, port, to, directions=("ingress", "egress")):
        """What comes in and goes out at a port also leaves by another of the same namespace."""
        if "clsact" not in self.tc(namespace, "qdisc", "show", "dev", port):
            try:
                self.tc(namespace, "qdisc", "add", "dev", port, "clsact")
            except RuntimeError as error:
                raise Missing(f"the kernel has no clsact qdisc: {error}") from error
        for direction in directions:
            try:
                self.tc(namespace, "filter", "add", "dev", port, direction, "protocol", "all", "u32", "match", "u32", "0", "0",
                        "action", "mirred", "egress", "mirror", "dev", to)
            except RuntimeError as error:
                raise Missing(f"the kernel cannot mirror (cls_u32, act_mirred): {error}") from error

    def counter(self, namespace, port, name):
        """One of the port's counters: rx_packets, tx_packets, rx_dropped …"""
        text = self.ip(namespace, "-s", "-s", "link", "show", "dev", port)
        direction, what = name.split("_")
        match = re.search(direction.upper() + r":\s+(bytes.*)\n\s+([\d ]+)", text)
        return int(dict(zip(match[1].split(), match[2].split()))[what])

    # ---- processes

    def start(self, namespace, command, **options):
        process = subprocess.Popen(self.prefix(namespace) + command, **options)
        self.started.append(process)
        return process
