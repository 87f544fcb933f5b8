"""Signatures spoilt in every way that such vectors know (Wycheproof's kinds, made here): none is believed (safety A55).

Whatever is wrong: a bit anywhere, the length, the spelling, the padding of RSA, numbers out of the curve, another
algorithm or key of the same provider, other shapes of a token, encrypted ones among them.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from provodnik.federation.oidc import tokens
from provodnik.federation.oidc.tokens import Wrong

RSA, CURVE, EDWARDS = (
    RSAKey.generate_key(2048, {"kid": "r"}),
    ECKey.generate_key("P-256", {"kid": "e"}),
    OKPKey.generate_key("Ed25519", {"kid": "o"}),
)
KEYS = [key.as_dict(private=False) for key in (RSA, CURVE, EDWARDS)]
CLAIMS = {"sub": "u1"}
KIND: dict[str, Any] = {"RS256": RSA, "PS256": RSA, "ES256": CURVE, "EdDSA": EDWARDS}
_PRIVATE: Any = RSA.private_key
# DigestInfo of SHA-256 (RFC 8017, 9.2, note 1), and what is sometimes taken for it
INFO = bytes.fromhex("3031300d060960864801650304020105000420")
INFO_WITHOUT_NULL = bytes.fromhex("302f300b06096086480165030402010420")
INFO_OF_SHA1 = bytes.fromhex("3021300906052b0e03021a05000414")
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (FIPS 186-5)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(alg: str) -> str:
    key = KIND[alg]
    return jws.serialize_compact({"alg": alg, "kid": key.kid}, json.dumps(CLAIMS), key, algorithms=[alg])


def with_signature(alg: str, change: Callable[[bytes], bytes]) -> str:
    first, second, third = signed(alg).split(".")
    return f"{first}.{second}.{b64(change(base64.urlsafe_b64decode(third + '==')))}"


def flipped(alg: str, bits: range) -> Iterator[str]:
    for at in bits:
        yield with_signature(alg, partial(turned, at))


def turned(at: int, raw: bytes) -> bytes:
    """With one bit changed."""
    return bytes([*raw[: at // 8], raw[at // 8] ^ 1 << at % 8, *raw[at // 8 + 1 :]])


def of_another_length(alg: str) -> Iterator[str]:
    for change in (
        lambda raw: b"", lambda raw: raw[:1], lambda raw: raw[:-1], lambda raw: raw[1:], lambda raw: raw + b"\0",
        lambda raw: b"\0" + raw, lambda raw: raw * 2, lambda raw: bytes(len(raw)), lambda raw: b"\xff" * len(raw),
        lambda raw: raw[::-1], lambda raw: raw[len(raw) // 2 :] + raw[: len(raw) // 2],
    ):  # fmt: skip
        yield with_signature(alg, change)


def raw_rsa(padded: Callable[[bytes], bytes]) -> str:
    """Signed with the right key over a padding made by hand."""
    first, second, _third = signed("RS256").split(".")
    numbers = _PRIVATE.private_numbers()
    whole = int.from_bytes(padded(hashlib.sha256(f"{first}.{second}".encode()).digest()))
    modulus = numbers.public_numbers.n
    return f"{first}.{second}.{b64(pow(whole % modulus, numbers.d, modulus).to_bytes(256))}"


def block(info: bytes, digest: bytes, *, start: bytes = b"\0\1", fill: bytes = b"\xff", more: bytes = b"") -> bytes:
    end = b"\0" + info + digest + more
    return start + (fill * 256)[: 256 - len(start) - len(end)] + end


def paddings() -> Iterator[str]:
    sha1 = hashlib.sha1(b"x").digest()
    for padded in (
        lambda digest: block(INFO_WITHOUT_NULL, digest), lambda digest: block(INFO_OF_SHA1, sha1),
        lambda digest: block(b"", digest), lambda digest: block(INFO, digest[:-1]),
        lambda digest: block(INFO, digest, start=b"\0\2"), lambda digest: block(INFO, digest, start=b"\0\0"),
        lambda digest: block(INFO, digest, fill=b"\xfe"), lambda digest: block(INFO, digest, fill=b"\0"),
        lambda digest: block(INFO, bytes(32)), lambda digest: block(INFO[:-1] + b"\x21", digest + b"\0"),
        # Bleichenbacher 2006: a short padding, the digest, and garbage behind it
        lambda digest: (b"\0\1" + b"\xff" * 8 + b"\0" + INFO + digest).ljust(256, b"\xab"),
        lambda digest: block(INFO, digest, more=b"\0"), lambda digest: bytes(256), lambda digest: bytes(255) + b"\1",
        lambda digest: digest.rjust(256, b"\0"), lambda digest: digest.ljust(256, b"\0"),
    ):  # fmt: skip
        yield raw_rsa(padded)
    modulus = _PRIVATE.private_numbers().public_numbers.n
    yield with_signature("RS256", lambda raw: (int.from_bytes(raw) + modulus).to_bytes(257))
    yield with_signature("RS256", lambda raw: modulus.to_bytes(256))
    yield with_signature("RS256", lambda raw: (modulus - 1).to_bytes(256))


def der(r: int, s: int) -> bytes:
    def whole(number: int) -> bytes:
        raw = number.to_bytes(33).lstrip(b"\0") or b"\0"
        raw = b"\0" + raw if raw[0] & 0x80 else raw
        return bytes([2, len(raw)]) + raw

    body = whole(r) + whole(s)
    return bytes([0x30, len(body)]) + body


def numbers_of_a_curve() -> Iterator[str]:
    def pair(change: Callable[[int, int], tuple[int, int]], size: int = 32) -> str:
        def made(raw: bytes) -> bytes:
            r, s = change(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
            return r.to_bytes(size) + s.to_bytes(size)

        return with_signature("ES256", made)

    for r, s in product((0, 1, ORDER - 1, ORDER, 2**256 - 1), repeat=2):
        numbers = r.to_bytes(32) + s.to_bytes(32)
        yield with_signature("ES256", lambda _raw: numbers)  # noqa: B023 - called at once
    for change in (
        lambda r, s: (s, r), lambda r, s: (r, 0), lambda r, s: (0, s), lambda r, s: (ORDER - r, s),
        lambda r, s: (r ^ 1, s), lambda r, s: (r, s ^ 1),
    ):  # fmt: skip
        yield pair(change)
    yield pair(lambda r, s: (r, s), size=33)
    yield pair(lambda r, s: (r + ORDER, s), size=33)
    yield pair(lambda r, s: (r, s + ORDER), size=33)
    yield with_signature("ES256", lambda raw: der(int.from_bytes(raw[:32]), int.from_bytes(raw[32:])))


def other_algorithms() -> Iterator[str]:
    """The signature of one algorithm under the name of another, with each key's name."""
    for made in KIND:
        _first, second, third = signed(made).split(".")
        for said in [*KIND, "RS384", "PS512", "ES384", "ES256K", "HS256", "none", "rs256", "RS256 ", "EDDSA", "RS1"]:
            for kid in ("r", "e", "o", "x", None):
                if said == made and kid in (KIND[made].kid, None):
                    continue
                header = {"alg": said} | ({"kid": kid} if kid else {})
                yield f"{b64(json.dumps(header).encode())}.{second}.{third}"


