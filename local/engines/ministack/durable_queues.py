"""Makes SQS's messages survive a kill, and its lists of messages safe among threads."""

import threading
import time

import ministack.services.sqs as sqs

from journal import Journal

# Requests that change messages only. Any other that changes something needs a new snapshot.
_MESSAGE_ACTIONS = ("SendMessage", "SendMessageBatch", "DeleteMessage", "DeleteMessageBatch", "PurgeQueue")
_SETTING_ACTIONS = ("CreateQueue", "DeleteQueue", "SetQueueAttributes", "AddPermission", "RemovePermission", "TagQueue", "UntagQueue")


class DurableQueues:
    """Journals which messages came into and went out of each queue.

    As shipped, a send on the server's thread that falls between the two halves of a delete on a poller's thread is
    lost. Each function that changes a list of messages therefore runs under one lock.
    """

    def __init__(self, journal: Journal, take_snapshot):
        self._journal = journal
        self._take_snapshot = take_snapshot
        # The ids that the snapshot and journal hold, by queue.
        self._known: dict[tuple, dict[str, None]] = {}
        # Batches call the action for one message, within the lock.
        self.lock = threading.RLock()

    def install(self) -> None:
        """Puts lock and journal in between."""
        sqs._queues_lock = self.lock
        for action in _MESSAGE_ACTIONS:
            sqs._HANDLERS[action] = self._locked(sqs._HANDLERS[action])
        for action in _SETTING_ACTIONS:
            sqs._HANDLERS[action] = self._with_snapshot(sqs._HANDLERS[action])
        for name in ("_collect_msgs", "_expire_retained", "_dlq_sweep"):
            setattr(sqs, name, self._locked(getattr(sqs, name)))
        for name in ("_delete_messages_for_esm", "_receive_messages_for_esm", "_act_send_message"):
            setattr(sqs, name, self._locked(getattr(sqs, name)))

    def recover(self) -> int:
        """Applies the journal to the loaded snapshot; returns the number of changes.

        What was in flight becomes visible at once: whoever had received it ended with the server.
        """
        count = 0
        for account, region, url, message_id, message in self._journal.replay():
            queue = sqs._queues.get_scoped(account, region, url)
            if queue is None:
                continue
            queue["messages"] = [kept for kept in queue["messages"] if kept["id"] != message_id]
            if message is not None:
                queue["messages"].append(message)
                self._remember(queue, message)
            count += 1
        now = time.time()
        for key, queue in sqs._queues._data.items():
            for message in queue["messages"]:
                if message.get("receive_count"):
                    message["visible_at"] = min(message["visible_at"], now)
                    message["receipt_handle"] = None
            self._known[key] = dict.fromkeys(message["id"] for message in queue["messages"])
        return count

    @staticmethod
    def _remember(queue: dict, message: dict) -> None:
        """Restores what a FIFO queue keeps of each message beyond its delivery."""
        if not queue["is_fifo"]:
            return
        queue["fifo_seq"] = max(queue["fifo_seq"], int(message.get("seq") or 0))
        if message.get("dedup_cache_key"):
            queue["dedup_cache"][message["dedup_cache_key"]] = {
                "expire": message["sent_at"] + sqs._DEDUP_WINDOW_S,
                "id": message["id"],
                "md5": message["md5_body"],
                "md5a": message["md5_attrs"],
                "seq": message["seq"],
            }

    def _locked(self, function):
        def run(*arguments, **options):
            with self.lock:
                try:
                    return function(*arguments, **options)
                finally:
                    self._commit()

        return run

    def _with_snapshot(self, function):
        def run(*arguments, **options):
            with self.lock:
                result = function(*arguments, **options)
                self._take_snapshot("sqs")
                return result

        return run

    def _commit(self) -> None:
        """Journals how each queue differs from what is known of it.

        Messages are only ever added at the end: where the last known one is in its place, none before it has gone.
        """
        changes = []
        for key, queue in sqs._queues._data.items():
            messages, known = queue["messages"], self._known.setdefault(key, {})
            last = messages[len(known) - 1]["id"] if 0 < len(known) <= len(messages) else None
            if known and last != next(reversed(known)):
                present = {message["id"] for message in messages}
                for gone in [message_id for message_id in known if message_id not in present]:
                    del known[gone]
                    changes.append([*key, gone, None])
            for message in messages[len(known) :]:
                known[message["id"]] = None
                changes.append([*key, message["id"], message])
        self._journal.commit(changes)
