"""The electronic signature in a PDF (PAdES, baseline B-B) by pyHanko: put in after the file was made, as an addition to its bytes.

No time stamp of an authority stands in it: the house reaches none by itself. When it was signed is therefore its own word,
beside which the chain of reports and the published hashes stand.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from io import BytesIO
from typing import Any

from app.adapters.signing_key import DER, OPEN, PKCS8, KeyUnfit, SigningKey
from app.errors import N_

FIELD = "Signature"


def sign_pdf(content: bytes, key: SigningKey, reason: str, at: datetime) -> bytes:
    """The file with its signature behind it; the bytes given are its beginning. Raises KeyUnfit when it cannot be signed."""
    # pyHanko runs an event loop of its own, which needs a thread without one.
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(_signed, content, key, reason, at).result()


def _signed(content: bytes, key: SigningKey, reason: str, at: datetime) -> bytes:
    from asn1crypto.keys import PrivateKeyInfo
    from asn1crypto.x509 import Certificate
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.general import SigningError
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class Dated(signers.PdfSigner):  # type: ignore[misc]
        """Signs at the given instant: the clock is read at the entry, not here."""

        def init_signing_session(self, *arguments: Any, **options: Any) -> Any:
            session = super().init_signing_session(*arguments, **options)
            session.system_time = at
            return session

    class Untouched(IncrementalPdfFileWriter):  # type: ignore[misc]
        """Adds the signature and nothing else: the metadata say what the renderer made."""

        def _update_meta(self) -> None:
            return

    above = [Certificate.load(one.public_bytes(DER)) for one in key.chain]
    signer = signers.SimpleSigner(
        signing_cert=Certificate.load(key.certificate.public_bytes(DER)),
        signing_key=PrivateKeyInfo.load(key.key.private_bytes(DER, PKCS8, OPEN)),
        cert_registry=SimpleCertificateStore.from_certs(above),
    )
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, reason=reason
    )
    try:
        made: BytesIO = Dated(meta, signer).sign_pdf(Untouched(BytesIO(content)))
    except (SigningError, ValueError) as error:
        raise KeyUnfit(N_("The report could not be signed with the key there is.")) from error
    return made.getvalue()
