"""The table of bad input: for each field of each request what may be wrong, and what is answered.

Written by the name of the field: a field of this name has the same limits in every request. It is
tried over gRPC and over JSON.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.type.date_pb2 import Date

from tests.transfer.edge.world import METHODS

UUID = "00000000-0000-7000-8000-00000000abcd"
INVALID = "FIELDS_INVALID"
PATTERN = "STRING_PATTERN"
LONGEST_TEXT = {
    "reject_reason": 200,
    "refuse_reason": 200,
    "cancel_reason": 200,
    "exemption_ground": 200,
    "ground": 500,
    "decision": 500,
    "approval_number": 80,
}
# Text that may be left out.
OPTIONAL_TEXT = {"exemption_ground"}
COLLECTIONS = {
    "transfer_batch": "transferBatches",
    "cohort_member": "cohortMembers",
    "pathway_project": "pathwayProjects",
    "application": "applications",
}
DATES = (
    "leave_until_date",
    "retained_until_date",
    "arrive_date",
    "notice_begin_date",
    "notice_end_date",
    "arrival_begin_date",
    "arrival_deadline_date",
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One wrong value: what becomes of the call, and which fields are named."""

    rpc: str
    field: str
    fault: str
    value: Any
    named: dict[str, str]
    code: str = "INVALID_ARGUMENT"
    reason: str = INVALID

    def __str__(self) -> str:
        return f"{self.rpc}-{self.field}-{self.fault}"


# What is wrong, the value, and the reason for the field; or all fields that are named.
Fault = tuple[str, Any, str | dict[str, str]]


def _names(collection: str) -> list[Fault]:
    return [
        (fault, value, PATTERN)
        for fault, value in (
            ("missing", None),
            ("of another collection", f"persons/{UUID}"),
            ("without a collection", UUID),
            ("upper case", f"{collection}/{UUID.upper()}"),
            ("in braces", f"{collection}/{{{UUID}}}"),
            ("followed by a line", f"{collection}/{UUID}\n"),
            ("with more segments", f"{collection}/{UUID}/x"),
            ("no uuid", f"{collection}/1"),
            ("full-width digits", f"{collection}/{UUID.replace('0', '０')}"),
            ("sql", f"{collection}/' or 1=1 --"),
        )
    ]


def _texts(field: str, longest: int) -> list[Fault]:
    faults: list[Fault] = [
        ("too long", "一" * (longest + 1), "STRING_MAX_LEN"),
        ("too long beyond the basic plane", "𠮷" * (longest + 1), "STRING_MAX_LEN"),
        ("with a null", "材料\0不全", "STRING_HAS_NUL"),
        ("with a hidden character", "材料\u202e不全", "TEXT_HAS_HIDDEN_CHARACTERS"),
    ]
    if field not in OPTIONAL_TEXT:
        faults.append(("missing", None, "STRING_MIN_LEN"))
        faults.append(("blank", " \u3000", "TEXT_BLANK"))
    return faults


def _dates() -> list[Fault]:
    invalid = {
        "empty": Date(),
        "30 February": Date(year=2023, month=2, day=30),
        "29 February of a common year": Date(year=2023, month=2, day=29),
        "month 0": Date(year=2023, month=0, day=1),
        "month 13": Date(year=2023, month=13, day=1),
        "day 0": Date(year=2023, month=9, day=0),
        "day 31 of a short month": Date(year=2023, month=9, day=31),
        "negative": Date(year=-1, month=-1, day=-1),
        "without a year": Date(month=9, day=1),
        "year 10000": Date(year=10_000, month=1, day=1),
    }
    return [
        ("missing", None, "REQUIRED"),
        *((fault, day, "DATE_INVALID") for fault, day in invalid.items()),
        *(
            (f"year {year}", Date(year=year, month=1, day=1), "DATE_OUT_OF_RANGE")
            for year in (1, 1899, 2200, 9999)
        ),
    ]


def _marks() -> list[Fault]:
    mark = {"component_id": "culture", "mark_hundredths": 1}
    return [
        ("too many", [mark] * 21, "REPEATED_MAX_ITEMS"),
        *(
            (
                f"of {value}",
                [mark | {"mark_hundredths": value}],
                {"marks[0].mark_hundredths": "INT32_GTE_LTE"},
            )
            for value in (-1, 100_001)
        ),
        *(
            (
                f"of component {value!r}",
                [mark, mark | {"component_id": value}],
                {"marks[1].component_id": PATTERN},
            )
            for value in ("", "A", "culture\n", "x" * 32, "文化")
        ),
    ]


