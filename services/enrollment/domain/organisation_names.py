"""Names of organisations in the form in which they are looked for.

Sources write one name in many ways: full and half width, with and without brackets and blanks.
What was printed is kept as it was (S0 prints 沐阳 for 沭阳); only the search is by this form.
"""

import unicodedata
from collections.abc import Iterable


def normalise(name: str) -> str:
    """Return letters and digits only, in one width and case."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in plain if character.isalnum())


def search_text(names: Iterable[str]) -> str:
    """Return all names of an organisation as one text to look into, a line for each."""
    return "\n".join(dict.fromkeys(filter(None, map(normalise, names))))
