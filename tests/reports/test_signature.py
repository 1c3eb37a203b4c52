"""The electronic signature: it holds, one changed byte breaks it, the key is the house's or the company's, and a bad key is said."""

import os
import stat
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.pdf_utils.misc import PdfReadError
from pypdf import PdfWriter

from app.adapters.pdf_signature import sign_pdf
from app.adapters.signature_check import read_signature
from app.adapters.signing_key import (
    OPEN,
    PEM,
    PKCS8,
    YEARS,
    KeyUnfit,
    SigningKey,
    is_ours,
    keep_certificate,
    signing_key,
)
from app.reports import signature_worker
from tests.reports.world import NOW


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house")


@pytest.fixture(scope="module")
def key(house: Path) -> SigningKey:
    return signing_key(house, "", "", "linli.example.org", NOW)


@pytest.fixture(scope="module")
def page() -> bytes:
    writer, file = PdfWriter(), BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(file)
    return file.getvalue()


@pytest.fixture(scope="module")
def signed(page: bytes, key: SigningKey) -> bytes:
    return sign_pdf(page, key, "月度报告", NOW)


def test_the_key_is_made_once_and_only_its_owner_may_read_it(house: Path, key: SigningKey) -> None:
    assert signing_key(house, "", "", "another", NOW + timedelta(days=900)).fingerprint == key.fingerprint
    assert stat.S_IMODE((house / "keys" / "report-signing.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE((house / "keys").stat().st_mode) == 0o700
    assert [one for one in os.listdir(house / "keys") if one.startswith(".")] == []
    assert key.certificate.not_valid_after_utc > NOW + timedelta(days=365 * YEARS)
    assert "linli.example.org" in key.name


def test_a_certificate_that_signed_is_known_for_ours_ever_after(house: Path, key: SigningKey) -> None:
    assert not is_ours(house, key.fingerprint)
    keep_certificate(house, key)
    assert is_ours(house, key.fingerprint)
    for nonsense in ("", "0" * 64, "../report-signing", "\x00"):
        assert not is_ours(house, nonsense)


def test_the_signature_is_put_behind_the_file_and_holds(page: bytes, signed: bytes, key: SigningKey) -> None:
    assert signed.startswith(page)
    assert b"/ETSI.CAdES.detached" in signed
    found = read_signature(signed)
    assert found is not None
    assert (found.intact, found.whole, found.fingerprint, found.signed_at) == (True, True, key.fingerprint, NOW)
    assert found.name == "Linli 邻里 (linli.example.org)"


def test_one_changed_byte_anywhere_breaks_it_and_so_does_what_is_added(page: bytes, signed: bytes) -> None:
    """The worker's own function, so that a byte costs no process."""

    def holds(content: bytes) -> bool:
        try:
            said = signature_worker.read_signature(content)
        except Exception:
            return False
        return bool(said["signed"] and said["intact"] and said["whole"])

    assert holds(signed)
    gap = range(signed.index(b"/Contents <"), signed.index(b">", signed.index(b"/Contents <")))
    places = [*range(0, len(page), len(page) // 12), *range(len(page), len(signed), 400)]
    for place in [place for place in places if place not in gap]:
        assert not holds(signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]), place
    assert not holds(signed + b"\n")
    assert not holds(page)


def test_garbage_holds_no_signature_and_harms_nobody(page: bytes) -> None:
    assert read_signature(bytes(range(256)) * 200) is None
    for garbage in (b"", b"%PDF-1.7", page[: len(page) // 2]):
        with pytest.raises(PdfReadError):
            signature_worker.read_signature(garbage)


def company(folder: Path) -> SigningKey:
    """A key such as a company buys; here made by the same function in another folder."""
    return signing_key(folder / "company", "", "", "company.example.org", NOW)


@pytest.mark.parametrize("form", ["pem", "pem-secret", "p12"])
def test_the_companys_own_key_signs(tmp_path: Path, page: bytes, form: str) -> None:
    made, secret = company(tmp_path), "geheim" if form != "pem" else ""
    path = tmp_path / f"company.{form}"
    if form == "p12":
        path.write_bytes(
            pkcs12.serialize_key_and_certificates(
                b"x", made.key, made.certificate, None, serialization.BestAvailableEncryption(secret.encode())
            )
        )
    else:
        closed = serialization.BestAvailableEncryption(secret.encode()) if secret else OPEN
        path.write_bytes(made.certificate.public_bytes(PEM) + made.key.private_bytes(PEM, PKCS8, closed))
    key = signing_key(tmp_path, str(path), secret, "", NOW)
    assert key.fingerprint == made.fingerprint
    assert signature_worker.read_signature(sign_pdf(page, key, "x", NOW))["certificate"] == made.fingerprint
    if secret:
        with pytest.raises(KeyUnfit, match="PASSPHRASE"):
            signing_key(tmp_path, str(path), "wrong", "", NOW)


def test_a_key_that_does_not_fit_is_refused_with_its_reason(tmp_path: Path) -> None:
    made = company(tmp_path)
    other = ec.generate_private_key(ec.SECP256R1())
    path = tmp_path / "key.pem"

    def refused(content: bytes) -> str:
        path.write_bytes(content)
        with pytest.raises(KeyUnfit) as caught:
            signing_key(tmp_path, str(path), "", "", NOW)
        return str(caught.value)

    certificate = made.certificate.public_bytes(PEM)
    assert "another key" in refused(other.private_bytes(PEM, PKCS8, OPEN) + certificate)
    assert "PASSPHRASE" in refused(certificate)
    assert "PASSPHRASE" in refused(b"nonsense")
    assert "too big" in refused(b"x" * (1024 * 1024 + 1))
    path.unlink()
    with pytest.raises(KeyUnfit, match="cannot be read"):
        signing_key(tmp_path, str(path), "", "", NOW)
    path.write_bytes(made.key.private_bytes(PEM, PKCS8, OPEN) + certificate)
    with pytest.raises(KeyUnfit, match="valid from"):
        signing_key(tmp_path, str(path), "", "", NOW + timedelta(days=9999))
