"""The founding case as a story: one cohort from the pathway's approval to back-stage registration.

Everything goes through the gateway, by the persona who may take the step. A second run on the
same data is answered from memory, changes nothing and ends with the same totals.
"""

import time
from collections.abc import Sequence
from functools import partial

from deploy.local.door import Door
from deploy.story.arrival import receive, register_late_graduates, settle
from deploy.story.case import load
from deploy.story.desk import Persona, open_desk
from deploy.story.ending import StoryResult, conclude
from deploy.story.founding import found
from deploy.story.front_stage import approve_pathway, enrol_cohort, graduate
from deploy.story.narrator import Narrator, Out
from deploy.story.registration import register_applicants
from deploy.story.selection import admit, assess, open_feed, publish
from deploy.story.students import Student, make_students
from deploy.story.transfer_plan import file_scheme

_tell = partial(print, flush=True)


async def run_story(
    door: Door, out: Out = _tell, *, students: Sequence[Student] | None = None
) -> StoryResult:
    """Play the case and tell it to `out`; with other students than the cohort, for them only."""
    began = time.monotonic()
    case = load()
    cohort = students or make_students(
        class_names=case.pathway.class_names, components=case.scheme.components
    )
    async with open_desk(door) as desk:
        narrator = Narrator(case=case, students=cohort, desk=desk, out=out)
        out("奠基案例：苏州帮扶宿迁（机构与项目出自来源文件；学生、成绩、文号为虚构）")
        indicator = await found(narrator)
        project = await approve_pathway(narrator)
        members = await enrol_cohort(narrator, project)
        batch = await file_scheme(narrator, project)
        batch, applicants = await register_applicants(narrator, batch, members)
        feed = open_feed(narrator, Persona.SZAI_AGENT)
        batch = await assess(narrator, batch, applicants)
        batch = await publish(narrator, batch, applicants, feed)
        batch = await admit(narrator, batch, applicants)
        records = await graduate(narrator, members)
        batch = await receive(narrator, batch, applicants, feed)
        feeds = {"苏州农职院": feed, "泗阳中专": open_feed(narrator, Persona.SIYANG_AGENT)}
        await register_late_graduates(narrator, applicants, feeds, records)
        batch = await settle(narrator, batch, applicants, feed)
        return await conclude(narrator, door, batch, indicator, began=began)
