"""Takes from a process what it can do without, for good: the process that opens files of strangers (decoding.py).

Two walls, for one may have a hole. Resource limits hold everywhere: no descriptor can be opened any more, so no file,
no socket and no pipe; no file grows; no process begins. On Linux on x86-64 the kernel also refuses all calls but a
few: no program is started, and nothing is read of, or sent to, other processes. What was open before stays open.
"""

import ctypes
import errno
import platform
import resource
from struct import pack

_NONE = (0, 0)
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_AUDIT_ARCH_X86_64 = 0xC000003E
# Numbers of Linux on x86-64 (arch/x86/entry/syscalls/syscall_64.tbl): memory, what is open, time, its own signals.
_CALLS = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "lseek": 8,
    "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "mremap": 25, "madvise": 28,
    "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "sigaltstack": 131, "restart_syscall": 219,
    "setitimer": 38, "nanosleep": 35, "clock_nanosleep": 230, "clock_gettime": 228, "clock_getres": 229,
    "gettimeofday": 96, "getpid": 39, "gettid": 186, "sched_yield": 24, "sched_getaffinity": 204, "sysinfo": 99,
    "futex": 202, "set_robust_list": 273, "rseq": 334, "getrandom": 318, "getrusage": 98,
    "exit": 60, "exit_group": 231,
}  # fmt: skip
# Instructions of the filter's small language (linux/bpf_common.h): load a word, jump if equal, return.
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_REFUSE = 0x00050000 | errno.EPERM


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def confine(*, bytes_of_memory: int) -> None:
    """Confine this process. Call it after everything that it needs is loaded. Raises OSError."""
    resource.setrlimit(resource.RLIMIT_AS, (bytes_of_memory, bytes_of_memory))
    for limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE):
        resource.setrlimit(limit, _NONE)
    if (platform.system(), platform.machine()) == ("Linux", "x86_64"):
        _refuse_calls()


def _refuse_calls() -> None:
    """Have the kernel refuse all calls but those that are listed."""
    allowed = sorted(_CALLS.values())
    filter_ = [
        (_LOAD, 0, 0, 4),  # the architecture
        (_JUMP_IF_EQUAL, 1, 0, _AUDIT_ARCH_X86_64),
        (_RETURN, 0, 0, _KILL),  # the numbers would be those of other calls
        (_LOAD, 0, 0, 0),  # the number of the call
        *((_JUMP_IF_EQUAL, len(allowed) - at, 0, number) for at, number in enumerate(allowed)),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
    written = b"".join(pack("=HBBI", *instruction) for instruction in filter_)
    program = _Program(len(filter_), written)
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in (
        (_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)),
        (_PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), ctypes.byref(program)),
    ):
        if libc.prctl(*arguments) != 0:
            raise OSError(ctypes.get_errno(), "The kernel does not let this process confine itself.")
