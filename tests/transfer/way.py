"""The way of a batch and its applicants through the commands, as far as a test wants to go."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from guantong.transfer.v1.application_pb2 import Application
from guantong.transfer.v1.transfer_batch_pb2 import TransferBatch

from services.transfer.commands.admit_applications import AdmitApplication, admit_applications
from services.transfer.commands.assess_applications import AssessApplication, assess_applications
from services.transfer.commands.close_assessments import CloseAssessment, close_assessments
from services.transfer.commands.close_registrations import CloseRegistration, close_registrations
from services.transfer.commands.confirm_applications import ConfirmApplication, confirm_applications
from services.transfer.commands.draft_applications import DraftApplication, draft_applications
from services.transfer.commands.draft_transfer_batches import (
    DraftTransferBatch,
    draft_transfer_batches,
)
from services.transfer.commands.file_transfer_plans import FileTransferPlan, file_transfer_plans
from services.transfer.commands.lock_scores import LockScores, lock_scores
from services.transfer.commands.open_arrivals import OpenArrival, open_arrivals
from services.transfer.commands.open_registrations import OpenRegistration, open_registrations
from services.transfer.commands.publish_proposals import PublishProposal, publish_proposals
from services.transfer.commands.qualify_applications import QualifyApplication, qualify_applications
from services.transfer.commands.record_authority_approvals import (
    RecordAuthorityApproval,
    record_authority_approvals,
)
from services.transfer.commands.report_transfer_batches import (
    ReportTransferBatch,
    report_transfer_batches,
)
from services.transfer.commands.sign_transfer_schemes import (
    SignTransferScheme,
    sign_transfer_schemes,
)
from services.transfer.commands.submit_applications import SubmitApplication, submit_applications
from services.transfer.domain.transfer_batch import State as BatchState
from tests.transfer.aggregates import (
    ARRIVAL_BEGIN,
    BACK,
    COLLEAGUE,
    DEADLINE,
    FRONT,
    NOTICE_BEGIN,
    NOTICE_END,
    SCHEME,
    marks,
)
from tests.transfer.desk import Command, Desk, at, id_of, reasons, target

REGISTERING = BatchState.REGISTRATION_OPEN
AFTER_NOTICE = at(date(2023, 4, 15))


class Way:
    """One batch and its applicants, as both schools have last read them."""

    def __init__(self, desk: Desk, batch: TransferBatch) -> None:
        self.desk = desk
        self.batch = batch
        self.applicants: list[Application] = []

    @classmethod
    async def begin(cls, desk: Desk, *, quota: int = 30) -> "Way":
        """Draft, sign and file a batch of a project of its own, and open registration."""
        project_id = await desk.know_project()
        item = DraftTransferBatch(project_id=project_id, quota=quota, scheme=SCHEME)
        way = cls(desk, await desk.one(draft_transfer_batches, item, party=BACK))
        await way.step(sign_transfer_schemes, SignTransferScheme, party=FRONT)
        await way.step(sign_transfer_schemes, SignTransferScheme)
        await way.step(file_transfer_plans, FileTransferPlan)
        await way.step(open_registrations, OpenRegistration)
        return way

    @property
    def id(self) -> UUID:
        return id_of(self.batch)

    async def step(
        self, command: Command, item: type[Any], *, party: str = BACK, **facts: Any
    ) -> None:
        """Take a step of the batch, which must succeed."""
        run = {"now": facts.pop("now")} if "now" in facts else {}
        wanted = item(**target(self.batch), **facts)
        self.batch = await self.desk.one(command, wanted, party=party, **run)

    async def draft(self, count: int, **changes: Any) -> list[Application]:
        """Draft applications of new members."""
        project_id = UUID(self.batch.pathway_project.partition("/")[2])
        members = await self.desk.know_members(project_id, count, **changes)
        items = [DraftApplication(batch_id=self.id, member_id=each) for each in members]
        drafted: list[Any] = await self.desk.many(draft_applications, *items, party=FRONT)
        assert set(reasons(drafted)) <= {"DRAFT"}
        self.applicants += drafted
        return drafted

    async def all(
        self, command: Command, item: type[Any], *, party: str = BACK, **facts: Any
    ) -> list[str]:
        """Change all applicants in one call; return their states, or why each was refused."""
        run = {name: facts.pop(name) for name in ("now", "subject") if name in facts}
        items = [item(**target(each), **facts) for each in self.applicants]
        answers = await self.desk.many(command, *items, party=party, **run)
        for index, answer in enumerate(answers):
            if isinstance(answer, Application):
                self.applicants[index] = answer
        return reasons(answers)

    async def qualify(self) -> None:
        """Take all drafts through submission, confirmation and qualification."""
        await self.all(submit_applications, SubmitApplication, party=FRONT)
        await self.all(confirm_applications, ConfirmApplication, party=FRONT, subject=COLLEAGUE)
        await self.all(qualify_applications, QualifyApplication)

    async def assess(self, totals: Sequence[int] = ()) -> None:
        """Close registration and give each applicant a mark; better ones first when not told."""
        await self.step(close_registrations, CloseRegistration)
        count = len(self.applicants)
        scores = totals or [10_000 - index for index in range(count)]
        items = [
            AssessApplication(
                **target(each),
                marks=marks(culture=score, skills=score),
                absent=False,
                exempt=False,
                sealed_exemption_ground=b"",
            )
            for each, score in zip(self.applicants, scores, strict=True)
        ]
        self.applicants = await self.desk.many(assess_applications, *items, party=BACK)  # type: ignore[assignment] # none is refused

    async def propose(self, *, begin: date = NOTICE_BEGIN, end: date = NOTICE_END) -> None:
        """Close the assessment, and publish the list."""
        await self.step(close_assessments, CloseAssessment)
        await self.step(lock_scores, LockScores)
        await self.step(publish_proposals, PublishProposal, begin=begin, end=end, now=at(begin))
        await self.read()

    async def report(self, *, now: datetime = AFTER_NOTICE) -> None:
        await self.step(report_transfer_batches, ReportTransferBatch, now=now)

    async def approve(self, *, now: datetime = AFTER_NOTICE) -> None:
        """Report the list after the notice, and record its approval."""
        await self.report(now=now)
        await self.step(
            record_authority_approvals, RecordAuthorityApproval, approval_number="苏考院1号"
        )

    async def admit(self) -> list[str]:
        return await self.all(admit_applications, AdmitApplication)

    async def open_arrival(self, *, begin: date = ARRIVAL_BEGIN, deadline: date = DEADLINE) -> None:
        """Open arrival on its first day."""
        await self.step(open_arrivals, OpenArrival, begin=begin, deadline=deadline, now=at(begin))

    async def read(self) -> None:
        """Read the applicants again: ranking changed them."""
        rows = await self.desk.rows(
            "SELECT id, version, state FROM application WHERE batch_id = :batch_id",
            batch_id=self.id,
        )
        found = {row["id"]: row for row in rows}
        for each in self.applicants:
            row = found[id_of(each)]
            each.version, each.etag = row["version"], f'"{row["version"]}"'
            each.state = Application.State.Value(f"STATE_{row['state']}")

    async def proposed(
        self, count: int, *, begin: date = NOTICE_BEGIN, end: date = NOTICE_END
    ) -> "Way":
        """Go all the way to a published list of new applicants."""
        await self.draft(count)
        await self.qualify()
        await self.assess()
        await self.propose(begin=begin, end=end)
        return self
