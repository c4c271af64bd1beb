"""The ranking of those who met the demands, and the proposal within the quota."""

from collections.abc import Sequence

from services.transfer.domain.application import Application
from services.transfer.domain.application_states import State
from services.transfer.domain.scheme import Scheme

RANKED = frozenset({State.ASSESSED_MET, State.EXEMPT})


def propose_within_quota(
    applications: Sequence[Application], *, scheme: Scheme, places: int
) -> int:
    """Rank and propose: exempt ones first (GD21), then by total, ties by component (SDjn).

    What ties leave equal is ordered by the time of drafting, so that a place has one owner.
    Returns how many were proposed.
    """
    ordered = sorted(
        applications,
        key=lambda each: (
            each.state is not State.EXEMPT,
            -each.total_hundredths,
            tuple(-mark for mark in scheme.tie_key(each.marks)),
            each.id,
        ),
    )
    for rank, application in enumerate(ordered, start=1):
        application.propose(rank=rank, is_within_quota=rank <= places)
    return min(places, len(ordered))
