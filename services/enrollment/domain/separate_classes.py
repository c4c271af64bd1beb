"""单独编班: which classes of a school are taught separately, and who may be put into them."""

from dataclasses import dataclass

from services.enrollment.domain.roster_refusals import ClassIsSeparate
from services.enrollment.domain.student_status import ChangeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SeparateClasses:
    """The classes of a school's pathway cohorts, and those of the student's own cohort.

    `own` is empty for who is in no pathway, or has left it.
    """

    of_school: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()

    def check(self, class_name: str, *, kind: ChangeKind) -> None:
        """Refuse a class that a change of status would put the student into against the rule.

        A pathway class takes nobody else, not even of the same major (GD19, GD21), and who is in
        a pathway is taught in its classes (JS21). Who changes major leaves the pathway (GD19), and
        so has no class of it any more.
        """
        if not class_name:
            return
        own = frozenset() if kind is ChangeKind.CHANGE_MAJOR else self.own
        is_foreign = class_name in self.of_school and class_name not in own
        leaves_separation = kind is ChangeKind.CHANGE_CLASS and own and class_name not in own
        if is_foreign or leaves_separation:
            raise ClassIsSeparate(class_name=class_name)
