"""OpenStack Swift with its S3 interface (s3api), on this machine alone: a second store of another make, for scripts/checks/snapshots_remote.

Debian's swift-proxy, swift-account, swift-container and swift-object, which need Debian's own Python. One replica on one device,
in a folder of its own; nothing of /etc/swift is read or written.
"""
import pathlib
import shutil
import socket
import subprocess
import time

PYTHON = "/usr/bin/python3"
PROGRAMS = ("swift-proxy-server", "swift-account-server", "swift-container-server", "swift-object-server", "swift-ring-builder")
KEY = "desk:carillon", "a-secret-of-the-store"
# Each of Swift's programs as its own script begins it, but for the place of swift.conf, which is fixed in the library.
BEGIN = """\
import sys
from swift.common import utils
utils.SWIFT_CONF_FILE = sys.argv[2]
from swift.common.wsgi import run_wsgi
sys.exit(run_wsgi(sys.argv[1], sys.argv[3]))
"""
COMMON = """\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
user = {user}
workers = 0
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
log_address = {folder}/no-log
log_level = ERROR
"""
SERVER = """\
[pipeline:main]
pipeline = {name}-server

[app:{name}-server]
use = egg:swift#{name}
"""
PROXY = """\
[pipeline:main]
pipeline = catch_errors cache s3api tempauth bulk slo dlo versioned_writes proxy-server

[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true

[filter:catch_errors]
use = egg:swift#catch_errors

[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1

[filter:s3api]
use = egg:swift#s3api
location = us-east-1
s3_acl = false
check_bucket_owner = false
min_segment_size = 5242880

[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret} .admin

[filter:bulk]
use = egg:swift#bulk

[filter:slo]
use = egg:swift#slo

[filter:dlo]
use = egg:swift#dlo

[filter:versioned_writes]
use = egg:swift#versioned_writes
"""


def missing():
    """What there must be and is not, as a sentence; None where all is there."""
    lacking = [name for name in PROGRAMS if not shutil.which(name)]
    if lacking:
        return f"{', '.join(lacking)}: apt-get install swift-proxy swift-account swift-container swift-object"
    return None


class SwiftStore:
    """The four servers; `port` is the proxy's."""

    def __init__(self, folder, port):
        self.folder, self.port, self.processes = pathlib.Path(folder), port, []
        (self.folder / "devices/d1").mkdir(parents=True)
        (self.folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_prefix = of-a-test\nswift_hash_path_suffix = of-a-test\n"
                                                "[storage-policy:0]\nname = one\ndefault = yes\n")
        user = pathlib.Path(self.folder).owner()
        for name in ("account", "container", "object"):
            own = self.free_port()
            builder = self.folder / f"{name}.builder"
            for words in (["create", "4", "1", "1"], ["add", f"r1z1-127.0.0.1:{own}/d1", "1"], ["rebalance"]):
                done = subprocess.run(["swift-ring-builder", builder, *words], capture_output=True, text=True, check=False)
                if done.returncode > 1:  # 1: a warning
                    raise SystemExit(f"swift-ring-builder {words}: {done.stdout}{done.stderr}")
            text = COMMON.format(port=own, folder=self.folder, user=user) + "\n" + SERVER.format(name=name)
            self.begin(name, text)
        account, name = KEY[0].split(":")
        text = COMMON.format(port=port, folder=self.folder, user=user) + "\n" + PROXY.format(account=account, user=name, secret=KEY[1])
        self.begin("proxy", text)

    @staticmethod
    def free_port():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    def begin(self, name, text):
        path = self.folder / f"{name}.conf"
        path.write_text(text)
        log = open(self.folder / f"{name}.log", "w")
        self.processes.append(subprocess.Popen([PYTHON, "-c", BEGIN, path, self.folder / "swift.conf", f"{name}-server"],
                                               stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def wait(self, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.2)
        raise SystemExit("swift does not begin: " + "".join(p.read_text()[-600:] for p in self.folder.glob("*.log")))

    def kill(self):
        for process in self.processes:
            process.kill()
            process.wait()
