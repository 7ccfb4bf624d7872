"""Joining a district with a one-time code: the same for a kiosk, a desktop and a hub."""

import re
from pathlib import Path

import msgspec
from cryptography import x509

from domain.errors import Mendable
from offline.keys.identity import Identity, b64, code_matches, unb64
from offline.node_clock import NodeClock
from offline.transport.errors import Rejected, TryAgain, Untrusted
from offline.transport.http import HttpTransport
from offline.wire import EnrolReply, EnrolRequest, Hello

_ADDRESS = re.compile(r"https?://(\[[\da-fA-F:.]+\]|[^/\s:]+)(:\d{1,5})?(/\S*)?")


def check_address(url: str) -> None:
    """Raises Mendable `district_address` for what is no address."""
    if not _ADDRESS.fullmatch(url):
        raise Mendable("district_address", url=url)


def check_certificate(path: str) -> None:
    """Raises Mendable `file_unusable`, `pem_wrong` where a certificate is named and there is none; '' names none."""
    if path:
        try:
            x509.load_pem_x509_certificates(Path(path).read_bytes())
        except OSError as e:
            raise Mendable("file_unusable", path=path, why=e.strerror) from e
        except ValueError as e:
            raise Mendable("pem_wrong", path=path) from e


def _meet(transport: HttpTransport, code: str) -> tuple[Hello, float]:
    """The district's greeting, over a line that an authority or the code itself vouches for. Raises Untrusted."""
    try:
        hello, trip = transport.hello()
    except Untrusted:
        transport.pins.first_contact = True  # no authority knows its certificate: the key in the code may
        hello, trip = transport.hello()
    if not transport.pins.meet(hello, code):
        raise Untrusted("the TLS key of whoever answers is not one of the district's")
    return hello, trip


def enrol(
    transport: HttpTransport, url: str, clock: NodeClock, me: Identity, code: str, role: str, name: str, epoch: int = 0
) -> EnrolReply:
    """`epoch` is the last in which this node has numbered facts.

    Raises Mendable: `district_unreachable`, `district_untrusted`, `district_other`, `code_refused`, `wrong_district`."""
    request = EnrolRequest(
        code.strip(), role, name, b64(me.sign_public), b64(me.box_public), b64(me.box_signature), epoch
    )
    try:
        hello, trip = _meet(transport, code)
        clock.learn(hello.time, trip)
        reply = transport.enrol(request)
    except TryAgain as e:
        raise Mendable("district_unreachable", url=url) from e
    except Untrusted as e:
        raise Mendable("district_untrusted", url=url) from e
    except msgspec.DecodeError as e:
        raise Mendable("district_other", url=url) from e
    except Rejected as e:
        stranger = e.code == "not_found" or e.code.startswith("http_")
        raise Mendable("district_other" if stranger else "code_refused", url=url) from e
    if not code_matches(code, unb64(reply.district_sign_key)):
        raise Mendable("wrong_district", url=url)
    return reply
