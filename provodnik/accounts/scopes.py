"""What an API token may be good for. Plain names, no Django; a token never gives more than its owner has."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """REQUESTS: one's own requests (a coordinator's: the customer's). DESK: the work of a specialist or lead.
    DIRECTORY: customers, people, contracts. NOTICES: one's own lines under the bell. KNOWLEDGE: articles and works that
    are written and led. MANAGE: teams, duties, absences, rules of assignment. EXCHANGE: what 1C pushes, no more."""

    REQUESTS_READ = "requests:read"
    REQUESTS_WRITE = "requests:write"
    DESK_READ = "desk:read"
    DESK_WRITE = "desk:write"
    DIRECTORY_READ = "directory:read"
    NOTICES = "notices"
    KNOWLEDGE_WRITE = "knowledge:write"
    DESK_MANAGE = "desk:manage"
    EXCHANGE = "exchange"