def _components() -> list[Fault]:
    good = {
        "component_id": "a",
        "display_name": "甲",
        "weight": 100,
        "full_mark_hundredths": 10_000,
    }
    wrong = (
        ("component_id", "", PATTERN),
        ("component_id", "1a", PATTERN),
        ("display_name", "", "STRING_MIN_LEN"),
        ("display_name", "一" * 61, "STRING_MAX_LEN"),
        ("display_name", "\0", "STRING_HAS_NUL"),
        ("weight", -1, "INT32_GTE_LTE"),
        ("weight", 101, "INT32_GTE_LTE"),
        ("full_mark_hundredths", 0, "INT32_GTE_LTE"),
        ("full_mark_hundredths", 100_001, "INT32_GTE_LTE"),
        ("pass_mark_hundredths", -1, "INT32_GTE_LTE"),
    )
    return [
        ("missing", None, "REPEATED_MIN_ITEMS"),
        ("too many", [good] * 21, "REPEATED_MAX_ITEMS"),
        *(
            (
                f"with {name} {value!r:.8}",
                [good | {name: value}],
                {f"components[0].{name}": reason},
            )
            for name, value, reason in wrong
        ),
    ]


def _items() -> list[Fault]:
    good = {"name": f"applications/{UUID}", "etag": '"1"'}
    return [
        ("missing", None, "REPEATED_MIN_ITEMS"),
        ("too many", [good] * 1_001, "REPEATED_MAX_ITEMS"),
        ("with a wrong name", [good, good | {"name": "x"}], {"items[1].name": PATTERN}),
        ("without an etag", [good | {"etag": ""}], {"items[0].etag": "STRING_MIN_LEN"}),
        ("with a null", [good | {"etag": "\0"}], {"items[0].etag": "STRING_HAS_NUL"}),
    ]


_CHOICES: list[Fault] = [
    ("missing", None, "ENUM_NOT_IN"),
    ("unknown", 99, "ENUM_DEFINED_ONLY"),
    ("negative", -1, "ENUM_DEFINED_ONLY"),
]
_TOKENS: list[Fault] = [("too long", "x" * 513, "STRING_MAX_LEN")]
_LONG_TOKEN = ("ListDigestEntries", "page_token")
_LONG_TOKENS: list[Fault] = [("too long", "x" * 1_025, "STRING_MAX_LEN")]
FAULTS: dict[str, list[Fault]] = {
    "request_id": [
        ("missing", None, "STRING_UUID_EMPTY"),
        ("short", "1", "STRING_UUID"),
        ("in braces", f"{{{UUID}}}", "STRING_UUID"),
        ("a urn", f"urn:uuid:{UUID}", "STRING_UUID"),
    ],
    "etag": [
        ("missing", None, "STRING_MIN_LEN"),
        ("too long", "x" * 33, "STRING_MAX_LEN"),
        ("with a null", '"1"\0', "STRING_HAS_NUL"),
    ],
    **{field: _texts(field, longest) for field, longest in LONGEST_TEXT.items()},
    **dict.fromkeys(DATES, _dates()),
    "retention_kind": _CHOICES,
    "diversion": _CHOICES,
    "state": _CHOICES[1:],
    "page_size": [("negative", -1, "INT32_GTE"), ("most negative", -(2**31), "INT32_GTE")],
    "page_token": _TOKENS,
    "token": _TOKENS,
    "resource_types": [
        ("too many", ["applications"] * 17, "REPEATED_MAX_ITEMS"),
        ("no type", ["'"], {"resource_types[0]": PATTERN}),
    ],
    "position": [("negative", -1, "INT64_GTE")],
    "epoch": [("too long", "x" * 129, "STRING_MAX_LEN")],
    "part": [("negative", -1, "INT32_GTE_LTE"), ("too large", 4_096, "INT32_GTE_LTE")],
    "buckets": [
        ("too many", [*range(256), 0], "REPEATED_MAX_ITEMS"),
        ("twice the same", [1, 1], "REPEATED_UNIQUE"),
        ("too large", [256], {"buckets[0]": "INT32_GTE_LTE"}),
    ],
    "quota": [
        ("missing", None, "INT32_GTE_LTE"),
        ("negative", -1, "INT32_GTE_LTE"),
        ("too many", 5_001, "INT32_GTE_LTE"),
    ],
    "minimum_total_hundredths": [
        ("negative", -1, "INT32_GTE_LTE"),
        ("above all", 10_001, "INT32_GTE_LTE"),
    ],
    "marks": _marks(),
    "components": _components(),
    "items": _items(),
    # Nothing can be wrong with these.
    "absent": [],
    "skip_superseded": [],
    "with_resources": [],
    "guardian_consented": [],
    "upheld": [],
}


def faults_of(rpc: str, field: str) -> list[Fault]:
    """Return what may be wrong with a field; of each field something must be said."""
    if field != "name" and field not in COLLECTIONS:
        assert field in FAULTS, f"{rpc}: say in FAULTS of {__name__} what {field} may have wrong"
        return _LONG_TOKENS if (rpc, field) == _LONG_TOKEN else FAULTS[field]
    faults = _names(collection_of(rpc, field))
    # A filter may be left out.
    return faults[1:] if rpc.startswith("List") else faults


