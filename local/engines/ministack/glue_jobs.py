"""Runs MiniStack's Glue jobs with Spark; as shipped a Spark job succeeds without having run."""

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import boto3
import ministack.services.glue as glue

# Written by the installation of Spark.
_PLACES = Path(__file__).resolve().parents[3] / ".hilo" / "tools" / "spark.json"
_NOT_INSTALLED = "Spark is not installed on this machine: run `npx hilo up --spark` once, then start the job again"
_LONGEST_MESSAGE = 2_000
_LAST_LINES = 40
# The machine's memory holds one Spark beside the other engines.
_one_at_a_time = threading.Lock()


def run_jobs_with_spark() -> None:
    """Replaces how a run of a job is executed. Call once, before the server starts."""
    execution = glue._start_job_run.__code__.co_consts
    closure = next(code for code in execution if getattr(code, "co_name", "") == "_execute")
    for name in ("_is_spark_job", "_resolve_script", "_execute_subprocess"):
        assert name in closure.co_names, name
    assert glue._script_args.__code__.co_varnames[:4] == ("job", "job_name", "run_id", "run_arguments")
    # MiniStack then takes every job for a plain script, which `_execute` runs; it finds the script itself.
    glue._is_spark_job = lambda job: False
    glue._resolve_script = lambda location: "job.py"
    glue._script_args = lambda job, job_name, run_id, run_arguments: {
        **job.get("DefaultArguments", {}),
        "--JOB_NAME": job_name,
        "--JOB_RUN_ID": run_id,
        **run_arguments,
    }
    glue._execute_subprocess = _execute
    restore = glue._restore_state

    def restore_and_end(data):
        restore(data)
        for runs in glue._job_runs._data.values():
            for run in runs:
                if run["JobRunState"] in ("STARTING", "RUNNING"):
                    _end(run, "FAILED", "the stage was stopped while the job ran")

    glue._restore_state = restore_and_end


def _execute(run, job, arguments, _resolved) -> None:
    """Runs a job to its end, in a folder of its own, and puts how it ended into `run`."""
    with _one_at_a_time:
        if run["JobRunState"] == "STOPPED":
            return
        folder = Path(tempfile.mkdtemp(prefix="glue-"))
        try:
            if not _PLACES.exists():
                _end(run, "FAILED", _NOT_INSTALLED)
                return
            command, environment = _prepare(folder, job, arguments, json.loads(_PLACES.read_text()))
            _run(run, folder, command, environment, 60 * int(job.get("Timeout") or 2_880))
        except Exception as error:
            _end(run, "FAILED", f"the job could not be started: {error}")
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _prepare(folder: Path, job, arguments, places) -> tuple[list[str], dict[str, str]]:
    """Fetches script and modules, and says how they are run: `job.py --name value …`, as Glue does it."""
    modules = [_fetch(folder, location) for location in arguments.get("--extra-py-files", "").split(",") if location]
    script = _fetch(folder, job["Command"]["ScriptLocation"])
    for location in arguments.get("--extra-files", "").split(","):
        if location:
            _fetch(folder, location)
    (folder / "spark-defaults.conf").write_text("".join(f"{name} {value}\n" for name, value in _settings(places)))
    environment = {
        **os.environ,
        "JAVA_HOME": places["javaHome"],
        "PYSPARK_PYTHON": places["python"],
        "PYTHONPATH": os.pathsep.join(modules),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SPARK_CONF_DIR": str(folder),
        "SPARK_LOCAL_DIRS": str(folder),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "TZ": "UTC",
    }
    given = [text for name, value in arguments.items() for text in (name, str(value))]
    return [places["python"], script, *given], environment


def _settings(places):
    """Spark on this machine, whose `s3://` is the emulator's S3: in Glue the same paths are AWS's."""
    s3 = "spark.hadoop.fs.s3a"
    return [
        ("spark.master", "local[2]"),
        ("spark.driver.host", "127.0.0.1"),
        ("spark.driver.bindAddress", "127.0.0.1"),
        ("spark.driver.memory", "1g"),
        ("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"),
        ("spark.driver.extraClassPath", f"{places['jars']}/*"),
        ("spark.ui.enabled", "false"),
        ("spark.ui.showConsoleProgress", "false"),
        ("spark.sql.shuffle.partitions", "2"),
        ("spark.hadoop.fs.s3.impl", "org.apache.hadoop.fs.s3a.S3AFileSystem"),
        (f"{s3}.endpoint", os.environ["AWS_ENDPOINT_URL"]),
        (f"{s3}.endpoint.region", os.environ["AWS_REGION"]),
        (f"{s3}.path.style.access", "true"),
        (f"{s3}.connection.ssl.enabled", "false"),
        (f"{s3}.access.key", os.environ["AWS_ACCESS_KEY_ID"]),
        (f"{s3}.secret.key", os.environ["AWS_SECRET_ACCESS_KEY"]),
        (f"{s3}.aws.credentials.provider", "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider"),
        (f"{s3}.directory.marker.retention", "keep"),
        ("spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version", "2"),
    ]


def _fetch(folder: Path, location: str) -> str:
    bucket, _, key = location.removeprefix("s3://").partition("/")
    file = folder / Path(key).name
    boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"]).download_file(bucket, key, str(file))
    return str(file)


def _run(run, folder: Path, command: list[str], environment, timeout: float) -> None:
    # The stage's temporary folder is beside its logs.
    log = Path(tempfile.gettempdir()).parent / "logs" / f"glue-{run['JobName']}-{run['Id']}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + timeout
    # In the emulator's process group, so that it ends with the stage.
    with log.open("w") as output, subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
    ) as process:
        while process.poll() is None:
            if run["JobRunState"] == "STOPPED" or time.monotonic() > end:
                # Its Java ends with it: it listens to a pipe from it.
                process.kill()
            time.sleep(0.2)
    if run["JobRunState"] == "STOPPED":
        return
    if time.monotonic() > end:
        _end(run, "TIMEOUT", f"the job took longer than {timeout:.0f} s; its log is {log}")
    elif process.returncode == 0:
        _end(run, "SUCCEEDED", "")
    else:
        _end(run, "FAILED", f"{_last_error(log) or f'exit code {process.returncode}'}; its log is {log}")


def _last_error(log: Path) -> str:
    """The line that names the error, as Glue shows it, else the last line."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()][-_LAST_LINES:]
    errors = [line for line in lines if line.split(":")[0].endswith(("Error", "Exception"))]
    return (errors or lines or [""])[-1]


def _end(run, state: str, message: str) -> None:
    now = int(time.time())
    run.update(JobRunState=state, ErrorMessage=message[:_LONGEST_MESSAGE], CompletedOn=now, LastModifiedOn=now)
