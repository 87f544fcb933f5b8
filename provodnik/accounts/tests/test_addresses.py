"""The true client address: a proxy's word counts only where the settings name the proxy (safety A37, A50)."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from provodnik.accounts.addresses import client_address, counted_as


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        ("203.0.113.7", "1.2.3.4", [], "203.0.113.7"),
        ("203.0.113.7", "1.2.3.4", ["10.0.0.1"], "203.0.113.7"),
        ("10.0.0.1", "1.2.3.4", ["10.0.0.1"], "1.2.3.4"),
        ("10.0.0.1", "9.9.9.9, 1.2.3.4", ["10.0.0.1"], "1.2.3.4"),
        ("10.0.0.1", "9.9.9.9, 1.2.3.4, 10.0.0.2", ["10.0.0.0/24"], "1.2.3.4"),
        ("10.0.0.1", "", ["10.0.0.1"], "10.0.0.1"),
        ("10.0.0.1", "nonsense", ["10.0.0.1"], "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4:5050", ["10.0.0.1"], "1.2.3.4"),
        ("10.0.0.1", "[2001:db8::7]:5050", ["10.0.0.1"], "2001:db8::7"),
        ("::ffff:203.0.113.7", "", [], "203.0.113.7"),
        ("10.0.0.1", ", ".join(["9.9.9.9"] * 5000 + ["1.2.3.4"]), ["10.0.0.1"], "1.2.3.4"),
        ("", "1.2.3.4", ["10.0.0.1"], None),
        ("10.0.0.1", "1.2.3.4", ["not an address"], "10.0.0.1"),
    ],
)
def test_client_address(settings, peer, forwarded, trusted, expected):
    settings.TRUSTED_PROXIES = trusted
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == expected


def test_an_ipv6_subscriber_is_one_whatever_address_he_takes():
    assert counted_as("2001:db8:1:2::7") == counted_as("2001:db8:1:2:ffff::1") == "2001:db8:1:2::"
    assert counted_as("203.0.113.7") == "203.0.113.7"
    assert counted_as(None) is None
