"""The events of the assistance service: the facts that its commands may record."""

from enum import StrEnum


class Event(StrEnum):
    """Names of events, past participles; the catalogue is the contract's `EventType`."""

    PAIRING_CREATED = "PairingCreated"
    INDICATOR_SET = "IndicatorSet"
    INDICATOR_COUNTED = "IndicatorCounted"
