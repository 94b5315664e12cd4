"""A throw-away Slurm on the loopback, without systemd, cgroups or root: munged, slurmctld and one
slurmd for each virtual node, as children of this process, in a folder that goes with them."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from reaper import die_with_parent

NEEDED = ("munged", "munge", "unmunge", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue",
          "sinfo", "scancel", "srun", "salloc")
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
KILL_WAIT = 15  # seconds from SIGTERM to SIGKILL (Slurm's default is 30)

CONF = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SrunPortRange={srun_first}-{srun_last}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
TmpFS={folder}/tmp.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
PlugStackConfig={folder}/plugstack.conf
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=5,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
SlurmctldTimeout=60
SlurmdTimeout=60
KillWait={kill_wait}
JobRequeue=1
MailProg=/bin/true
{nodes}
PartitionName=normal Nodes=n[1-{node_count}] Default=YES MaxTime=INFINITE State=UP PriorityTier=1 \
PreemptMode=REQUEUE GraceTime={kill_wait}
PartitionName=urgent Nodes=n[1-{node_count}] MaxTime=INFINITE State=UP PriorityTier=10 \
PreemptMode=OFF
"""
NODE = ("NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={cpus} Boards=1 "
        "Sockets=1 CoresPerSocket={cpus} ThreadsPerCore=1 RealMemory=16000 State=UNKNOWN")


class Unavailable(Exception):
    """There is no Slurm here; the text says why."""


def missing():
    """Which commands cannot be found."""
    return [name for name in NEEDED if not shutil.which(name, path=PATH)]


