"""The numbers of the rules, with their sources; a suite may set others.

Where no source was found (GK) the number is a default that must stay configurable.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Limits that the aggregates are given."""

    # SDjn: five working days on both sites, then report. Jiangsu's length was not found: default.
    notice_working_days_min: int = 5
    # JSLH, QY: leave in advance in writing, at most two weeks.
    leave_days_max: int = 14
    # QY: illness with a hospital certificate, and start-up: one year each.
    retention_days_max: int = 366
    # QY: until two years after discharge; service of two years makes four.
    army_retention_days_max: int = 4 * 366
    # JSLH, 41号令: re-check within three months of arrival.
    recheck_days_max: int = 92
    # LAW 未成年人保护法: under 18 years.
    adult_age_years: int = 18
