"""Who answers for an organisation's records on a date: the links of mergers and splits, followed.

Links are never removed. A record of an ended organisation keeps its name, and whoever is asked
for it finds the successor by date (GK).
"""

from collections.abc import Sequence
from datetime import date

from services.enrollment.domain.organisation_parts import Succession


def next_holder(
    successors: Sequence[Succession], *, on: date, since: date, major_code: str = ""
) -> Succession | None:
    """Return the link by which the records of a major went on by a date; None if they stayed.

    Only a link after `since` counts: the day on which the records came here. Of several the first
    counts: a major that was given away is not in a later merger.
    """
    links = [
        link
        for link in successors
        if since < link.effective_date <= on
        and (not link.major_codes or major_code in link.major_codes)
    ]
    # On one day, who is named for the major goes before who takes the rest.
    return min(links, key=lambda link: (link.effective_date, not link.major_codes), default=None)
