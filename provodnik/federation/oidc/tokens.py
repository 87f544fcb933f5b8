"""Is this token what it says? Pure: the token's text, the provider's keys and an instant (safety A55).

joserfc checks signatures; which keys and algorithms it may use is decided here. Only signatures with a public key are
taken: a token "signed" with HS256 and the provider's public key as the secret, or with "none", finds no key at all.
What a token itself says of keys (jku, x5u, jwk, x5c) is not looked at.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from provodnik.core.strict_json import NotStrict, Reader

# Algorithm → kind of key and, for curves, which one (RFC 7518 3.1, RFC 8037 3.1, RFC 9864).
ALGORITHMS: Mapping[str, tuple[str, str]] = {
    "RS256": ("RSA", ""),
    "RS384": ("RSA", ""),
    "RS512": ("RSA", ""),
    "PS256": ("RSA", ""),
    "PS384": ("RSA", ""),
    "PS512": ("RSA", ""),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}
LONGEST = 32_000
MOST_KEYS = 50
LONGEST_SUBJECT = 255  # OpenID Connect Core, 2
SMALLEST_RSA = 2048
SLACK = 60  # seconds that two clocks may differ
OLDEST = 600  # seconds after which a token that has just been asked for was not made for us
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
_READER = Reader(deepest=12, digits=20, largest=2**53, fractions=True)


class Wrong(Exception):
    """A token or an answer that is not to be believed. `code` is stable: it goes to the log and to the health line."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class UnknownKey(Wrong):
    """Signed with a key that is not among the known ones: perhaps the provider has a new one."""

    def __init__(self) -> None:
        super().__init__("key")


def read_object(content: bytes) -> dict[str, Any]:
    """A JSON object of one meaning. Raises Wrong."""
    try:
        found = _READER.read(content)
    except NotStrict as error:
        raise Wrong("json") from error
    if not isinstance(found, dict):
        raise Wrong("json")
    return found


def _piece(text: str) -> dict[str, Any]:
    """A part of a token. base64url without padding is the only spelling (RFC 7515, 2)."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Wrong("token") from error
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise Wrong("token")
    return read_object(raw)


def verified(token: object, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The claims of a token with a right signature by one of these keys (JWK). Raises Wrong; UnknownKey."""
    if not isinstance(token, str) or not token.isascii() or len(token) > LONGEST or token.count(".") != 2:
        raise Wrong("token")
    first, second, _signature = token.split(".")
    header = _piece(first)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or "crit" in header or "b64" in header:
        raise Wrong("alg")
    fitting = _fitting(algorithm, header.get("kid"), keys)
    if not fitting:
        raise UnknownKey
    if not any(_is_right(token, algorithm, key) for key in fitting):
        raise Wrong("signature")
    return _piece(second)


def _fitting(algorithm: str, kid: object, keys: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Keys that may have made such a signature. Without a `kid` all of the kind are tried; with one, only its own."""
    kind, curve = ALGORITHMS[algorithm]
    return [
        key
        for key in keys[:MOST_KEYS]
        if key.get("kty") == kind
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (not curve or key.get("crv") == curve)
        and (kid is None or key.get("kid") == kid)
    ]


def _is_right(token: str, algorithm: str, told: Mapping[str, Any]) -> bool:
    try:
        public = {name: value for name, value in told.items() if name not in ("d", "p", "q", "dp", "dq", "qi", "k")}
        public.pop("key_ops", None)
        key = import_key(public, told["kty"])
        if not isinstance(key, RSAKey | ECKey | OKPKey):
            return False
        if isinstance(key, RSAKey) and key.public_key.key_size < SMALLEST_RSA:
            return False
        jws.deserialize_compact(token, key, algorithms=[algorithm])
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return False
    return True


def _moment(claims: Mapping[str, Any], name: str) -> float:
    found = claims.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise Wrong(name)
    return float(found)


def _for_us(claims: Mapping[str, Any], *, issuer: str, client_id: str, now: datetime) -> str:
    """What an id token and a logout token have in common. Returns the subject, which a logout token need not have."""
    at = now.timestamp()
    if claims.get("iss") != issuer:
        raise Wrong("iss")
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or client_id not in audiences:
        raise Wrong("aud")
    party = claims.get("azp")
    if party is not None and party != client_id:
        raise Wrong("azp")
    if len(audiences) > 1 and party is None:  # OpenID Connect Core, 3.1.3.7 (3, 4)
        raise Wrong("azp")
    issued = _moment(claims, "iat")
    if not at - OLDEST <= issued <= at + SLACK:
        raise Wrong("iat")
    if "exp" in claims and _moment(claims, "exp") <= at - SLACK:
        raise Wrong("exp")
    if "nbf" in claims and _moment(claims, "nbf") > at + SLACK:
        raise Wrong("nbf")
    subject = claims.get("sub")
    if subject is None:
        return ""
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise Wrong("sub")
    return subject


def id_token(
    token: object, keys: Sequence[Mapping[str, Any]], *, issuer: str, client_id: str, nonce: str, now: datetime
) -> dict[str, Any]:
    """The claims of an id token that was made for us, for this very sign-in, just now. Raises Wrong."""
    claims = verified(token, keys)
    subject = _for_us(claims, issuer=issuer, client_id=client_id, now=now)
    _moment(claims, "exp")  # must be there
    if not subject:
        raise Wrong("sub")
    told = claims.get("nonce")
    if not nonce or not isinstance(told, str) or not hmac.compare_digest(told.encode(), nonce.encode()):
        raise Wrong("nonce")
    return claims


def logout_token(
    token: object, keys: Sequence[Mapping[str, Any]], *, issuer: str, client_id: str, now: datetime
) -> tuple[str, str]:
    """(subject, jti) of a message that a session at the provider is over (OpenID Connect Back-Channel Logout 1.0,
    2.6). A token without a subject is refused: which of ours was its session, nobody has told us. Raises Wrong."""
    claims = verified(token, keys)
    subject = _for_us(claims, issuer=issuer, client_id=client_id, now=now)
    events, jti = claims.get("events"), claims.get("jti")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT), dict):
        raise Wrong("events")
    if "nonce" in claims:  # else an id token could be sent for one
        raise Wrong("nonce")
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_SUBJECT:
        raise Wrong("jti")
    if not subject:
        raise Wrong("sub")
    return subject, jti
