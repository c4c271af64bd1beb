"""Text that people typed, in one form: NFC, without blanks around it and without hidden characters.

Twins in another normal form, a blank that counts as a name, and characters that turn or hide what
is read are kept out here; which texts a field takes is said by the contract. Hidden characters are
looked for in every text of every request (`chassis.validation`).
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
    if has_hidden_characters(text):
        raise FieldsInvalid(violations=[hidden_characters(field)])
    return unicodedata.normalize("NFC", text).strip()


def has_hidden_characters(text: str) -> bool:
    """Whether characters that cannot be seen are between others; around the text they are blanks.

    Nearly every text is told apart by its first look, for this is asked of all that comes in.
    """
    if text.isprintable():
        return False
    return any(unicodedata.category(character) in _HIDDEN for character in text.strip())


def hidden_characters(field: str) -> FieldViolation:
    """Say that a field has such characters."""
    return FieldViolation(
        field=field,
        reason="TEXT_HAS_HIDDEN_CHARACTERS",
        zh="含有不可见的控制字符，请删除后重填",
        en="the text has control characters that cannot be seen: remove them",
    )


def _invalid(field: str, reason: str, *, zh: str, en: str) -> FieldsInvalid:
    return FieldsInvalid(violations=[FieldViolation(field, reason, zh, en)])
