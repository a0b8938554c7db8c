"""Runs jobs and their Python tests in one Spark session.

Argument: a file with `{"runs": [{"job": folder, "arguments": [...]}], "tests": [folder, ...]}`. Prints one JSON object a
line: `{"run": folder, "error": text or null}`, then `{"test": name, "error": text or null}`.
"""

import importlib
import json
import sys
import traceback
import unittest
from pathlib import Path

from pyspark.sql import SparkSession

JOBS = Path(__file__).parents[3] / "glue-jobs"


def load(folder: str, module: str):
    """A module of one job: the jobs' modules have the same names."""
    for loaded in list(sys.modules.values()):
        if str(getattr(loaded, "__file__", None) or "").startswith(str(JOBS)):
            del sys.modules[loaded.__name__]
    sys.path[:] = [str(JOBS / folder)] + [path for path in sys.path if not path.startswith(str(JOBS))]
    return importlib.import_module(module)


class Results(unittest.TestResult):
    def __init__(self, folder: str):
        super().__init__()
        self.folder = folder

    def report(self, test, error):
        say({"test": f"{self.folder}: {test._testMethodName}", "error": error and self._exc_info_to_string(error, test)})

    def addSuccess(self, test):
        self.report(test, None)

    def addFailure(self, test, error):
        self.report(test, error)

    def addError(self, test, error):
        self.report(test, error)


def say(line: dict) -> None:
    print(json.dumps(line), flush=True)


plan = json.loads(Path(sys.argv[1]).read_text())
spark = SparkSession.builder.appName("tests").getOrCreate()
for run in plan["runs"]:
    error = None
    sys.argv = ["job.py", *run["arguments"]]
    try:
        load(run["job"], "job").main()
    except Exception:
        error = traceback.format_exc()
    say({"run": run["name"], "error": error})
for folder in plan["tests"]:
    unittest.defaultTestLoader.loadTestsFromModule(load(folder, "test_transform")).run(Results(folder))
spark.stop()
