"""Keeps MiniStack's own snapshots of its services up to date while it runs; as shipped it takes them at its end only."""

import contextlib
import logging
import os
import re
import threading
import time

import ministack.app as app
import ministack.core.persistence as persistence

from durable_queues import DurableQueues
from durable_tables import DurableTables
from journal import Journal

_logger = logging.getLogger("hilo")

# Asked for by the deployment, which changes services past their own interface.
CHECKPOINT_PATH = "/_hilo/checkpoint"
# A journal longer than this is turned into a snapshot, which stops the server for a moment.
_LONGEST_JOURNAL = 256 * 2**20
# Seconds between two looks for services whose settings were changed.
_INTERVAL = 0.5
# Names by which requests are signed, where the snapshot has another one.
_SNAPSHOT_NAMES = {"states": "stepfunctions", "monitoring": "cloudwatch", "events": "eventbridge"}
# Services that have journals of their own, or whose content is not worth a snapshot a second.
_NOT_WATCHED = {"dynamodb", "sqs", "cloudformation", "logs", "sts"}
# Requests that change no settings, by the first word of their action.
_NO_CHANGE = re.compile(
    r"(Get|BatchGet|List|Describe|Search|Start|Stop|Send|Redrive|PutMetricData|Sign|Verify|Generate|Encrypt|Decrypt|Assume)"
)


class Snapshots:
    """Recovers the state at start; keeps journals, and snapshots of what has none, while the server runs."""

    def __init__(self, folder: str):
        self._folder = folder
        self._lock = threading.RLock()
        self._changed: set[str] = set()
        self._journals = {
            name: Journal(os.path.join(folder, f"{name}.journal")) for name in ("dynamodb", "sqs")
        }
        self._tables = DurableTables(self._journals["dynamodb"], self.take)
        self._queues = DurableQueues(self._journals["sqs"], self.take)
        # Taken before this object's own lock, always.
        self._service_locks = {"dynamodb": self._tables.lock, "sqs": self._queues.lock}

    def install(self) -> None:
        """Puts itself into MiniStack's start, requests and end."""
        self._load, self._serve, self._save_all = app._load_persisted_state, app.app, app.save_all
        app._load_persisted_state = self._recover
        app.app = self._handle
        app.save_all = lambda _services: self.take_all()

    def take(self, name: str) -> None:
        """Writes one service's snapshot; its journal starts anew once the snapshot is there."""
        with self._service_locks.get(name, contextlib.nullcontext()), self._lock:
            get_state = app._build_persistence_save_dict().get(name)
            if get_state is None:
                return
            path = os.path.join(persistence.STATE_DIR, f"{name}.json")
            before = _identity(path)
            persistence.save_all({name: get_state})
            if _identity(path) == before:
                raise OSError(f"the snapshot of {name} could not be written to {path}")
            if name in self._journals:
                self._journals[name].clear()

    def take_all(self) -> None:
        """Writes the snapshots of all services in use."""
        self._changed.clear()
        for name in app._build_persistence_save_dict():
            try:
                self.take(name)
            except OSError as error:
                _logger.error("%s", error)

    def _recover(self) -> None:
        try:
            self._load_and_replay()
        except Exception:
            # The server would go on without what it had stored. Rather not at all.
            _logger.exception("the stored state cannot be read")
            os._exit(1)

    def _load_and_replay(self) -> None:
        _follow_port(self._folder)
        self._load()
        counts = {}
        for name, recover in (("dynamodb", self._tables.recover), ("sqs", self._queues.recover)):
            self._journals[name].open()
            counts[name] = recover()
        self._tables.install()
        self._queues.install()
        for name, count in counts.items():
            if count > 0:
                _logger.info("%d changes of %s recovered from its journal", count, name)
                self.take(name)
        threading.Thread(target=self._watch, daemon=True, name="hilo-snapshots").start()

    async def _handle(self, scope, receive, send):
        if scope["type"] == "http":
            if scope["path"] == CHECKPOINT_PATH:
                self.take_all()
                await send({"type": "http.response.start", "status": 204, "headers": []})
                await send({"type": "http.response.body", "body": b""})
                return
            changed = _changed_service(scope)
            try:
                await self._serve(scope, receive, send)
            finally:
                if changed:
                    self._changed.add(changed)
            return
        await self._serve(scope, receive, send)

    def _watch(self) -> None:
        while True:
            time.sleep(_INTERVAL)
            names, self._changed = self._changed, set()
            names |= {name for name, journal in self._journals.items() if journal.size() > _LONGEST_JOURNAL}
            for name in names:
                try:
                    self.take(name)
                except (OSError, RuntimeError) as error:
                    # A RuntimeError says that the state changed while it was copied: again at the next look.
                    _logger.warning("snapshot of %s put off: %s", name, error)
                    self._changed.add(name)


def _follow_port(folder: str) -> None:
    """Lets the stored state follow a change of the server's port, which is part of every queue's URL."""
    os.makedirs(folder, exist_ok=True)
    current = f"http://{os.environ['MINISTACK_HOST']}:{os.environ['GATEWAY_PORT']}/"
    origin = os.path.join(folder, "origin")
    former = _read(origin).decode()
    if former and former != current:
        for name in ("sqs.json", "sqs.journal", "lambda.json", "cloudformation.json"):
            path = os.path.join(folder, name)
            content = _read(path)
            if content:
                # Queue URLs alone: they go on with the account's number.
                _write(path, re.sub(re.escape(former).encode() + rb"(?=\d{12}/)", current.encode(), content))
    _write(origin, current.encode())


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _write(path: str, content: bytes) -> None:
    with open(f"{path}.new", "wb") as file:
        file.write(content)
    os.replace(f"{path}.new", path)


def _changed_service(scope) -> str | None:
    """The service whose settings a request may change, by its signature; nothing for data and questions."""
    headers = dict(scope["headers"])
    signed = re.search(rb"Credential=[^/]+/\d+/[^/]+/([a-z0-9-]+)/aws4_request", headers.get(b"authorization", b""))
    if signed is None:
        return None
    service = signed.group(1).decode()
    action = headers.get(b"x-amz-target", b"").decode().split(".")[-1]
    if service in _NOT_WATCHED or scope["method"] in ("GET", "HEAD") or _NO_CHANGE.match(action):
        return None
    # Objects of a bucket, and invocations of a function, are no settings.
    if service == "s3" and scope["path"].strip("/").count("/") > 0:
        return None
    if service == "lambda" and scope["path"].endswith("/invocations"):
        return None
    return _SNAPSHOT_NAMES.get(service, service)


def _identity(path: str):
    try:
        status = os.stat(path)
        return status.st_ino, status.st_mtime_ns
    except FileNotFoundError:
        return None
