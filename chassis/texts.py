"""Text that people typed, in one form: NFC, without blanks around it and without hidden characters.

Twins in another normal form, a blank that counts as a name, and characters that turn or hide what
is read are kept out here; which texts a field takes is said by the contract.
"""

import unicodedata
from typing import Final

from chassis.errors import FieldsInvalid, FieldViolation

# Controls, formats (direction marks, joiners), surrogates, line and paragraph separators.
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def to_text(text: str, *, field: str) -> str:
    """Return the text in one form; raises FieldsInvalid for a blank one or hidden characters."""
    plain = to_optional_text(text, field=field)
    if not plain:
        raise _invalid(field, "TEXT_BLANK", zh="不能只有空白", en="the text must not be blank")
    return plain


def to_optional_text(text: str, *, field: str) -> str:
    """Return the text in one form, or empty; raises FieldsInvalid for hidden characters."""
    plain = unicodedata.normalize("NFC", text).strip()
    if any(unicodedata.category(character) in _HIDDEN for character in plain):
        raise _invalid(
            field,
            "TEXT_HAS_HIDDEN_CHARACTERS",
            zh="含有不可见的控制字符，请删除后重填",
            en="the text has control characters that cannot be seen: remove them",
        )
    return plain


def _invalid(field: str, reason: str, *, zh: str, en: str) -> FieldsInvalid:
    return FieldsInvalid(violations=[FieldViolation(field, reason, zh, en)])
