"""How tests speak to the API: as a person, with a token, in JSON."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from provodnik.accounts import api_tokens
from provodnik.accounts.models import User
from provodnik.accounts.scopes import Scope


class Program:
    """A program that speaks for somebody."""

    def __init__(self, owner: User, scopes: Collection[Scope] = tuple(Scope)) -> None:
        self.owner = owner
        self.token, self.key = api_tokens.make(
            owner=owner, name="Проверка", scopes=scopes, lasts=None, at=timezone.now()
        )
        self._client = Client(raise_request_exception=False)

    def ask(self, method: str, address: str, body: Any = None, **headers: str) -> HttpResponse:
        """`address` within /api/v1; `body` a JSON value or raw bytes."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        kind = headers.pop("content_type", "application/json")
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        told.setdefault("Authorization", f"Bearer {self.key}")
        response: HttpResponse = self._client.generic(
            method, f"/api/v1{address}", content, content_type=kind, headers=told
        )
        return response

    def get(self, address: str, **headers: str) -> HttpResponse:
        return self.ask("GET", address, **headers)

    def post(self, address: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.ask("POST", address, {} if body is None else body, **headers)

    def upload(self, name: str, content: bytes, kind: str = "image/png", **headers: str) -> HttpResponse:
        boundary = "----x"
        body = (
            (
                f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
                f"Content-Type: {kind}\r\n\r\n"
            ).encode()
            + content
            + f"\r\n--{boundary}--\r\n".encode()
        )
        return self.ask("POST", "/uploads", body, content_type=f"multipart/form-data; boundary={boundary}", **headers)


def told(response: HttpResponse) -> Any:
    found = json.loads(response.content)
    if response.status_code >= 400:
        assert response.headers["Content-Type"] == "application/problem+json"
        assert found["status"] == response.status_code and found["title"] and found["type"]
    return found
