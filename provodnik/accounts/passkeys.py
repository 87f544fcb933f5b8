"""Passkeys (WebAuthn level 2): what the browser is asked, and whether its answer is right. No table is touched here.

The relying party is the host of BASE_URL, never the Host header of a request (safety A36). A key is asked for user
verification (a finger, a PIN) always: it is a whole sign-in, not only a second factor.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import webauthn
from django.conf import settings
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from provodnik.core.secrets import key_for

log = logging.getLogger(__name__)
LONGEST_ANSWER = 20_000  # characters of JSON; a true one has about two thousand
NAME = "PROводник"
_TRANSPORTS = frozenset(one.value for one in AuthenticatorTransport)


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks: the host name that keys belong to, and the origin that pages have."""

    id: str
    origin: str


@dataclass(frozen=True, slots=True)
class NewKey:
    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: list[str]


def party() -> Party | None:
    """None where browsers refuse passkeys: under a bare IP address, or without TLS outside one's own machine."""
    base = urlsplit(settings.BASE_URL)
    host = (base.hostname or "").encode("idna").decode()
    try:
        ip_address(host)
    except ValueError:
        pass
    else:
        return None
    own = host == "localhost" or host.endswith(".localhost")
    if not host or (base.scheme != "https" and not own):
        return None
    port = f":{base.port}" if base.port and base.port != {"https": 443, "http": 80}.get(base.scheme) else ""
    return Party(host, f"{base.scheme}://{host}{port}")


def handle(user_id: int) -> bytes:
    """What a key knows its owner by: tells nothing of him."""
    return hmac.new(key_for("passkey-owners"), str(user_id).encode(), hashlib.sha256).digest()


def _descriptor(credential_id: bytes, transports: Sequence[str]) -> PublicKeyCredentialDescriptor:
    known = [AuthenticatorTransport(one) for one in transports if one in _TRANSPORTS]
    return PublicKeyCredentialDescriptor(id=bytes(credential_id), transports=known or None)


def ask_new(
    who: Party, *, user_id: int, login: str, full_name: str, known: Sequence[tuple[bytes, Sequence[str]]]
) -> tuple[str, str]:
    """(JSON for navigator.credentials.create, the challenge to remember)."""
    options = webauthn.generate_registration_options(
        rp_id=who.id,
        rp_name=NAME,
        user_id=handle(user_id),
        user_name=login,
        user_display_name=full_name or login,
        exclude_credentials=[_descriptor(*one) for one in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return webauthn.options_to_json(options), bytes_to_base64url(options.challenge)


def ask(who: Party, *, known: Sequence[tuple[bytes, Sequence[str]]] = ()) -> tuple[str, str]:
    """(JSON for navigator.credentials.get, the challenge to remember). Without `known` the key itself says whose it is:
    the page tells a stranger nothing of who has keys (safety A51)."""
    options = webauthn.generate_authentication_options(
        rp_id=who.id,
        allow_credentials=[_descriptor(*one) for one in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options), bytes_to_base64url(options.challenge)


def read(answer: object) -> dict[str, Any] | None:
    """The browser's answer as JSON; None for anything else, however deep or long."""
    if not isinstance(answer, str) or not answer or len(answer) > LONGEST_ANSWER:
        return None
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def credential_id(answer: dict[str, Any]) -> bytes | None:
    """Which key answers."""
    found = answer.get("id")
    if not isinstance(found, str) or not found or len(found) > 1400:
        return None
    try:
        return base64url_to_bytes(found)
    except ValueError:
        return None


def owner_agrees(answer: dict[str, Any], user_id: int) -> bool:
    """The owner that the key names, where it names one, is the one on record."""
    response = answer.get("response")
    named = response.get("userHandle") if isinstance(response, dict) else None
    if not isinstance(named, str) or not named:
        return True
    try:
        return hmac.compare_digest(base64url_to_bytes(named), handle(user_id))
    except ValueError:
        return False


def made(answer: dict[str, Any], *, challenge: str, who: Party) -> NewKey | None:
    """The new key, when the answer is right and its owner was verified."""
    try:
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=who.id,
            expected_origin=who.origin,
            require_user_verification=True,
        )
    except Exception as error:
        # CBOR and JSON of a stranger: the library names some of its errors, and lets others through
        log.warning("a new passkey was refused: %s", type(error).__name__)
        return None
    transports = answer.get("response", {}).get("transports")
    told = [one for one in transports if one in _TRANSPORTS] if isinstance(transports, list) else []
    return NewKey(found.credential_id, found.credential_public_key, found.sign_count, told[:6])


def right(answer: dict[str, Any], *, challenge: str, who: Party, public_key: bytes) -> int | None:
    """The counter of a right answer, else None. Whether the counter went back is the caller's to judge."""
    try:
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=who.id,
            expected_origin=who.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as error:
        log.warning("a passkey was refused: %s", type(error).__name__)
        return None
    return found.new_sign_count


def went_back(known: int, told: int) -> bool:
    """A counter that does not grow is the mark of a copied key (WebAuthn 6.1.1); keys without one say 0 always."""
    return (known > 0 or told > 0) and told <= known
