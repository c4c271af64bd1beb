"""The command line for dead letters: `python -m services.X dead-letters list|show|replay|dismiss`.

It shows no personal data: what is sealed stays sealed, and marked fields are left out.
"""

import argparse
import getpass
import json
from collections.abc import Sequence
from typing import Final, TextIO

from guantong.common.v1.event_pb2 import Change

from chassis.dead_letters import DeadLetters, Outcome
from chassis.logs import redact

NAME: Final = "dead-letters"
_LINE = "{id:>8}  {state:<6}  {source}@{position}  {event_type}  {resource_name}  {failure}\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments to a service's parser."""
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="list what is set aside")
    listing.add_argument("--after", type=int, default=0, help="the last id of the page before")
    show = actions.add_parser("show", help="show one, without personal data")
    show.add_argument("id", type=int)
    replay = actions.add_parser("replay", help="apply one, then those that wait behind it")
    replay.add_argument("id", type=int)
    how = replay.add_mutually_exclusive_group(required=True)
    how.add_argument("--dry-run", action="store_true", help="say what would happen")
    how.add_argument("--reason", help="why it may be applied now; kept with it")
    dismiss = actions.add_parser("dismiss", help="give one up for ever")
    dismiss.add_argument("id", type=int)
    dismiss.add_argument("--reason", required=True, help="why it is given up; kept with it")


async def run(letters: DeadLetters, arguments: argparse.Namespace, out: TextIO) -> int:
    """Do what the arguments say and return the exit status: 1 when a replay failed."""
    match arguments.action:
        case "list":
            out.writelines(
                _LINE.format_map(dict(row))
                for row in await letters.list_open(after=arguments.after)
            )
            return 0
        case "show":
            return await _show(letters, arguments.id, out)
        case "dismiss":
            following = await letters.dismiss(arguments.id, by=_who(), reason=arguments.reason)
            behind = "" if following is None else f"; {following} waits behind it: settle it next"
            out.write(f"{arguments.id} dismissed{behind}\n")
            return 0
        case _:
            return await _replay(letters, arguments, out)


async def dead_letters_command(argv: Sequence[str], letters: DeadLetters, out: TextIO) -> int:
    """Parse the words after `dead-letters` and run them."""
    parser = argparse.ArgumentParser(prog=NAME)
    add_arguments(parser)
    return await run(letters, parser.parse_args(argv), out)


async def _show(letters: DeadLetters, letter_id: int, out: TextIO) -> int:
    row = await letters.get(letter_id)
    shown = {name: value for name, value in row.items() if name != "payload"}
    shown["change"] = redact(Change.FromString(row["payload"]))
    out.write(json.dumps(shown, ensure_ascii=False, indent=2, default=str) + "\n")
    return 0


async def _replay(letters: DeadLetters, arguments: argparse.Namespace, out: TextIO) -> int:
    if arguments.dry_run:
        outcomes = [await letters.dry_run(arguments.id)]
    else:
        outcomes = await letters.replay(arguments.id, by=_who(), reason=arguments.reason)
    out.writelines(_line(outcome, is_dry=arguments.dry_run) for outcome in outcomes)
    return 1 if outcomes[-1].failure else 0


def _line(outcome: Outcome, *, is_dry: bool) -> str:
    would = "would be " if is_dry else ""
    what = f"{outcome.id} ({outcome.resource_name}, position {outcome.position})"
    if outcome.failure:
        return f"{what} {would}refused: {outcome.failure}\n"
    events = ", ".join(outcome.events) or "nothing"
    return f"{what} {would}applied; it {'would write' if is_dry else 'wrote'}: {events}\n"


def _who() -> str:
    return f"operator:{getpass.getuser()}"