def _of_rules() -> Iterator[Case]:
    """What only a rule can refuse; the reasons are the domain's."""
    good = {"display_name": "甲", "weight": 50, "full_mark_hundredths": 10_000}
    one, other = (good | {"component_id": each} for each in ("a", "b"))
    mark = {"component_id": "culture", "mark_hundredths": 1}
    above = {"component_id": "skills", "mark_hundredths": 10_001}
    draft, assess = "CreateTransferBatch", "AssessApplication"
    rows: list[tuple[str, str, str, Any, str]] = [
        (draft, "components", "99 per cent", [one, other | {"weight": 49}], "WEIGHTS_NOT_HUNDRED"),
        (draft, "components", "twice the same", [one, one], "COMPONENT_REPEATED"),
        (
            draft,
            "components",
            "pass mark above",
            [one, other | {"pass_mark_hundredths": 10_001}],
            "PASS_MARK_ABOVE_FULL_MARK",
        ),
        (assess, "marks", "missing", None, "MARKS_INCOMPLETE"),
        (assess, "marks", "of one component", [mark], "MARKS_INCOMPLETE"),
        (assess, "marks", "twice", [mark, mark], "MARKS_INCOMPLETE"),
        (assess, "marks", "above the full mark", [mark, above], "MARK_ABOVE_FULL_MARK"),
        (assess, "absent", "with marks", True, "MARKS_INCOMPLETE"),
        (assess, "exemption_ground", "with marks", "省赛一等奖", "MARKS_INCOMPLETE"),
    ]
    for rpc, field, fault, value, reason in rows:
        yield Case(rpc=rpc, field=field, fault=fault, value=value, named={}, reason=reason)
    late = {"year": 2024, "month": 12, "day": 31}
    for rpc, field, date, reason in (
        ("GrantLeave", "leave_until_date", late, "LEAVE_TOO_LONG"),
        ("RetainPlace", "retained_until_date", late, "RETENTION_TOO_LONG"),
        ("PublishProposal", "notice_begin_date", late, "NOTICE_TOO_SHORT"),
        ("OpenArrival", "arrival_begin_date", late, "ARRIVAL_PERIOD_REVERSED"),
    ):
        yield Case(rpc=rpc, field=field, fault="late", value=Date(**date), named={}, reason=reason)
    yield Case(
        rpc="RecordArrival",
        field="arrive_date",
        fault="tomorrow",
        value=Date(**late),
        named={},
        code="FAILED_PRECONDITION",
        reason="ARRIVAL_NOT_OPEN",
    )
    yield Case(
        rpc="CreateTransferBatch",
        field="quota",
        fault="above the plan",
        value=2_001,
        named={},
        code="FAILED_PRECONDITION",
        reason="QUOTA_ABOVE_PLAN",
    )


def _of_records() -> Iterator[Case]:
    """What names no record, one that has not arrived, or a version that is not the present one."""
    for rpc, method in METHODS.items():
        fields = method.input_type.fields_by_name
        for field in ("name", "application", "transfer_batch"):
            if field in fields and not rpc.startswith("List"):
                yield Case(
                    rpc=rpc,
                    field=field,
                    fault="of nothing",
                    value=f"{collection_of(rpc, field)}/{UUID}",
                    named={},
                    code="NOT_FOUND",
                    reason="RESOURCE_NOT_FOUND",
                )
        if "etag" in fields:
            for fault, value in (("stale", '"0"'), ("unquoted", "1"), ("weak", 'W/"1"')):
                yield Case(
                    rpc=rpc,
                    field="etag",
                    fault=fault,
                    value=value,
                    named={},
                    code="ABORTED",
                    reason="ETAG_MISMATCH",
                )
    for rpc, field in (
        ("CreateTransferBatch", "pathway_project"),
        ("CreateApplication", "cohort_member"),
    ):
        yield Case(
            rpc=rpc,
            field=field,
            fault="not arrived",
            value=f"{COLLECTIONS[field]}/{UUID}",
            named={},
            code="UNAVAILABLE",
            reason="NOT_YET_KNOWN",
        )


def collection_of(rpc: str, field: str) -> str:
    """Return the collection of which a field of a request names a member."""
    if field != "name":
        return COLLECTIONS[field]
    service = METHODS[rpc].containing_service.name
    return {
        "ApplicationService": "applications",
        "TransferBatchService": "transferBatches",
        "ObjectionService": "objections",
    }[service]


def _all() -> Iterator[Case]:
    for rpc, method in METHODS.items():
        for field in method.input_type.fields:
            for fault, value, named in faults_of(rpc, field.name):
                fields = {field.name: named} if isinstance(named, str) else named
                yield Case(rpc=rpc, field=field.name, fault=fault, value=value, named=fields)
    yield from _of_rules()
    yield from _of_records()


CASES = list(_all())
