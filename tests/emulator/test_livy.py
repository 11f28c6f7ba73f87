import shutil
import subprocess
from pathlib import Path

import pytest

from aerial_ops.emulator import livy
from aerial_ops.emulator.azurite import Account
from aerial_ops.emulator.certificates import Certificates

JARS = Path("/cache/jars/1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of an emulator that is configured."""
    folder = tmp_path / "my emulator"
    folder.mkdir()
    livy.configure(folder, 8998, Account("acc", "a+/=key", 443, None), Certificates.within(folder), JARS)
    return folder


def defaults(folder: Path) -> dict[str, str]:
    lines = (livy.LivyFolders(folder).spark_conf / "spark-defaults.conf").read_text().splitlines()
    return dict(line.split(" ", 1) for line in lines)


def test_the_key_is_kept_from_others_and_its_colon_is_escaped(folder: Path) -> None:
    file = livy.LivyFolders(folder).spark_conf / "spark-defaults.conf"
    assert file.stat().st_mode & 0o777 == 0o600
    assert defaults(folder)["spark.hadoop.fs.azure.account.key.acc.blob.localhost\\:443"] == "a+/=key"
    others = [path for path in folder.rglob("*") if path.is_file() and path != file]
    assert others
    assert not any("a+/=key" in path.read_text() for path in others)


def test_what_jobs_get(folder: Path) -> None:
    settings = defaults(folder)
    assert settings["spark.aerialops.connectTo"] == "127.0.0.1"
    assert settings["spark.driver.memory"] == "2g"
    assert settings["spark.driver.extraClassPath"] == settings["spark.executor.extraClassPath"] == livy.wasb_class_path(JARS)
    assert f'"-Djdk.net.hosts.file={folder}/livy/hosts"' in settings["spark.driver.extraJavaOptions"]
    assert f'"-Djavax.net.ssl.trustStore={folder}/pki/truststore.p12"' in settings["spark.driver.extraJavaOptions"]


def test_the_hosts_file_names_the_account_and_this_machine(folder: Path) -> None:
    import socket

    words = livy.LivyFolders(folder).hosts.read_text().split()
    assert words[:3] == ["127.0.0.1", "localhost", "acc.blob.localhost"]
    assert socket.gethostname() in words


def test_livy_itself_refuses_local_files_and_requests_without_the_header(folder: Path) -> None:
    text = (livy.LivyFolders(folder).livy_conf / "livy.conf").read_text()
    assert "livy.server.csrf-protection.enabled = true\n" in text
    assert "livy.server.host = 127.0.0.1\n" in text
    assert "local-dir-whitelist" not in text


def test_jobs_do_not_inherit_the_settings_of_whoever_starts_the_emulator(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = [
        "SPARK_MASTER",
        "PYSPARK_DRIVER_PYTHON",
        "HADOOP_CONF_DIR",
        "PYTHONPATH",
        "AERIAL_OPS_STORAGE_KEY",
        "AZURE_CLIENT_SECRET",
    ]
    for name in given:
        monkeypatch.setenv(name, "mine")
    java = tmp_path / "jdk" / "bin" / "java"
    service = livy.service(folder, 8998, java, JARS, Certificates.within(folder))
    assert "mine" not in service.environment.values()
    assert service.environment["JAVA_HOME"] == str(tmp_path / "jdk")
    assert service.environment["SSL_CERT_FILE"] == str(folder / "pki" / "ca.pem")


def test_what_killed_jobs_left_is_removed(folder: Path) -> None:
    left = livy.LivyFolders(folder).temporary / "blockmgr-1"
    left.mkdir()
    livy.clear_temporary(folder)
    assert not left.exists()


@pytest.mark.skipif(not shutil.which("java"), reason="needs Java")
def test_a_job_log_configuration_that_log4j_takes(folder: Path, tmp_path: Path) -> None:
    """Log4j says on its status channel when it cannot read its configuration."""
    from aerial_ops.emulator.jars import spark_home

    source = tmp_path / "Hello.java"
    source.write_text(
        "public class Hello { public static void main(String[] a) {"
        'org.apache.logging.log4j.LogManager.getLogger("a.b").warn("seen");'
        'org.apache.logging.log4j.LogManager.getLogger("org.apache.hadoop.metrics2.x").warn("hidden"); } }'
    )
    conf = livy.LivyFolders(folder).spark_conf
    if not shutil.which("javac"):
        pytest.skip("needs a JDK")
    answer = subprocess.run(["java", "-cp", f"{conf}:{spark_home()}/jars/*", source], capture_output=True, text=True, check=True)
    assert answer.stdout == ""
    assert answer.stderr.strip().endswith("WARN b: seen")
    assert "hidden" not in answer.stderr
    assert "ERROR" not in answer.stderr
