"""Who may call what of enrollment: one row an RPC, with the roles, and what a stranger is told.

A stranger is another school, in a role that may call the RPC. To registrars this is the table of
rights; the policy of the suite (deploy/policy/grants.csv) is compared with it call by call.
"""

from enum import StrEnum
from typing import Final


class Foreign(StrEnum):
    """What is told of what is another school's."""

    # As of what does not exist.
    HIDDEN = "HIDDEN"
    # A list or feed in which it is not.
    SCOPED = "SCOPED"
    # A feed: of what is public, and of what the stranger is a party of.
    FEED = "FEED"
    # Everything: it is public among schools.
    OPEN = "OPEN"
    # Nothing can be named but what is the caller's own.
    OWN = "OWN"
    # Each row of the file by itself: the student is unknown (test_import_rows, test_imports).
    ROWS = "ROWS"
    # It is public among schools, and another may not do this to it.
    REFUSED = "REFUSED"
    # Those who oversee all schools call it, and no school.
    OVERSEEN = "OVERSEEN"


Roles = frozenset[str]
ADMINISTRATOR: Final[Roles] = frozenset({"administrator"})
REGISTRAR: Final[Roles] = frozenset({"registrar"})
APPROVER: Final[Roles] = frozenset({"approver"})
BUREAU: Final[Roles] = frozenset({"bureau_officer"})
ASSISTANCE: Final[Roles] = frozenset({"assistance_officer"})
FUND: Final[Roles] = frozenset({"fund_approver"})
AUDITOR: Final[Roles] = frozenset({"auditor"})
AGENT: Final[Roles] = frozenset({"agent"})
# Who a student is, and who stands for one: each only for that one.
HOME: Final[Roles] = frozenset({"student", "guardian"})
SCHOOL: Final[Roles] = REGISTRAR | APPROVER
READERS: Final[Roles] = ADMINISTRATOR | SCHOOL | BUREAU | AUDITOR | AGENT
ALL: Final[Roles] = READERS | ASSISTANCE | FUND | HOME | frozenset({"nobody"})
HIDDEN, SCOPED, FEED, OPEN, OWN, ROWS, REFUSED, OVERSEEN = Foreign