def wait_for(condition, what, seconds=60):
    """The first true value of condition(). what: a text for the error, or a function that makes
    it."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(
                f"waited {seconds} s in vain: {what() if callable(what) else what}")
        time.sleep(0.1)
    return value


def free_ports(count):
    """The first of `count` free ports in a row."""
    for first in range(26800, 60000, 128):
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
    raise Unavailable("no free ports")


class Cluster:
    """Nodes n1, n2, ... with `cpus` each; partitions `normal`, whose jobs are requeued for those of
    `urgent`. Use it as a context."""

    def __init__(self, nodes=2, cpus=4):
        # munge's socket has at most 107 bytes, so the folder must have a short name
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))
        self.daemons = {}
        self.names = [f"n{k + 1}" for k in range(nodes)]
        self.environment = {"PATH": PATH, "SLURM_CONF": f"{self.folder}/slurm.conf"}
        self.write_files(cpus)

    def write_files(self, cpus):
        first, host = free_ports(100), socket.gethostname().split(".")[0]
        nodes = [NODE.format(name=name, host=host, port=first + 1 + k, cpus=cpus)
                 for k, name in enumerate(self.names)]
        self.folder.chmod(0o755)
        for name in ["state", *(f"{folder}.{name}" for name in self.names
                                for folder in ("spool", "tmp"))]:
            (self.folder / name).mkdir()
        (self.folder / "munge.key").write_bytes(os.urandom(128))
        (self.folder / "munge.key").chmod(0o600)
        (self.folder / "plugstack.conf").write_text("")
        (self.folder / "cgroup.conf").write_text("CgroupAutomount=no\nConstrainCores=no\n"
                                                 "ConstrainRAMSpace=no\n")
        user = subprocess.run(["id", "-un"], capture_output=True, text=True,
                              check=True).stdout.strip()
        (self.folder / "slurm.conf").write_text(CONF.format(
            host=host, user=user, folder=self.folder, port=first, srun_first=first + 20,
            srun_last=first + 99, kill_wait=KILL_WAIT, nodes="\n".join(nodes),
            node_count=len(self.names)))

    def start(self, name, *command):
        log = open(self.folder / f"{name}.log", "w")
        reaper = (sys.executable, str(Path(__file__).with_name("reaper.py")))
        self.daemons[name] = subprocess.Popen(
            reaper + command, env=os.environ | self.environment, stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log, preexec_fn=die_with_parent)
        log.close()

    def run(self, *command, check=True, **more):
        """What a Slurm command prints."""
        done = subprocess.run([str(word) for word in command], env=os.environ | self.environment,
                              text=True,
                              capture_output=True, **{"timeout": 60, **more})
        if check and done.returncode:
            raise AssertionError(f"{command}: {done.stderr}{self.log()}")
        return done.stdout.strip()

    def log(self):
        return "".join(f"\n--- {path.name}\n" + "\n".join(path.read_text().splitlines()[-25:])
                       for path in sorted(self.folder.glob("*.log")))

    def __enter__(self):
        try:
            key = f"{self.folder}/munge.key"
            self.start("munged", "munged", "--foreground", f"--key-file={key}", "--num-threads=2",
                       f"--socket={self.folder}/munge.sock", f"--pid-file={self.folder}/munged.pid",
                       f"--log-file={self.folder}/munge.log",
                       f"--seed-file={self.folder}/munge.seed",
                       "--origin=127.0.0.1")
            wait_for(lambda: (self.folder / "munge.sock").exists(), "munge", 10)
            self.start("slurmctld", "slurmctld", "-D", "-c")
            for name in self.names:
                self.switch_on(name)
            wait_for(self.is_ready, lambda: f"Slurm is not ready{self.log()}", 40)
        except BaseException:
            self.close()
            raise
        return self

    def switch_on(self, node):
        self.start(node, "slurmd", "-D", "-c", "-N", node)

    def processes(self, node):
        def descendants(pid):
            try:
                lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
            except FileNotFoundError:
                return []
            children = [int(child) for child in " ".join(lists).split()]
            return [pid, *(found for child in children for found in descendants(child))]
        return descendants(self.daemons[node].pid)

    def is_empty(self):
        """No node that is on has a process but its daemon, and what looks after that: no step's
        either."""
        return all(len(self.processes(node)) <= 2 for node in self.names if node in self.daemons)

    def switch_off(self, node):
        """As a power failure does it: the node says nothing more, not even that its processes have
        ended and connections are closed. Then Slurm takes it for down."""
        pids = self.processes(node)
        daemon = self.daemons.pop(node)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        self.run("scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=power")
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        daemon.wait()

    def is_ready(self):
        return self.run("sinfo", "-h", "-p", "normal", "-o", "%T:%D",
                        check=False) == f"idle:{len(self.names)}"

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends all jobs and daemons and removes the folder."""
        if len(self.daemons) > 1:
            self.run("scancel", "--signal=KILL", "--full", "-u", str(os.getuid()), check=False)
            self.run("scancel", "-u", str(os.getuid()), check=False)
            try:
                wait_for(lambda: not self.run("squeue", "-h", "-t", "R,CG,S", check=False), "end",
                         20)
            except (AssertionError, subprocess.TimeoutExpired):
                pass
        for daemon in reversed(self.daemons.values()):
            daemon.terminate()
            try:
                daemon.wait(15)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- jobs

    def submit(self, *arguments, cwd):
        """Number of a job submitted by sbatch."""
        return self.run("sbatch", "--parsable", *arguments, cwd=cwd).split(";")[0]

    def state(self, job):
        """RUNNING, PENDING, COMPLETED ...; those of an array, with blanks between; "" when Slurm
        has forgotten it."""
        return self.run("squeue", "-h", "-t", "all", "-o", "%T", "-j", job, check=False)

    def nodes_of(self, job):
        names = self.run("squeue", "-h", "-t", "all", "-o", "%N", "-j", job)
        return self.run("scontrol", "show", "hostnames", names).split()

    def wait(self, job, *states, seconds=60):
        wait_for(lambda: set(self.state(job).split()) <= set(states) and self.state(job),
                 lambda: f"job {job} is {self.state(job)}, not {states}{self.log()}", seconds)
