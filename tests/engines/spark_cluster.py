"""How is a real Spark cluster started for a test, and surely stopped?

A standalone master and two workers, each a process of its own, from the distribution that comes
inside PySpark; ports are free ones on this machine alone, folders are the test's.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyspark

from dialgauge.engines.base import TableFiles
from dialgauge.engines.spark_java import java_home
from dialgauge.plan.nodes import Plan

_PATIENCE_S = 120.0
_HASTE = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""What lives for seconds need not be compiled for hours."""

_DRIVER = """
import pickle, sys
import pyarrow.feather
from dialgauge.engines.spark import SparkEngine

with open(sys.argv[1], "rb") as job:
    settings, plan, files = pickle.load(job)
with SparkEngine(settings=settings) as engine:
    pyarrow.feather.write_feather(engine.run(plan, files), sys.argv[2])
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster.

    Attributes:
        master: Its address, `spark://...`.
        workers: The folder each worker works in; executors have numbered folders in it.
        groups: The process group of the master and of each worker.
        environment: The variables its processes see.
    """

    master: str
    workers: tuple[Path, ...]
    groups: tuple[int, ...]
    environment: Mapping[str, str]


def without_java(environment: Mapping[str, str]) -> dict[str, str]:
    """Forget the Java of this machine, so that the one that PyPI brings is taken."""
    kept = {name: value for name, value in environment.items() if name != "JAVA_HOME"}
    return kept | {"SPARK_LOCAL_IP": "127.0.0.1"}


@contextlib.contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Run a master and workers, and stop them and all they started, whatever happens."""
    home = folder / "java"
    home.mkdir()
    environment = without_java(os.environ)
    environment |= {
        "JAVA_HOME": str(java_home(home, environment)),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": _HASTE,
        "SPARK_LOG_DIR": str(folder),
    }
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: str) -> None:
        script = Path(pyspark.__file__).parent / "bin" / "spark-class"
        with (folder / f"{name}.log").open("wb") as log:
            started.append(
                subprocess.Popen(
                    [script, f"org.apache.spark.deploy.{name}", *arguments],
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    here = ("--host", "127.0.0.1", "--webui-port", "0")
    try:
        port = _free_port()
        master = f"spark://127.0.0.1:{port}"
        start("master.Master", *here, "--port", str(port))
        _await_port(port, started[0])
        folders = tuple(folder / f"worker{number}" for number in range(workers))
        for work in folders:
            size = ("--cores", "1", "--memory", "512M", "--work-dir", str(work))
            start("worker.Worker", *here, "--port", "0", *size, master)
        yield Cluster(master, folders, tuple(each.pid for each in started), environment)
    finally:
        for process in reversed(started):
            _stop(process)


def run(there: Cluster, plan: Plan, files: Mapping[str, TableFiles], folder: Path) -> pa.Table:
    """Answer a plan on the cluster, in a process of its own that has Tokyo's clock.

    A process can have only one Spark, and that of the tests runs in theirs.
    """
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": _HASTE,
        "spark.executor.extraJavaOptions": _HASTE,
        "spark.executor.memory": "512m",
        "spark.executor.cores": "1",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.files.minPartitionNum": "4",
        # Nothing begins before both workers are there.
        "spark.scheduler.minRegisteredResourcesRatio": "1.0",
        "spark.scheduler.maxRegisteredResourcesWaitingTime": "120s",
        "spark.cores.max": str(len(there.workers)),
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": f"file:{folder}",
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
    }
    job, answer = folder / "job.pickle", folder / "answer.feather"
    job.write_bytes(pickle.dumps((settings, plan, files)))
    done = subprocess.run(
        [sys.executable, "-c", _DRIVER, str(job), str(answer)],
        env=without_java(os.environ) | {"TZ": "Asia/Tokyo", "DIALGAUGE_SPARK_MASTER": there.master},
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "Spark is quiet"
    with pa.memory_map(str(answer)) as stored:
        return pa.ipc.open_file(stored).read_all()


def is_gone(group: int) -> bool:
    """Whether no process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError(f"the master did not listen on port {port}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a process and all it started to end, then end them."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    end = time.monotonic() + 10
    while not is_gone(process.pid) and time.monotonic() < end:
        time.sleep(0.1)
