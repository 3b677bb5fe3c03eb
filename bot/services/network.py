"""Who is linked with whom: recruiters, what they leave, and the offers that hold it, laid out for a drawing."""

from __future__ import annotations

from dataclasses import dataclass

import networkx
from sqlalchemy import select

from bot.domain.traces import masked
from bot.services import reported
from bot.storage.database import Session
from bot.storage.tables import AskedTrace, OfferAsked, Recruiter, RecruiterTrace

RECRUITER, OFFER = "recruiter", "offer"
MOST_RECRUITERS, MOST_OFFERS = 25, 40
"""With more, nobody sees anything in the drawing."""
SEED = 4
MARGIN = 8.0


@dataclass(frozen=True, slots=True)
class Node:
    """`x` and `y` are percent of the drawing; `kind` is a TraceKind, RECRUITER or OFFER; `id` is the row's."""

    key: str
    kind: str
    id: int
    label: str
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Network:
    """`edges` go from a recruiter or an offer to a trace."""

    nodes: dict[str, Node]
    edges: tuple[tuple[str, str], ...]


async def around(session: Session, recruiter_id: int | None = None) -> Network:
    """The newest reported recruiters, or one with all who share a trace with them; nothing for a number nobody has."""
    newest = select(Recruiter.id).order_by(Recruiter.reported_at.desc()).limit(MOST_RECRUITERS)
    if recruiter_id is not None:
        own = select(RecruiterTrace.trace_id).where(RecruiterTrace.recruiter_id == recruiter_id)
        sharing = select(RecruiterTrace.recruiter_id).where(RecruiterTrace.trace_id.in_(own))
        newest = newest.where(Recruiter.id.in_(sharing))
    ids = (await session.execute(newest)).scalars().all()
    nodes: dict[str, Node] = {}
    edges = []
    for one, rows in (await reported.traces_of(session, ids)).items():
        nodes[f"r{one}"] = Node(f"r{one}", RECRUITER, one, reported.title_of(rows))
        for row in rows:
            nodes[f"t{row.id}"] = Node(f"t{row.id}", row.kind, row.id, masked(row.kind, row.shown))
            edges.append((f"r{one}", f"t{row.id}"))
    held = (
        select(OfferAsked.offer_id, AskedTrace.trace_id)
        .join(AskedTrace, AskedTrace.asked_id == OfferAsked.id)
        .where(AskedTrace.trace_id.in_([node.id for key, node in nodes.items() if key[0] == "t"]))
        .where(OfferAsked.offer_id.is_not(None))
        .distinct()
        .order_by(OfferAsked.offer_id.desc(), AskedTrace.trace_id)
    )
    for offer_id, trace_id in await session.execute(held):
        key = f"o{offer_id}"
        if key not in nodes and sum(node.kind == OFFER for node in nodes.values()) >= MOST_OFFERS:
            break
        nodes[key] = Node(key, OFFER, offer_id, f"Tawaran {offer_id}")
        edges.append((key, f"t{trace_id}"))
    return Network(nodes, tuple(edges))


def laid_out(network: Network) -> Network:
    """The same with places: linked nodes near each other (Fruchterman and Reingold 1991), the same picture every time."""
    graph = networkx.Graph()
    graph.add_nodes_from(network.nodes)
    graph.add_edges_from(network.edges)
    if not network.nodes:
        return network
    places = networkx.spring_layout(graph, seed=SEED, k=2.2 / len(graph) ** 0.5, iterations=80)
    lows = [min(place[axis] for place in places.values()) for axis in (0, 1)]
    spans = [max(max(place[axis] for place in places.values()) - lows[axis], 1e-9) for axis in (0, 1)]
    scale = 100 - 2 * MARGIN
    nodes = {
        key: Node(
            key,
            node.kind,
            node.id,
            node.label,
            *(round(float(MARGIN + scale * (places[key][axis] - lows[axis]) / spans[axis]), 2) for axis in (0, 1)),
        )
        for key, node in network.nodes.items()
    }
    return Network(nodes, network.edges)
