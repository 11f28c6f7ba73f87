"""The Apache Livy server on PySpark's Spark in local mode, set up as an HDInsight cluster's: jobs and data come from storage."""

import os
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aerial_ops.emulator.azurite import Account
from aerial_ops.emulator.certificates import Certificates
from aerial_ops.emulator.jars import LIVY, spark_home, wasb_class_path
from aerial_ops.emulator.processes import Service

NAME = "livy"
# The settings of whoever starts the emulator must not leak into jobs: a cluster does not know them either.
NOT_INHERITED = ("SPARK_", "PYSPARK_", "HADOOP_", "LIVY_", "PYTHON", "AERIAL_OPS_", "AZURE_", "JAVA_TOOL_OPTIONS", "SSL_CERT_")
UNFIT_FOR_JAVA = ':,;!"\\*\n'

SERVER_LOG = """\
log4j.rootCategory=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n
log4j.logger.org.eclipse.jetty=WARN
"""
# What remains at WARN is worth reading; these say the same thing on every start or for every file.
JOB_LOG = """\
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex
logger.native.name = org.apache.hadoop.util.NativeCodeLoader
logger.native.level = error
logger.metrics.name = org.apache.hadoop.metrics2
logger.metrics.level = error
logger.threads.name = org.apache.hadoop.fs.azure.AzureFileSystemThreadPoolExecutor
logger.threads.level = error
"""


@dataclass(frozen=True)
class LivyFolders:
    """Where the Livy server of the emulator in `folder` keeps its things."""

    folder: Path

    @property
    def livy_conf(self) -> Path:
        """livy.conf and Livy's log4j.properties."""
        return self.folder / "livy" / "conf"

    @property
    def spark_conf(self) -> Path:
        """spark-defaults.conf, which holds the account key, and Spark's log4j2.properties."""
        return self.folder / "livy" / "spark-conf"

    @property
    def hosts(self) -> Path:
        """The names that the JVMs can resolve."""
        return self.folder / "livy" / "hosts"

    @property
    def work(self) -> Path:
        """The working folder of Livy and its jobs."""
        return self.folder / "livy" / "work"

    @property
    def temporary(self) -> Path:
        """Scratch space of jobs, emptied before Livy starts."""
        return self.folder / "livy" / "tmp"


def configure(folder: Path, port: int, account: Account, certificates: Certificates, jars: Path) -> None:
    """Write Livy's and Spark's configuration; each job reads Spark's anew."""
    places = LivyFolders(folder)
    for place in (places.livy_conf, places.spark_conf, places.work, places.temporary):
        place.mkdir(parents=True, exist_ok=True)
    places.hosts.write_text(_hosts(account))
    (places.livy_conf / "livy.conf").write_text(_lines(_livy_settings(port), " = "))
    (places.livy_conf / "log4j.properties").write_text(SERVER_LOG)
    (places.spark_conf / "log4j2.properties").write_text(JOB_LOG)
    settings = {
        **spark_settings(account, jars, places.hosts, certificates.truststore, f"-Djava.io.tmpdir={places.temporary}", QUICK),
        "spark.aerialops.connectTo": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.redaction.regex": "(?i)secret|password|token|access[.]?key|account[.]key",
        "spark.ui.enabled": "false",
    }
    escaped = {_property_key(key): value.replace("\\", "\\\\") for key, value in settings.items()}
    defaults = places.spark_conf / "spark-defaults.conf"
    defaults.touch(mode=0o600)
    defaults.write_text(_lines(escaped, " "))


# In local mode the JVM shares the cores with Python, and its second compiler takes more than it gives back in a short job.
QUICK = "-XX:TieredStopAtLevel=1"


def spark_settings(account: Account, jars: Path, hosts: Path, truststore: Path | None, *options: str) -> dict[str, str]:
    """The settings with which Spark reads wasb:// (with a truststore: wasbs://) addresses of `account`."""
    java = [f"-Djdk.net.hosts.file={hosts}", *options]
    if truststore:
        java += [f"-Djavax.net.ssl.trustStore={truststore}", "-Djavax.net.ssl.trustStoreType=PKCS12"]
    return {
        # On the class path from the start, not in spark.jars: the job's own file is fetched from storage already.
        "spark.driver.extraClassPath": wasb_class_path(jars),
        "spark.executor.extraClassPath": wasb_class_path(jars),
        "spark.driver.extraJavaOptions": " ".join(f'"{option}"' for option in java),
        f"spark.hadoop.fs.azure.account.key.{account.host}": account.key,
    }


def write_hosts(path: Path, account: Account) -> Path:
    """A hosts file for the JVM, which resolves nothing else then: this machine's names and the account's, all on 127.0.0.1."""
    path.write_text(_hosts(account))
    return path


def clear_temporary(folder: Path) -> None:
    """Remove what killed jobs left behind."""
    shutil.rmtree(LivyFolders(folder).temporary, ignore_errors=True)


def service(folder: Path, port: int, java: Path, jars: Path, certificates: Certificates) -> Service:
    """The Livy server; `configure` comes first."""
    places = LivyFolders(folder)
    environment = {
        **_inherited(os.environ),
        "LC_ALL": "C.UTF-8",  # else Java cannot pass on a path that is not ASCII
        "JAVA_HOME": str(java.resolve().parent.parent),
        "LIVY_CONF_DIR": str(places.livy_conf),
        "LIVY_HOME": str(places.folder / "livy"),
        "LIVY_LOG_DIR": str(folder / "logs"),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_CONF_DIR": str(places.spark_conf),
        "SPARK_HOME": str(spark_home()),
        "SPARK_LOCAL_DIRS": str(places.temporary),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SSL_CERT_FILE": str(certificates.authority),
    }
    # A server that mostly waits: the quick compiler starts it in half the time.
    command = [str(java), "-Xmx512m", "-XX:TieredStopAtLevel=1", f"-Djava.io.tmpdir={places.temporary}"]
    command += ["-cp", f"{places.livy_conf}:{jars / LIVY}/*", "org.apache.livy.server.LivyServer"]
    return Service(NAME, "Livy (Spark jobs)", port, command, environment, answers=lambda: answers(port))


def cores() -> int:
    """The cores that the Spark jobs of an emulated cluster share, whatever its size."""
    return os.cpu_count() or 1


def answers(port: int) -> bool:
    """Whether a Livy answers on the port."""
    import httpx

    try:
        return "version" in httpx.get(f"http://127.0.0.1:{port}/version", timeout=5, trust_env=False).text
    except (httpx.HTTPError, OSError):
        return False


def _livy_settings(port: int) -> dict[str, str]:
    return {
        "livy.server.host": "127.0.0.1",
        "livy.server.port": str(port),
        "livy.server.csrf-protection.enabled": "true",
        "livy.spark.master": f"local[{cores()}]",
        "livy.spark.deploy-mode": "client",
        "livy.repl.enable-hive-context": "false",
        "livy.repl.jars": "",
        "livy.rsc.jars": "",
    }


def _hosts(account: Account) -> str:
    names = dict.fromkeys(["localhost", account.host.partition(":")[0], socket.gethostname()])
    return f"127.0.0.1 {' '.join(names)}\n"


def _inherited(environment: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in environment.items() if not key.startswith(NOT_INHERITED)}


def _property_key(key: str) -> str:
    """In a Java properties file a colon ends the key; unescaped, Hadoop says that there are no credentials."""
    return key.replace(":", "\\:")


def _lines(settings: Mapping[str, str], between: str) -> str:
    return "".join(f"{key}{between}{value}\n" for key, value in settings.items())
