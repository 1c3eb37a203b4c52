"""The key that published reports are signed with: the company's own (`REPORT_SIGNING_KEY`), or one made here once.

`REPORT_SIGNING_KEY` is the path of a PEM file with the private key, its certificate and the certificates above it, or of a
PKCS#12 file (`.p12`, `.pfx`); `REPORT_SIGNING_PASSPHRASE` opens either. Without it a key with a certificate of its own is
made in `DATA_DIR/keys` (readable by its owner only) and stays. Every certificate that ever signed is kept beside it, so
that an old report is known for ours after the key has changed.
"""

import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from app.adapters.files import write_whole
from app.errors import N_, LinliError

FOLDER = "keys"
OWN = "report-signing.pem"
CERTIFICATES = "certificates"
YEARS = 10
LARGEST_FILE = 1024 * 1024

PEM = serialization.Encoding.PEM
DER = serialization.Encoding.DER
PKCS8 = serialization.PrivateFormat.PKCS8
OPEN = serialization.NoEncryption()


class KeyUnfit(LinliError):
    """Nothing can be signed with this key; nothing was published."""

    status = 409


@dataclass(frozen=True)
class SigningKey:
    """A private key with the certificate that belongs to it and those above that."""

    key: Any
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as viewers of PDF show it."""
        return sha256(self.certificate.public_bytes(DER)).hexdigest()

    @property
    def name(self) -> str:
        """Whom the certificate names."""
        return self.certificate.subject.rfc4514_string()


def signing_key(data_dir: Path, given: str, passphrase: str, host: str, at: datetime) -> SigningKey:
    """The key to sign with at an instant. Raises KeyUnfit, saying why, for one that cannot be read or does not fit."""
    found = _read(Path(given), passphrase) if given else _own(data_dir / FOLDER, host, at)
    if not isinstance(found.key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise KeyUnfit(N_("REPORT_SIGNING_KEY: the key must be RSA or of an elliptic curve."))
    if found.key.public_key() != found.certificate.public_key():
        raise KeyUnfit(N_("REPORT_SIGNING_KEY: the certificate belongs to another key."))
    if given and not found.certificate.not_valid_before_utc <= at <= found.certificate.not_valid_after_utc:
        raise KeyUnfit(
            N_("REPORT_SIGNING_KEY: the certificate is valid from %(first)s to %(last)s only."),
            first=found.certificate.not_valid_before_utc.date().isoformat(),
            last=found.certificate.not_valid_after_utc.date().isoformat(),
        )
    return found


def keep_certificate(data_dir: Path, key: SigningKey) -> None:
    """Remember whose certificate signed, for as long as reports are checked."""
    path = data_dir / FOLDER / CERTIFICATES / f"{key.fingerprint}.pem"
    if not path.exists():
        write_whole(path, key.certificate.public_bytes(PEM))


def is_ours(data_dir: Path, fingerprint: str) -> bool:
    """Whether a certificate (SHA-256, lower-case hex) ever signed a report here."""
    return fingerprint.isalnum() and (data_dir / FOLDER / CERTIFICATES / f"{fingerprint}.pem").exists()


def _read(path: Path, passphrase: str) -> SigningKey:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise KeyUnfit(N_("REPORT_SIGNING_KEY: the file is too big to be a key."))
        content = path.read_bytes()
    except OSError:
        raise KeyUnfit(N_("REPORT_SIGNING_KEY: the file cannot be read.")) from None
    secret = passphrase.encode() or None
    try:
        return _from_pem(content, secret) if b"-----BEGIN" in content else _from_pkcs12(content, secret)
    except (ValueError, TypeError):
        # The library's own words could hold parts of the key.
        raise KeyUnfit(
            N_("REPORT_SIGNING_KEY: no key with its certificate can be read from the file; is REPORT_SIGNING_PASSPHRASE right?")
        ) from None  # fmt: skip


def _from_pem(content: bytes, secret: bytes | None) -> SigningKey:
    """The certificates may stand in any order, before the key or behind it."""
    found = re.search(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", content, re.DOTALL)
    if found is None:
        raise ValueError("no private key")
    key = serialization.load_pem_private_key(found.group() + b"\n", secret)
    certificates = x509.load_pem_x509_certificates(content)
    own = next((one for one in certificates if one.public_key() == key.public_key()), certificates[0])
    return SigningKey(key, own, tuple(one for one in certificates if one is not own))


def _from_pkcs12(content: bytes, secret: bytes | None) -> SigningKey:
    key, certificate, chain = pkcs12.load_key_and_certificates(content, secret)
    if key is None or certificate is None:
        raise ValueError("no key or no certificate")
    return SigningKey(key, certificate, tuple(chain))


def _own(folder: Path, host: str, at: datetime) -> SigningKey:
    """The key made here, the same for ever after. Of two processes that make one at once the first wins."""
    path = folder / OWN
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{OWN}.{os.getpid()}"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_made(host, at))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return _from_pem(path.read_bytes(), None)


def _made(host: str, at: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Linli 邻里"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Linli 邻里 ({host})"[:64]),
        ]
    )
    usage = {
        name: name in ("digital_signature", "content_commitment")
        for name in (
            "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
            "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
        )
    }  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=366 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(PEM, PKCS8, OPEN) + certificate.public_bytes(PEM)