def shapes() -> Iterator[str]:
    """Other spellings of a right token; encrypted tokens (RFC 7516) and JSON ones (RFC 7515, 7.2)."""
    right = signed("RS256")
    first, second, third = right.split(".")
    yield from (
        f" {right}", f"{right} ", f"{right}\n", right.replace(".", " ."), f"{first}=.{second}.{third}",
        f"{first}.{second}=.{third}", f"{first}.{second}.{third}=", f"{first}..{third}", f".{second}.{third}",
        f"{first}.{second}", f"{first}.{second}.", f"{right}.{third}", f"Bearer {right}", f"{first}.{third}.{second}",
        f"{first}\x00.{second}.{third}", right.replace("-", "+").replace("_", "/") + "+/",
    )  # fmt: skip
    yield json.dumps({"protected": first, "payload": second, "signature": third})
    yield json.dumps({"payload": second, "signatures": [{"protected": first, "signature": third}]})
    for alg in ("dir", "RSA-OAEP", "RSA1_5", "ECDH-ES", "A128KW", "PBES2-HS256+A128KW"):
        header = b64(json.dumps({"alg": alg, "enc": "A128GCM", "kid": "r"}).encode())
        yield f"{header}.{third}.{b64(bytes(12))}.{second}.{b64(bytes(16))}"
        yield f"{header}.{second}.{third}"
    more: dict[str, Any]
    for more in ({"crit": []}, {"crit": ["exp"], "exp": 1}, {"b64": False, "crit": ["b64"]}, {"b64": True}):
        header = b64(json.dumps({"alg": "RS256", "kid": "r", **more}).encode())
        yield f"{header}.{second}.{third}"  # signed over another header
    for spelt in (b"[]", b'"RS256"', b"null", b"{", b'{"alg":"RS256"}x', b'{"alg":"RS256","alg":"RS256"}', b"\xff{}"):
        yield f"{b64(spelt)}.{second}.{third}"


VECTORS: dict[str, Callable[[], Iterator[str]]] = {
    "bits of RS256": lambda: flipped("RS256", range(0, 2048, 13)),
    "bits of PS256": lambda: flipped("PS256", range(0, 2048, 29)),
    "bits of ES256": lambda: flipped("ES256", range(0, 512, 3)),
    "bits of EdDSA": lambda: flipped("EdDSA", range(0, 512, 5)),
    "lengths": lambda: (one for alg in KIND for one in of_another_length(alg)),
    "paddings of RSA": paddings,
    "numbers of a curve": numbers_of_a_curve,
    "algorithms": other_algorithms,
    "shapes": shapes,
}


def test_what_they_are_made_of_is_right() -> None:
    """Else a refusal would prove nothing."""
    for alg in KIND:
        assert tokens.verified(signed(alg), KEYS) == CLAIMS
        assert tokens.verified(with_signature(alg, bytes), KEYS) == CLAIMS
    assert tokens.verified(raw_rsa(lambda digest: block(INFO, digest)), KEYS) == CLAIMS


@pytest.mark.parametrize("kind", VECTORS)
def test_no_spoilt_signature_is_believed(kind: str) -> None:
    for token in VECTORS[kind]():
        with pytest.raises(Wrong):
            tokens.verified(token, KEYS)


def test_there_are_as_many_as_were_promised() -> None:
    assert sum(len(list(made())) for made in VECTORS.values()) >= 401 + 139
