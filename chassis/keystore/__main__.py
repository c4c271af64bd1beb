"""What an operator does with the key store: `python -m chassis.keystore --help`.

The database is GUANTONG_KEYSTORE_DSN, the master keys are in GUANTONG_MASTER_KEY_FILE. Nothing
here prints a key.
"""

import argparse
import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis import migrations
from chassis.db import Database
from chassis.keys import ERASURES_MAX, Erasure, KeyStore
from chassis.master_keys import KeyFileInvalid, MasterKeys, create_key_file
from chassis.settings import PREFIX, SettingsInvalid, required

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_POOL_SIZE: Final = 2


class StoreSettings(BaseSettings):
    """The two settings of a service that an operator of the store needs."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True)

    keystore_dsn: str | None = Field(default=None, repr=False)
    master_key_file: Path | None = None


async def migrate(dsn: str) -> None:
    """Bring the key store's database to the head of its migrations."""
    await migrations.upgrade(dsn, MIGRATIONS)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    chosen = _parser().parse_args(arguments)
    try:
        print_line = asyncio.run(_run(chosen, StoreSettings()))
    except (
        SettingsInvalid,
        KeyFileInvalid,
        FileExistsError,
        migrations.DatabaseNewer,
    ) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(print_line)
    return 0


async def _run(chosen: argparse.Namespace, settings: StoreSettings) -> str:
    if chosen.command == "new-key":
        create_key_file(chosen.file)
        return f"A new key is in {chosen.file}. Keep a copy apart from the databases' backups.\n"
    dsn = required(settings.keystore_dsn, "keystore_dsn")
    if chosen.command == "migrate":
        await migrate(dsn)
        return "The key store is at the head of its migrations.\n"
    masters = MasterKeys.load(required(settings.master_key_file, "master_key_file"))
    async with Database.open(dsn, pool_size=_POOL_SIZE, application_name="keystore") as database:
        store = KeyStore(database, masters)
        if chosen.command == "rotate":
            count = await store.rotate(masters.current)
            return f"{count} data keys were wrapped under the master key {masters.current.id}.\n"
        if chosen.command == "export-erasures":
            return await _export(store)
        count = await store.reapply_erasures(_read_erasures(chosen.file))
        return f"{count} data keys were destroyed again.\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chassis.keystore", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="create or update the tables")
    commands.add_parser("rotate", help="wrap all data keys under the first key of the key file")
    commands.add_parser("export-erasures", help="print the list of erasures, a JSON line each")
    reapply = commands.add_parser("reapply-erasures", help="after a restore: destroy again")
    reapply.add_argument("file", type=Path, help="what export-erasures printed")
    new_key = commands.add_parser("new-key", help="write a file with a new random key")
    new_key.add_argument("file", type=Path)
    return parser


async def _export(store: KeyStore) -> str:
    lines: list[str] = []
    page = await store.list_erasures()
    while page:
        lines += [_to_line(erasure) for erasure in page]
        if len(page) < ERASURES_MAX:
            break
        page = await store.list_erasures(after=page[-1].subject_id)
    return "".join(lines)


def _to_line(erasure: Erasure) -> str:
    told = {
        "subject_id": str(erasure.subject_id),
        "reason": erasure.reason,
        "erase_time": erasure.erase_time.isoformat(),
    }
    return json.dumps(told, ensure_ascii=False) + "\n"


def _read_erasures(path: Path) -> list[Erasure]:
    with path.open(encoding="utf-8") as file:
        told = [json.loads(line) for line in file if line.strip()]
    return [
        Erasure(
            subject_id=UUID(each["subject_id"]),
            reason=each["reason"],
            erase_time=datetime.fromisoformat(each["erase_time"]),
        )
        for each in told
    ]


if __name__ == "__main__":
    sys.exit(main())
