"""Trees of units as plain numbers: who would stand above himself, and in which order a tree is put up. Pure rules."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def in_cycles(above: Mapping[Node, Node | None]) -> set[Node]:
    """Nodes that stand, over others, above themselves, and nodes under such a ring. `above`: node → the one above it;
    a node above that is no key of the mapping is a top."""
    good: set[Node] = set()
    bad: set[Node] = set()
    for start in above:
        way: list[Node] = []
        seen: set[Node] = set()
        node: Node | None = start
        while node is not None and node not in good and node not in bad and node not in seen:
            way.append(node)
            seen.add(node)
            node = above.get(node)
        (bad if node is not None and (node in bad or node in seen) else good).update(way)
    return bad


def top_down(nodes: Iterable[Node], above: Mapping[Node, Node | None]) -> list[Node]:
    """The nodes so that each comes after the one above it. There must be no ring among them (see in_cycles)."""
    depths: dict[Node, int] = {}

    def depth(node: Node) -> int:
        way: list[Node] = []
        at: Node | None = node
        while at is not None and at not in depths:
            way.append(at)
            at = above.get(at)
        so_far = depths[at] if at is not None else -1
        for step in reversed(way):
            so_far += 1
            depths[step] = so_far
        return depths[node]

    return sorted(nodes, key=depth)
