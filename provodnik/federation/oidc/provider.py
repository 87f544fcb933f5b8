"""What a provider says of itself, and what it gives for a code: asked by core.outbound alone, with its bounds."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from provodnik.core import outbound
from provodnik.core.outbound import OutboundError
from provodnik.federation.oidc.tokens import MOST_KEYS, Wrong, read_object

KNOWN_FOR = 600.0  # seconds that metadata and keys are believed
KEYS_PAUSE = 60.0  # seconds between two askings for keys because of an unknown one
LARGEST = 256 * 1024
WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What of a provider's metadata is used (OpenID Connect Discovery 1.0, 3)."""

    issuer: str
    authorization: str
    token: str
    keys: str
    end_session: str
    by_post: bool
    tells_issuer: bool


@dataclass(frozen=True, slots=True)
class Flow:
    """One sign-in on its way: kept in the session, compared when the browser comes back."""

    state: str
    nonce: str
    verifier: str


def new_flow() -> Flow:
    """256 bits each; the verifier is 43 signs (RFC 7636, 4.1)."""
    return Flow(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(32))


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def why_no_address(address: str) -> str:
    """What is wrong with an address of a provider: "" or a code. Without encryption only a host inside that the
    installation's settings have opened: tokens open accounts."""
    try:
        goal = outbound.target(address)
        if "#" in address:
            return "bad_address"
        if goal.scheme != "https" and not _is_opened(goal.host):
            return "no_tls"
    except OutboundError as error:
        return error.code
    return ""


def _is_opened(host: str) -> bool:
    inside = outbound.allowed()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host in inside.hosts
    return any(address in network for network in inside.networks if network.version == address.version)


def _asked(method: str, address: str, **more: Any) -> dict[str, Any]:
    try:
        answer = outbound.send(method, address, **more)
    except OutboundError as error:
        raise Wrong("late" if error.code == "late" else "away" if error.code != "inside" else "inside") from error
    if len(answer.body) > LARGEST:
        raise Wrong("large")
    if answer.status != 200:
        raise Wrong("status")
    return read_object(answer.body)


def read_metadata(told: Mapping[str, Any], issuer: str) -> Metadata:
    """Raises Wrong. The issuer must be the one of the settings, letter for letter (Discovery, 4.3): else one provider
    could speak for another."""
    if told.get("issuer") != issuer:
        raise Wrong("issuer")
    found: dict[str, str] = {}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        address = told.get(name)
        if not isinstance(address, str) or why_no_address(address):
            raise Wrong("metadata")
        found[name] = address
    over = told.get("end_session_endpoint")
    methods = told.get("token_endpoint_auth_methods_supported")
    basic = not isinstance(methods, list) or "client_secret_basic" in methods
    return Metadata(
        issuer,
        found["authorization_endpoint"],
        found["token_endpoint"],
        found["jwks_uri"],
        over if isinstance(over, str) and not why_no_address(over) else "",
        not basic,
        told.get("authorization_response_iss_parameter_supported") is True,
    )


class _Known:
    """What was asked lately, for all threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[str, tuple[float, Any]] = {}

    def get(self, key: str, ask: Callable[[], Any], *, younger: float = KNOWN_FOR) -> Any:
        with self._lock:
            kept = self._found.get(key)
        if kept is not None and time.monotonic() - kept[0] < younger:
            return kept[1]
        value = ask()
        with self._lock:
            if len(self._found) > 100:
                self._found.clear()
            self._found[key] = (time.monotonic(), value)
        return value

    def forget(self) -> None:
        with self._lock:
            self._found.clear()


known = _Known()


def metadata(issuer: str) -> Metadata:
    """Raises Wrong."""
    address = issuer.rstrip("/") + WELL_KNOWN
    found: Metadata = known.get(f"metadata {issuer}", lambda: read_metadata(_asked("GET", address), issuer))
    return found


def keys(about: Metadata, *, fresh: bool = False) -> Sequence[Mapping[str, Any]]:
    """The provider's public keys. `fresh`: those that are a minute old at most. Raises Wrong."""

    def ask() -> list[Mapping[str, Any]]:
        told = _asked("GET", about.keys).get("keys")
        if not isinstance(told, list) or len(told) > MOST_KEYS:
            raise Wrong("keys")
        return [key for key in told if isinstance(key, dict)]

    found: list[Mapping[str, Any]] = known.get(f"keys {about.keys}", ask, younger=KEYS_PAUSE if fresh else KNOWN_FOR)
    return found


def way_there(about: Metadata, flow: Flow, *, client_id: str, scopes: str, back: str) -> str:
    """The address to which a browser is sent."""
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": back,
        "scope": scopes,
        "state": flow.state,
        "nonce": flow.nonce,
        "code_challenge": challenge(flow.verifier),
        "code_challenge_method": "S256",
    }
    return f"{about.authorization}{'&' if urlsplit(about.authorization).query else '?'}{urlencode(asked)}"


def redeem(
    about: Metadata,
    *,
    code: str,
    flow: Flow,
    client_id: str,
    client_secret: str,
    back: str,
) -> str:
    """The id token for a code. Raises Wrong."""
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": flow.verifier}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if client_secret and not about.by_post:  # RFC 6749, 2.3.1: both are encoded as forms are
        pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        body["client_id"] = client_id
        if client_secret:
            body["client_secret"] = client_secret
    told = _asked("POST", about.token, body=urlencode(body).encode(), headers=headers)
    token = told.get("id_token")
    if not isinstance(token, str):
        raise Wrong("token")
    return token
