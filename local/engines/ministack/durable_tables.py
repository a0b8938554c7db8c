"""Makes DynamoDB's rows survive a kill: each request's changes are in a journal before the request is answered."""

import threading

import ministack.services.dynamodb as dynamodb

from ministack.core.arn import parse_arn

from journal import Journal

# Requests that change rows only. Any other that changes something needs a new snapshot.
_ROW_ACTIONS = {
    "PutItem",
    "DeleteItem",
    "UpdateItem",
    "BatchWriteItem",
    "TransactWriteItems",
    "ExecuteStatement",
    "BatchExecuteStatement",
    "ExecuteTransaction",
}
_READ_PREFIXES = ("Get", "BatchGet", "TransactGet", "Query", "Scan", "List", "Describe", "Search")


class DurableTables:
    """Journals what MiniStack's two functions that touch rows do."""

    def __init__(self, journal: Journal, take_snapshot):
        self._journal = journal
        self._take_snapshot = take_snapshot
        self._request = threading.local()
        # Held from a change of a row until the journal has it, so that no snapshot comes in between.
        self.lock = threading.RLock()
        self._set_item = dynamodb._set_item
        self._remove_item = dynamodb._remove_item
        self._items_replaced = dynamodb._items_replaced
        self._handle_request = dynamodb.handle_request

    def install(self) -> None:
        """Puts the journal in between. Every change of a row goes through these functions."""
        dynamodb._set_item = self._set_and_note
        dynamodb._remove_item = self._remove_and_note
        dynamodb._items_replaced = self._note_replacement
        dynamodb.handle_request = self._handle_and_commit

    def recover(self) -> int:
        """Applies the journal to the loaded snapshot; returns the number of changes."""
        count = 0
        for account, region, name, partition, sort, item in self._journal.replay():
            table = dynamodb._tables.get_scoped(account, region, name)
            if table is None:
                continue
            if item is None:
                self._remove_item(table, partition, sort)
            else:
                self._set_item(table, partition, sort, item)
            count += 1
        return count

    def _set_and_note(self, table, partition, sort, item):
        with self.lock:
            old_item = self._set_item(table, partition, sort, item)
            self._note(table, partition, sort, item)
            return old_item

    def _remove_and_note(self, table, partition, sort):
        with self.lock:
            old_item = self._remove_item(table, partition, sort)
            if old_item is not None:
                self._note(table, partition, sort, None)
            return old_item

    def _note_replacement(self, table):
        """All rows of a table were exchanged (a rollback, a restore): only a snapshot tells that."""
        self._items_replaced(table)
        if getattr(self._request, "changes", None) is None:
            self._take_snapshot("dynamodb")
        else:
            self._request.needs_snapshot = True

    def _note(self, table, partition, sort, item) -> None:
        arn = parse_arn(table["TableArn"])
        change = [arn.account_id, arn.region, table["TableName"], partition, sort, item]
        changes = getattr(self._request, "changes", None)
        if changes is None:
            # Not within a request: the sweep of expired rows, or a workflow that writes by itself.
            self._journal.commit([change])
        else:
            changes.append(change)

    async def _handle_and_commit(self, method, path, headers, body, query_params):
        """Handles a request; its changes are one commit, so that a transaction is never torn by a kill."""
        with self.lock:  # The handler never gives way to another request.
            self._request.changes, self._request.needs_snapshot = [], False
            try:
                return await self._handle_request(method, path, headers, body, query_params)
            finally:
                changes, self._request.changes = self._request.changes, None
                action = headers.get("x-amz-target", "").split(".")[-1]
                if self._request.needs_snapshot or not (action in _ROW_ACTIONS or action.startswith(_READ_PREFIXES)):
                    self._take_snapshot("dynamodb")
                else:
                    self._journal.commit(changes)
