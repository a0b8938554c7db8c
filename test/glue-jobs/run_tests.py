"""Runs the Python tests of jobs, the arguments, in one Spark session.

Prints a JSON object a line: `{"test": "<job>: <name>", "error": text or null}`.
"""

import importlib
import json
import sys
import unittest
from pathlib import Path

from pyspark.sql import SparkSession

JOBS = Path(__file__).parents[2] / "glue-jobs"


class Results(unittest.TestResult):
    def __init__(self, job: str):
        super().__init__()
        self.job = job

    def report(self, test, error):
        name = f"{self.job}: {getattr(test, '_testMethodName', test)}"
        text = self._exc_info_to_string(error, test) if error else None
        print(json.dumps({"test": name, "error": text}), flush=True)

    def addSuccess(self, test):
        self.report(test, None)

    def addFailure(self, test, error):
        self.report(test, error)

    def addError(self, test, error):
        self.report(test, error)

    def addSubTest(self, test, subtest, error):
        # A test with a part that failed is not told to have succeeded.
        super().addSubTest(test, subtest, error)
        if error:
            self.report(test, error)


def tests_of(job: str) -> unittest.TestSuite:
    """The tests of one job, whose modules have the same names as those of the others."""
    for loaded in list(sys.modules.values()):
        if str(getattr(loaded, "__file__", None) or "").startswith(str(JOBS)):
            del sys.modules[loaded.__name__]
    sys.path[:] = [str(JOBS / job), *[path for path in sys.path if not path.startswith(str(JOBS))]]
    return unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module("test_transform"))


spark = SparkSession.builder.appName("tests").getOrCreate()
for name in sys.argv[1:]:
    tests_of(name).run(Results(name))
spark.stop()
