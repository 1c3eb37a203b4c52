"""The house's electronic signature under the files of a report: put in after rendering, before hash and chain are taken (I8)."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from flask import current_app

from app.adapters.pdf_signature import sign_pdf
from app.adapters.signing_key import keep_certificate, signing_key
from app.errors import N_
from app.services.reporting.edition import Files
from app.services.reporting.words import translator

REASON = N_("Published monthly service report")


def sign_files(files: Files, now: datetime) -> Files:
    """The files with the signature of the house, dated `now`. Raises KeyUnfit. Takes a second: call it outside transactions."""
    settings = current_app.extensions["settings"]
    host = urlsplit(settings.public_base_url).hostname or "localhost"
    key = signing_key(settings.data_dir, settings.report_signing_key, settings.report_signing_passphrase, host, now)
    keep_certificate(settings.data_dir, key)
    signed = {
        locale: replace(file, content=sign_pdf(file.content, key, translator(locale)(REASON), now))
        for locale, file in files.by_locale.items()
    }
    return replace(files, by_locale=signed, is_signed=True)
