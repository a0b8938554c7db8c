"""The manifests of DynamoDB's exports, in the layout that AWS documents for full and incremental ones."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

# What all keys of an export have after the prefix that was asked for.
ROOT = "AWSDynamoDB/"


@dataclass(frozen=True)
class Export:
    """One export: its data files, how many records they have, and the time it tells of."""

    files: list[str]
    records: int
    # None: all there was until `until`.
    since: datetime | None
    until: datetime


def read_export(folder: str, read_text: Callable[[str], str]) -> Export:
    """Reads the manifests of the export in a folder `…/AWSDynamoDB/<export id>`.

    Raises ValueError when they are of another format, or do not agree with each other.
    """
    folder = folder.rstrip("/")
    summary = json.loads(read_text(f"{folder}/manifest-summary.json"))
    if summary["outputFormat"] != "DYNAMODB_JSON":
        raise ValueError(f"export as DYNAMODB_JSON, not as {summary['outputFormat']}")
    lines = read_text(f"{folder}/manifest-files.json").splitlines()
    files = [json.loads(line) for line in lines if line.strip()]
    records = sum(file["itemCount"] for file in files)
    if records != summary["itemCount"]:
        raise ValueError(f"{folder}: the list of files has {records} records, the summary {summary['itemCount']}")
    root = folder[: folder.rindex(ROOT)]
    paths = [root + key[key.index(ROOT) :] for key in (file["dataFileS3Key"] for file in files)]
    if summary.get("exportType") == "INCREMENTAL_EXPORT":
        return Export(paths, records, _time(summary["exportFromTime"]), _time(summary["exportToTime"]))
    return Export(paths, records, None, _time(summary["exportTime"]))


def check_chain(exports: list[Export]) -> None:
    """Raises ValueError unless the first export is a full one, and each of the others begins where one before ended."""
    if not exports or exports[0].since is not None:
        raise ValueError("the first folder must be a full export")
    until = exports[0].until
    for export in exports[1:]:
        if export.since is None or export.since > until:
            raise ValueError(f"no export tells of the time after {until.isoformat()}: hand over all that follow")
        until = max(until, export.until)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
