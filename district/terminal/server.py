"""`serve` and `pin`: the server itself, and what its address is known by."""

import argparse
import logging
import os
import sys
from pathlib import Path

from district import serving
from district.config import DistrictSettings
from district.terminal.saying import Commands
from domain.errors import Mendable
from offline.letters.pins import pin_of_pem

log = logging.getLogger(__name__)


def add(commands: Commands) -> None:
    serve = commands.add_parser("serve", help="start the server", description=serving.__doc__)
    serve.set_defaults(do=_serve)
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port (default 8700; 0 takes any that is free)")
    serve.add_argument("--tls-cert", type=Path, metavar="PEM", help="certificate; without one, put a proxy in front")
    serve.add_argument("--tls-key", type=Path, metavar="PEM")
    serve.add_argument("--ready-file", type=Path, metavar="FILE", help="write the address here once the server answers")
    pin = commands.add_parser("pin", help="the pin of a TLS key or certificate, for tls_pins: make one in reserve")
    pin.set_defaults(do=_pin)
    pin.add_argument("file", type=Path, metavar="PEM")


def _serve(settings: DistrictSettings, args: argparse.Namespace) -> int:
    return serving.serve(settings, _tell, args.ready_file)


def _tell(words: str) -> None:
    """On standard output; a server serves whether or not somebody reads there, or its disk has room for it."""
    try:
        print(words, flush=True)
    except OSError as e:
        log.warning("nobody reads what the server says at its start: %s", e)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _pin(_: DistrictSettings, args: argparse.Namespace) -> int:
    try:
        print(pin_of_pem(args.file.read_bytes()))
    except (ValueError, TypeError) as e:
        raise Mendable("pem_wrong", path=args.file) from e
    return 0
