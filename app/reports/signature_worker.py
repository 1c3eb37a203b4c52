"""Reads the signature of a PDF that a stranger sent, in a process of its own that may use so much time and memory and no more.

Run as a file: the PDF on standard input, one JSON line out: `{"signed": false}` or `{"signed": true, "intact": …, "whole": …,
"certificate": SHA-256, "name": …, "signed_at": …}`. `intact`: the signature belongs to what it covers; `whole`: it covers the
whole file, so that nothing was added behind it.
"""

import json
import logging
import resource
import sys
from hashlib import sha256
from io import BytesIO
from typing import Any

MOST_SECONDS = 15
MOST_MEMORY = 1024 * 1024 * 1024


def read_signature(content: bytes) -> dict[str, Any]:
    """What the first signature of a PDF says and whether it holds."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    signatures = PdfFileReader(BytesIO(content)).embedded_regular_signatures
    if not signatures:
        return {"signed": False}
    signature = signatures[0]
    certificate = signature.signer_cert
    # Whether we know the signer is the caller's question; here only whether the signature holds.
    context = ValidationContext(trust_roots=[certificate], allow_fetching=False)
    status = validate_pdf_signature(signature, context, skip_diff=True)
    at = signature.self_reported_timestamp
    return {
        "signed": True,
        "intact": bool(status.intact and status.valid),
        "whole": status.coverage == SignatureCoverageLevel.ENTIRE_FILE and len(signatures) == 1,
        "certificate": sha256(certificate.dump()).hexdigest(),
        "name": str(certificate.subject.native.get("common_name", ""))[:120],
        "signed_at": at.isoformat() if at else None,
    }


def main() -> None:
    """Answer once."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    logging.disable(logging.CRITICAL)
    try:
        answer = read_signature(sys.stdin.buffer.read())
    except Exception:
        # Anything may be wrong with a stranger's file: it holds no signature that can be read.
        answer = {"signed": False}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    # The script's own folder would hide modules of the standard library behind ours (html).
    sys.path.pop(0)
    main()
