"""From which address a request really comes: the word of a proxy counts only where the settings name that proxy."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
LONGEST_CHAIN = 20  # addresses of one X-Forwarded-For that are looked at, from the right
IPV6_OWNER = 64  # bits: the smallest piece of IPv6 given to one subscriber (RFC 6177)


def read(text: str) -> Address | None:
    """An address, also of the forms «1.2.3.4:5678» and «[::1]:5678»; None for anything else."""
    text = text.strip()[:100]
    if text.startswith("["):
        text = text[1:].split("]", 1)[0]
    elif text.count(":") == 1:
        text = text.split(":", 1)[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


@lru_cache(maxsize=32)
def _networks(trusted: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    networks = []
    for text in trusted:
        try:
            networks.append(ip_network(text.strip(), strict=False))
        except ValueError:
            continue  # a misspelt proxy is trusted by nobody
    return tuple(networks)


def _is_trusted(address: Address) -> bool:
    return any(address in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))


def is_proxy(text: str) -> bool:
    """Whether an address is one of our own proxies."""
    address = read(text)
    return address is not None and _is_trusted(address)


def is_from_proxy(request: HttpRequest) -> bool:
    """Whether the request came through one of our own proxies, whose X-Forwarded-… headers may be believed."""
    return is_proxy(request.META.get("REMOTE_ADDR", ""))


def client_address(request: HttpRequest) -> str | None:
    """The true client. X-Forwarded-For is believed hop by hop from the right, as far as the hops are our own
    proxies: what stands further left was written by the client himself (safety A37, A50)."""
    address = read(request.META.get("REMOTE_ADDR", ""))
    if address is None or not _is_trusted(address):
        return str(address) if address else None
    for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-LONGEST_CHAIN:]):
        further = read(hop)
        if further is None:
            break
        address = further
        if not _is_trusted(address):
            break
    return str(address)


def counted_as(address: str | None) -> str | None:
    """By which address guesses are counted: an IPv6 subscriber owns a whole network of addresses."""
    found = read(address or "")
    if isinstance(found, IPv6Address):
        return str(ip_network((found, IPV6_OWNER), strict=False).network_address)
    return str(found) if found else None
