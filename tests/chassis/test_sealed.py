"""Promises of sealed values: they open for what they were sealed for, and for nothing else."""

from dataclasses import replace
from uuid import UUID

import pytest

from chassis.sealed import CLEAR_MAX_BYTES, DataKey, SealBroken, Sealer

ANNE, BERT = UUID(int=1), UUID(int=2)
ANNES_KEY = DataKey(ANNE, 1, bytes(range(32)))
BERTS_KEY = DataKey(BERT, 1, bytes(range(1, 33)))

TEXTS = [
    "",
    "a",
    "王小明",
    "𠮷𪚥𬎆",  # beyond the basic plane
    "é",
    "e\u0301",  # the same letter, decomposed: it must stay as it came
    "a\x00b",
    "\u202eabc",
    "11010519491231002X",
    "字" * (CLEAR_MAX_BYTES // 3),
]


@pytest.mark.parametrize("clear", TEXTS)
def test_a_sealed_value_opens_to_exactly_what_was_sealed(clear: str) -> None:
    sealed = Sealer.seal(ANNES_KEY, ANNE, "name", clear)
    assert Sealer.open(ANNES_KEY, ANNE, "name", sealed) == clear


def test_a_sealed_value_does_not_show_what_it_holds() -> None:
    sealed = Sealer.seal(ANNES_KEY, ANNE, "name", "王小明")
    assert "王小明".encode() not in sealed


def test_equal_values_are_not_seen_to_be_equal() -> None:
    sealed = {Sealer.seal(ANNES_KEY, ANNE, "name", "王小明") for _ in range(100)}
    assert len(sealed) == 100


def test_the_version_and_the_generation_of_the_key_stand_in_front() -> None:
    key = replace(ANNES_KEY, generation=258)
    assert Sealer.seal(key, ANNE, "name", "x")[:3] == b"\x01\x01\x02"


def test_a_value_with_any_bit_changed_does_not_open() -> None:
    sealed = Sealer.seal(ANNES_KEY, ANNE, "name", "王小明")
    for place in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[place] ^= 1 << bit
            with pytest.raises(SealBroken):
                Sealer.open(ANNES_KEY, ANNE, "name", bytes(changed))


def test_a_value_that_was_cut_or_lengthened_does_not_open() -> None:
    sealed = Sealer.seal(ANNES_KEY, ANNE, "name", "王小明")
    for changed in (*(sealed[:size] for size in range(len(sealed))), sealed + b"\x00"):
        with pytest.raises(SealBroken):
            Sealer.open(ANNES_KEY, ANNE, "name", changed)


def test_a_value_moved_to_another_field_does_not_open() -> None:
    sealed = Sealer.seal(ANNES_KEY, ANNE, "name", "x")
    with pytest.raises(SealBroken, match="address"):
        Sealer.open(ANNES_KEY, ANNE, "address", sealed)


def test_a_value_moved_to_another_subject_does_not_open_even_under_the_same_secret() -> None:
    sealed = Sealer.seal(ANNES_KEY, ANNE, "name", "x")
    same_secret = DataKey(BERT, 1, ANNES_KEY.secret)
    with pytest.raises(SealBroken):
        Sealer.open(same_secret, BERT, "name", sealed)


@pytest.mark.parametrize(
    "key", [replace(BERTS_KEY, subject_id=ANNE), replace(ANNES_KEY, generation=2)]
)
def test_a_value_does_not_open_with_another_key_or_generation(key: DataKey) -> None:
    sealed = Sealer.seal(ANNES_KEY, ANNE, "name", "x")
    with pytest.raises(SealBroken):
        Sealer.open(key, ANNE, "name", sealed)


def test_using_another_subjects_key_is_a_defect_and_no_damage() -> None:
    with pytest.raises(ValueError, match="another subject's"):
        Sealer.seal(BERTS_KEY, ANNE, "name", "x")
    with pytest.raises(ValueError, match="another subject's"):
        Sealer.open(BERTS_KEY, ANNE, "name", b"")


def test_no_error_holds_the_clear_value() -> None:
    secret = "王小明\ud800"
    with pytest.raises(ValueError, match="valid text") as error:
        Sealer.seal(ANNES_KEY, ANNE, "name", secret)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__
    with pytest.raises(ValueError, match="at most") as too_long:
        Sealer.seal(ANNES_KEY, ANNE, "name", "王" * CLEAR_MAX_BYTES)
    assert "王" not in str(too_long.value)


def test_a_key_shows_nowhere_and_has_its_full_length() -> None:
    assert "secret" not in repr(ANNES_KEY)
    assert repr(ANNES_KEY.secret)[2:-1] not in repr(ANNES_KEY)
    with pytest.raises(ValueError, match="32 bytes"):
        DataKey(ANNE, 1, b"short")


def test_values_sealed_together_open_as_those_sealed_one_by_one() -> None:
    clear = {f"field{number}": text for number, text in enumerate(TEXTS)}
    sealed = Sealer.seal_all(ANNES_KEY, clear)
    assert {name: Sealer.open(ANNES_KEY, ANNE, name, value) for name, value in sealed.items()} == (
        clear
    )
    with pytest.raises(SealBroken):
        Sealer.open(ANNES_KEY, ANNE, "field1", sealed["field2"])


def test_equal_values_sealed_together_are_not_seen_to_be_equal() -> None:
    sealed = Sealer.seal_all(ANNES_KEY, {f"field{number}": "王小明" for number in range(100)})
    assert len({value[3:15] for value in sealed.values()}) == 100
