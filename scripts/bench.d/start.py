"""Measures how long a second start takes until `/health/ready` answers, and the memory of the idle server."""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ready(port):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=1).status == 200
    except (urllib.error.URLError, OSError):
        return False


def start(folder):
    port = free_port()
    begin = time.perf_counter()
    server = subprocess.Popen(
        [sys.argv[1], "demo", "--dir", folder, "--port", str(port), "--gateway-port", str(free_port())],
        stdout=subprocess.DEVNULL,
    )
    while not ready(port):
        time.sleep(0.001)
    took = (time.perf_counter() - begin) * 1000
    time.sleep(1)
    with open(f"/proc/{server.pid}/status", encoding="utf-8") as status:
        resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    server.terminate()
    server.wait(timeout=5)
    return took, resident


with tempfile.TemporaryDirectory() as folder:
    first, _ = start(os.path.join(folder, "demo"))
    again = [start(os.path.join(folder, "demo")) for _ in range(5)]
print(f"Tollgate: first start to ready, everything made   {first:.0f} ms")
print(f"Tollgate: later starts to ready, median of 5      {statistics.median(t for t, _ in again):.0f} ms")
print(f"Tollgate: resident memory when idle               {max(m for _, m in again)} KiB")
