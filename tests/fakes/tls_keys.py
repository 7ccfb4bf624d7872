"""TLS keys of a district, and certificates for them that no authority knows."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from offline.letters.pins import pin_of_pem


class Key:
    """A TLS key, and certificates for it."""

    def __init__(self, folder: Path, name: str) -> None:
        self._key, self._folder, self._name, self._made = ec.generate_private_key(ec.SECP256R1()), folder, name, 0
        self.file = folder / f"{name}.key"
        self.file.write_bytes(self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self.pin = pin_of_pem(self.file.read_bytes())

    def certificate(
        self,
        signed_by: "Key | None" = None,
        ends: timedelta = timedelta(days=30),
        host: str = "192.0.2.1",
        name: str = "elsewhere.example",
    ) -> Path:
        """A new one each time, as by a renewal; its own word for itself, or somebody's."""
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        issuer = (
            subject if signed_by is None else x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "authority")])
        )
        now, here = datetime.now(UTC), x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))])
        made = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(self._key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + ends).add_extension(here, critical=False)
            .add_extension(x509.BasicConstraints(ca=name == "authority", path_length=None), critical=True)
            .sign((signed_by or self)._key, SHA256())
        )  # fmt: skip
        self._made += 1
        path = self._folder / f"{self._name}.{self._made}.pem"
        path.write_bytes(made.public_bytes(Encoding.PEM))
        return path
