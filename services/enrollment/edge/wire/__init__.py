"""The only place where the domain meets protobuf: a module for each resource."""

from services.enrollment.edge.wire import (
    back_stage_registrations,
    cohort_members,
    cohorts,
    cooperation_agreements,
    credit_conversions,
    learning_outcomes,
    majors,
    organisation_changes,
    organisations,
    pathway_projects,
    person_parts,
    persons,
    provincial_lists,
    status_records,
)

__all__ = [
    "back_stage_registrations",
    "cohort_members",
    "cohorts",
    "cooperation_agreements",
    "credit_conversions",
    "learning_outcomes",
    "majors",
    "organisation_changes",
    "organisations",
    "pathway_projects",
    "person_parts",
    "persons",
    "provincial_lists",
    "status_records",
]
