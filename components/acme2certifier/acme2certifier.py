#!/usr/bin/env python3
"""acme2certifier under gunicorn. In addition, it can validate on other ports than 80 and 443, and ask a name server on another port
than 53: ACME_HTTP_PORT, ACME_TLS_PORT and ACME_DNS_PORT. Its own configuration has the addresses only.
"""

import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "acme2certifier-packages"))

import dns.resolver  # noqa: E402
from gunicorn.app.wsgiapp import run  # noqa: E402

PORTS = {80: os.environ.get("ACME_HTTP_PORT"), 443: os.environ.get("ACME_TLS_PORT")}


def connect(self, address, _connect=socket.socket.connect):
    """Connects as ever, with the port replaced."""
    if isinstance(address, tuple) and PORTS.get(address[1]):
        address = (address[0], int(PORTS[address[1]]), *address[2:])
    return _connect(self, address)


def reset(self, _reset=dns.resolver.BaseResolver.reset):
    """Resets as ever, with the port of the name server."""
    _reset(self)
    self.port = int(os.environ.get("ACME_DNS_PORT", "53"))


socket.socket.connect = connect
dns.resolver.BaseResolver.reset = reset
sys.argv += ["acme2certifier.share.acme2certifier_wsgi:application"]
sys.exit(run())