RIGHTS: Final[dict[str, tuple[Roles, Foreign]]] = {
    # BackStageRegistrationService
    "GetBackStageRegistration": (READERS, HIDDEN),
    "ListBackStageRegistrations": (READERS, SCOPED),
    # ChangesService
    "ListChanges": (READERS | ASSISTANCE, FEED),
    "WatchChanges": (READERS | ASSISTANCE, FEED),
    "GetHead": (READERS | ASSISTANCE, OPEN),
    "GetDigest": (READERS | ASSISTANCE, OWN),
    "ListDigestEntries": (READERS | ASSISTANCE, FEED),
    # CohortService
    "OpenCohort": (REGISTRAR, REFUSED),
    "FreezeCohort": (APPROVER, HIDDEN),
    "GetCohort": (READERS, HIDDEN),
    "ListCohorts": (READERS, SCOPED),
    "EnrollCohortMember": (REGISTRAR, HIDDEN),
    "RemoveCohortMember": (REGISTRAR, HIDDEN),
    "GetCohortMember": (READERS, HIDDEN),
    "ListCohortMembers": (READERS, SCOPED),
    "AssignClass": (REGISTRAR, HIDDEN),
    "RenameClass": (REGISTRAR, HIDDEN),
    "GetCohortCounts": (READERS, HIDDEN),
    # ConsentService
    "GiveConsent": (SCHOOL, HIDDEN),
    "WithdrawConsent": (SCHOOL, HIDDEN),
    "ListConsents": (READERS, SCOPED),
    # CooperationAgreementService
    "DraftCooperationAgreement": (REGISTRAR, REFUSED),
    "ProposeAgreementTerms": (REGISTRAR, HIDDEN),
    "ApproveAgreementTerms": (APPROVER, HIDDEN),
    "GiveExitNotice": (APPROVER, HIDDEN),
    "WithdrawExitNotice": (APPROVER, HIDDEN),
    "EndCooperationAgreement": (APPROVER, HIDDEN),
    "NameAgreementContact": (REGISTRAR, HIDDEN),
    "GetCooperationAgreement": (READERS, HIDDEN),
    "ListCooperationAgreements": (READERS, SCOPED),
    "ListAgreementRevisions": (READERS, SCOPED),
    "GetAgreementContact": (READERS, HIDDEN),
    "ListAgreementContacts": (READERS, SCOPED),
    # CooperationService
    "DraftCooperation": (REGISTRAR, OWN),
    "AttachCooperationAgreement": (REGISTRAR, HIDDEN),
    "SignCooperation": (APPROVER, HIDDEN),
    "StartCooperation": (APPROVER, HIDDEN),
    "SuspendCooperation": (APPROVER, HIDDEN),
    "ResumeCooperation": (APPROVER, HIDDEN),
    "EndCooperation": (APPROVER, HIDDEN),
    "ChangeCooperationGrade": (APPROVER, HIDDEN),
    "FormCooperationBody": (APPROVER, HIDDEN),
    "AddCooperationMember": (APPROVER, HIDDEN),
    "RemoveCooperationMember": (APPROVER, HIDDEN),
    "CountLibraryItems": (REGISTRAR, HIDDEN),
    "NameCooperationHead": (REGISTRAR, HIDDEN),
    "AddCooperationPupil": (REGISTRAR, HIDDEN),
    "RemoveCooperationPupil": (REGISTRAR, HIDDEN),
    "GetCooperation": (READERS, HIDDEN),
    "ListCooperations": (READERS, SCOPED),
    "CountCooperations": (READERS, OWN),
    "GetCooperationHead": (READERS, HIDDEN),
    "ListCooperationHeads": (READERS, SCOPED),
    "GetCooperationPupil": (READERS, HIDDEN),
    "ListCooperationPupils": (READERS, SCOPED),
    # ElectronicRegistrationService
    "FileElectronicRegistration": (REGISTRAR, HIDDEN),
    "ApproveElectronicRegistration": (BUREAU, HIDDEN),
    "ReturnElectronicRegistration": (BUREAU, HIDDEN),
    "GetElectronicRegistration": (READERS, HIDDEN),
    "ListElectronicRegistrations": (READERS, SCOPED),
    # GuardianService
    "RecordGuardian": (SCHOOL, HIDDEN),
    "EndGuardian": (SCHOOL, HIDDEN),
    "ListGuardians": (READERS, SCOPED),
    # ImportService
    "ImportRoster": (REGISTRAR, ROWS),
    "ImportOutcomes": (REGISTRAR, ROWS),
    "ImportStatusChanges": (REGISTRAR, ROWS),
    "GetImport": (READERS - BUREAU, HIDDEN),
    "ListImports": (READERS - BUREAU, SCOPED),
    "ListImportErrors": (READERS - BUREAU, HIDDEN),
    # InternshipService
    "DeclareInternshipPoint": (REGISTRAR, OWN),
    "EndInternshipPoint": (REGISTRAR, HIDDEN),
    "GetInternshipPoint": (READERS, HIDDEN),
    "ListInternshipPoints": (READERS, SCOPED),
    "PlanInternship": (REGISTRAR, HIDDEN),
    "SignInternship": (SCHOOL, HIDDEN),
    "StartInternship": (APPROVER, HIDDEN),
    "ExtendInternship": (APPROVER, HIDDEN),
    "CompleteInternship": (APPROVER, HIDDEN),
    "BreakOffInternship": (APPROVER, HIDDEN),
    "GetInternship": (READERS, HIDDEN),
    "ListInternships": (READERS, SCOPED),
    # LearningOutcomeService
    "DeclareLearningOutcome": (REGISTRAR, HIDDEN),
    "VerifyLearningOutcome": (SCHOOL, HIDDEN),
    "RejectLearningOutcome": (SCHOOL, HIDDEN),
    "RecogniseLearningOutcome": (APPROVER, HIDDEN),
    "AccumulateLearningOutcome": (APPROVER, HIDDEN),
    "RevokeLearningOutcome": (APPROVER, HIDDEN),
    "GetLearningOutcome": (READERS, HIDDEN),
    "ListLearningOutcomes": (READERS, SCOPED),
    "GetLearningOutcomeHistory": (READERS, HIDDEN),
    "ExportLearningOutcome": (SCHOOL, HIDDEN),
    "ConvertLearningOutcomes": (APPROVER, HIDDEN),
    "GetCreditConversion": (READERS, HIDDEN),
    "ListCreditConversions": (READERS, SCOPED),
    "GetLearningAccount": (READERS, HIDDEN),
    "ExportLearningAccount": (SCHOOL, HIDDEN),
    # MajorService
    "ImportMajors": (ADMINISTRATOR, OVERSEEN),
    "RetireMajor": (ADMINISTRATOR, OVERSEEN),
    "GetMajor": (READERS | ASSISTANCE | FUND, OPEN),
    "ResolveMajor": (READERS | ASSISTANCE | FUND, OPEN),
    "ListMajors": (READERS | ASSISTANCE | FUND, OPEN),
    # OrganisationService
    "CreateOrganisation": (ADMINISTRATOR, OVERSEEN),
    "GetOrganisation": (READERS | ASSISTANCE | FUND, OPEN),
    "ListOrganisations": (READERS | ASSISTANCE | FUND, OPEN),
    "RenameOrganisation": (ADMINISTRATOR, OVERSEEN),
    "AddOrganisationAlias": (ADMINISTRATOR, OVERSEEN),
    "RelocateOrganisation": (ADMINISTRATOR, OVERSEEN),
    "ReassignOrganisation": (ADMINISTRATOR, OVERSEEN),
    "MergeOrganisation": (ADMINISTRATOR, OVERSEEN),
    "SplitOrganisation": (ADMINISTRATOR, OVERSEEN),
    "CloseOrganisation": (ADMINISTRATOR, OVERSEEN),
    "BlockOrganisation": (ADMINISTRATOR, OVERSEEN),
    "UnblockOrganisation": (ADMINISTRATOR, OVERSEEN),
    "ResolveSuccessor": (READERS | ASSISTANCE | FUND, OPEN),
    # PathwayProjectService
    "DeclarePathwayProject": (REGISTRAR, OWN),
    "ApprovePathwayProject": (BUREAU, OVERSEEN),
    "StopPathwayProject": (BUREAU, OVERSEEN),
    "ClosePathwayProject": (APPROVER, HIDDEN),
    "ListIntakeWarnings": (READERS | ASSISTANCE, OPEN),
    "GetPathwayProject": (READERS | ASSISTANCE, OPEN),
    "ListPathwayProjects": (READERS | ASSISTANCE, OPEN),
    # PersonAccessService
    "RevealIdNumber": (SCHOOL, HIDDEN),
    "RevealStudentNumber": (SCHOOL, HIDDEN),
    "ExportPerson": (SCHOOL | HOME | AUDITOR, HIDDEN),
    "ListPersonAccesses": (READERS - AGENT | HOME, SCOPED),
    # PersonCorrectionService
    "ProposePersonCorrection": (SCHOOL, HIDDEN),
    "ApprovePersonCorrection": (APPROVER, HIDDEN),
    "RejectPersonCorrection": (APPROVER, HIDDEN),
    "ListPersonCorrections": (READERS, SCOPED),
    # PersonErasureService
    "ProposePersonErasure": (SCHOOL, HIDDEN),
    "ErasePerson": (APPROVER, HIDDEN),
    "ListPersonErasures": (READERS, SCOPED),
    # PersonMergeService
    "MergePersons": (APPROVER, HIDDEN),
    "SplitPersons": (APPROVER, HIDDEN),
    "ListDuplicateCandidates": (APPROVER, HIDDEN),
    # PersonService
    "GetPerson": (READERS, HIDDEN),
    "ListPersons": (READERS, SCOPED),
    # PersonTimelineService
    "ListPersonTimelineEntries": (READERS | HOME, HIDDEN),
    # PlacementService
    "RecordPlacement": (REGISTRAR, HIDDEN),
    "ConfirmPlacement": (APPROVER, HIDDEN),
    "GetPlacement": (SCHOOL | BUREAU, HIDDEN),
    "ListPlacements": (SCHOOL | BUREAU, SCOPED),
    # ProjectSheetService
    "GetProjectSheet": (READERS, HIDDEN),
    "ListProjectSheets": (READERS, SCOPED),
    # ProvincialListService
    "PublishProvincialList": (BUREAU, OVERSEEN),
    "ImportProvincialListRows": (BUREAU, OVERSEEN),
    "GetProvincialList": (READERS | ASSISTANCE, OPEN),
    "ListProvincialLists": (READERS | ASSISTANCE, OPEN),
    "GetProvincialListImport": (READERS | ASSISTANCE, HIDDEN),
    "ListProvincialListImports": (READERS | ASSISTANCE, SCOPED),
    # StatisticsService
    "GetPlacementStatistics": (READERS | ASSISTANCE, HIDDEN),
    "GetCooperationStatistics": (READERS | ASSISTANCE, HIDDEN),
    # StatusChangeService
    "ProposeStatusChange": (REGISTRAR, HIDDEN),
    "ApproveStatusChange": (APPROVER | BUREAU, HIDDEN),
    "RejectStatusChange": (APPROVER | BUREAU, HIDDEN),
    "WithdrawStatusChange": (REGISTRAR, HIDDEN),
    "NoticeStatusChange": (REGISTRAR, HIDDEN),
    "EffectStatusChange": (REGISTRAR, HIDDEN),
    "GetStatusChange": (READERS, HIDDEN),
    "ListStatusChanges": (READERS, SCOPED),
    "GetStatusChangeForm": (READERS, HIDDEN),
    # StatusRecordService
    "GraduateStatusRecord": (APPROVER, HIDDEN),
    "ConcludeStatusRecord": (APPROVER, HIDDEN),
    "GetStatusRecord": (READERS, HIDDEN),
    "ListStatusRecords": (READERS, SCOPED),
    "ComputeHeadcount": (READERS, HIDDEN),
    "ListHeadcounts": (READERS, HIDDEN),
    # StudentNumberService
    "RecordStudentNumber": (SCHOOL, HIDDEN),
    "ListStudentNumbers": (READERS, SCOPED),  # ClockService
    "GetClock": (ALL - HOME - frozenset({"nobody"}), OPEN),
    "AdvanceClock": (ADMINISTRATOR, OVERSEEN),
}
