"""Corrections to MiniStack 1.5.33."""

import threading
import time

import ministack.core.lambda_runtime as lambda_runtime
import ministack.services.lambda_svc as lambda_service
import ministack.services.stepfunctions as step_functions

from glue_jobs import run_jobs_with_spark


def apply() -> None:
    """Applies every mend. Call once, before the server starts."""
    _name_lambda_errors()
    _drop_fixed_delays()
    run_jobs_with_spark()


def _name_lambda_errors() -> None:
    """Reports a function's error under its own name.

    As shipped, each error of a Node.js function is called `Runtime.HandlerError`, so that no Retry or Catch by name
    ever matches. The worker now sends the error's name along, and the invocation's answer carries it.
    """
    shipped = 'status: "error", error: String(err.message || err), trace: err.stack || ""'
    assert lambda_runtime._NODEJS_WORKER_SCRIPT.count(shipped) == 1
    lambda_runtime._NODEJS_WORKER_SCRIPT = lambda_runtime._NODEJS_WORKER_SCRIPT.replace(
        shipped, shipped + ', errorType: (err && err.name) || "Error"'
    )
    invoke, execute = lambda_runtime.Worker.invoke, lambda_service._execute_function_warm
    # Both run on the same thread, one inside the other.
    last = threading.local()

    def invoke_and_remember(self, *arguments, **options):
        answer = invoke(self, *arguments, **options)
        last.error_type = answer.get("errorType")
        return answer

    def execute_and_name(function, event, request_id):
        last.error_type = None
        answer = execute(function, event, request_id)
        if answer and answer.get("error") and last.error_type and isinstance(answer.get("body"), dict):
            answer["body"]["errorType"] = last.error_type
        return answer

    lambda_runtime.Worker.invoke = invoke_and_remember
    lambda_service._execute_function_warm = execute_and_name


def _drop_fixed_delays() -> None:
    """Removes the 0.15 s that each execution waits before it starts, and shortens the wait for a function's log."""
    drain = lambda_runtime.Worker._drain_stderr_bounded
    assert "first_line_wait" in drain.__code__.co_varnames

    def drain_soon(self, first_line_wait=0.005, **options):
        return drain(self, first_line_wait=0.005, **options)

    class ShortTime:
        """The module `time`, but for the one fixed sleep."""

        def __getattr__(self, name):
            return getattr(time, name)

        def sleep(self, seconds):
            time.sleep(0.002 if seconds == 0.15 else seconds)

    lambda_runtime.Worker._drain_stderr_bounded = drain_soon
    step_functions.time = ShortTime()
