//! The sandbox of a worker, which it enters for good before it reads its input.
//!
//! On Linux all of it: no file can be opened, no socket, no other process; what it has of memory and processor time has a
//! bound. On other Unix systems it can open nothing either, for it may have no more descriptors than it has; but its bound of
//! memory is only as good as the system's. On Windows the shell puts it into a job ([`super::job`]), which bounds memory, time
//! and processes, and does not keep it from files.

use super::Limits;
use std::io;

/// Parts of the sandbox that this system has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sandbox {
    /// Only the system calls that the work needs.
    pub calls: bool,
    /// No file, no port, and no signal to others, by Landlock.
    pub landlock: bool,
}

impl Sandbox {
    pub(super) fn bits(self) -> u8 {
        u8::from(self.calls) | u8::from(self.landlock) << 1
    }

    pub(super) fn of_bits(bits: u8) -> Self {
        Self {
            calls: bits & 1 != 0,
            landlock: bits & 2 != 0,
        }
    }

    /// Names the parts that this system lacks.
    pub(super) fn missing(self) -> Option<&'static str> {
        match (self.calls, self.landlock) {
            _ if !cfg!(target_os = "linux") => None,
            (true, true) => None,
            (true, false) => Some("this kernel has no Landlock"),
            (false, true) => Some("this kernel does not filter system calls"),
            (false, false) => Some("this kernel has neither Landlock nor a filter of system calls"),
        }
    }
}

/// Ties this process to the shell that has started it: it ends with that, and shares nothing with it but its standard input and
/// output.
///
/// # Errors
/// When that shell is gone already.
pub(super) fn stay_with(parent: u32) -> io::Result<()> {
    system::stay_with(parent)
}

/// Enters the sandbox. `threads` starts the threads that it needs: later there are none to be had.
///
/// # Errors
/// When a limit can't be set. A part of the sandbox that this system does not have is no error.
pub fn enter(limits: &Limits, threads: impl FnOnce()) -> io::Result<Sandbox> {
    system::enter(limits, threads)
}

#[cfg(unix)]
mod limits {
    use super::super::Limits;
    use rustix::process::{Resource, Rlimit, setrlimit};
    use std::io;

    /// Sets the limits that every Unix has.
    pub(super) fn set(limits: &Limits) -> io::Result<()> {
        let seconds = limits.processor.as_secs_f64().ceil() as u64;
        let both = |value| Rlimit {
            current: Some(value),
            maximum: Some(value),
        };
        setrlimit(Resource::Core, both(0))?;
        // No file can grow, and none be opened; nor a socket, a pipe, or anything else.
        setrlimit(Resource::Fsize, both(0))?;
        setrlimit(Resource::Nofile, both(0))?;
        // For whoever is not root: no other process.
        setrlimit(Resource::Nproc, both(0))?;
        // What it has of its own: address space that is only reserved does not count, as it would in `As`.
        setrlimit(Resource::Data, both(limits.memory))?;
        // The first ends it with a signal that says why, the second without being asked.
        setrlimit(
            Resource::Cpu,
            Rlimit {
                current: Some(seconds),
                maximum: Some(seconds + 1),
            },
        )?;
        Ok(())
    }
}

#[cfg(target_os = "linux")]
mod system {
    use super::super::Limits;
    use super::{Sandbox, limits};
    use landlock::{ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, RulesetStatus, Scope};
    use rustix::process::{Pid, Signal, getpid, getppid, set_parent_process_death_signal};
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Op, SeccompCondition, SeccompFilter,
        SeccompRule, apply_filter_all_threads,
    };
    use std::error::Error;
    use std::{fs, io};

    #[allow(unsafe_code, reason = "only a call of the system closes all descriptors")]
    pub(super) fn stay_with(parent: u32) -> io::Result<()> {
        // The thread that has started it waits for it, so that one ends no sooner than the other.
        set_parent_process_death_signal(Some(Signal::KILL))?;
        if Some(Pid::as_raw(getppid())) != i32::try_from(parent).ok() {
            return Err(io::Error::other("the shell is gone"));
        }
        // SAFETY: nothing in this process has opened a descriptor beyond the standard ones yet.
        unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) };
        // Where memory runs out, rather this than the shell with all its windows.
        let _ = fs::write("/proc/self/oom_score_adj", "1000");
        let _ = rustix::thread::set_name(c"portico worker");
        Ok(())
    }

    pub(super) fn enter(limits: &Limits, threads: impl FnOnce()) -> io::Result<Sandbox> {
        // It binds the thread that asks for it, and those that this starts.
        let landlock = landlock().unwrap_or(false);
        threads();
        limits::set(limits)?;
        let calls = filter()
            .and_then(|filter| Ok(apply_filter_all_threads(&filter)?))
            .is_ok();
        Ok(Sandbox { calls, landlock })
    }

    /// Forbids files, ports and signals, as far as this kernel can; returns whether it can at all.
    fn landlock() -> Result<bool, Box<dyn Error>> {
        let rules = Ruleset::default()
            .handle_access(AccessFs::from_all(ABI::V6))?
            .handle_access(AccessNet::from_all(ABI::V6))?
            .scope(Scope::from_all(ABI::V6))?;
        Ok(rules.create()?.restrict_self()?.ruleset != RulesetStatus::NotEnforced)
    }

    /// Forbids all system calls but those that computing takes: memory of its own that is not to be run, threads that wait for one
    /// another, reading and writing what is open, and the end. The others fail with `ENOSYS`, for which libraries have a second way.
    fn filter() -> Result<BpfProgram, Box<dyn Error>> {
        let condition = |argument, op, value| SeccompCondition::new(argument, Length::Dword, op, value);
        let not_executable = || condition(2, Op::MaskedEq(libc::PROT_EXEC as u64), 0);
        let private = condition(3, Op::MaskedEq(libc::MAP_TYPE as u64), libc::MAP_PRIVATE as u64);
        let to_itself = condition(0, Op::Eq, Pid::as_raw(Some(getpid())) as u64);
        let mut rules = vec![
            (
                libc::SYS_mmap,
                vec![SeccompRule::new(vec![not_executable()?, private?])?],
            ),
            (libc::SYS_mprotect, vec![SeccompRule::new(vec![not_executable()?])?]),
            // By which `abort` ends it.
            (libc::SYS_tgkill, vec![SeccompRule::new(vec![to_itself?])?]),
        ];
        let free = [
            libc::SYS_brk,
            libc::SYS_clock_gettime,
            libc::SYS_clock_nanosleep,
            libc::SYS_close,
            libc::SYS_exit,
            libc::SYS_exit_group,
            libc::SYS_futex,
            libc::SYS_getpid,
            libc::SYS_getrandom,
            libc::SYS_gettid,
            libc::SYS_madvise,
            libc::SYS_mremap,
            libc::SYS_munmap,
            libc::SYS_nanosleep,
            libc::SYS_read,
            libc::SYS_readv,
            libc::SYS_restart_syscall,
            libc::SYS_rt_sigaction,
            libc::SYS_rt_sigprocmask,
            libc::SYS_rt_sigreturn,
            // By which a thread that is just starting makes itself known.
            libc::SYS_rseq,
            libc::SYS_set_robust_list,
            libc::SYS_sched_getaffinity,
            libc::SYS_sched_yield,
            libc::SYS_sigaltstack,
            libc::SYS_write,
            libc::SYS_writev,
        ];
        rules.extend(free.map(|call| (call, Vec::new())));
        let (missing, allow) = (SeccompAction::Errno(libc::ENOSYS as u32), SeccompAction::Allow);
        let filter = SeccompFilter::new(
            rules.into_iter().collect(),
            missing,
            allow,
            std::env::consts::ARCH.try_into()?,
        )?;
        Ok(filter.try_into()?)
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod system {
    use super::super::Limits;
    use super::{Sandbox, limits};
    use rustix::process::{Pid, getppid};
    use std::time::Duration;
    use std::{io, process, thread};

    /// Time for which a worker may outlive the shell.
    const OFTEN: Duration = Duration::from_millis(500);

    pub(super) fn stay_with(parent: u32) -> io::Result<()> {
        // This system does not say when a parent goes.
        let gone = move || Some(Pid::as_raw(getppid())) != i32::try_from(parent).ok();
        let watch = move || {
            while !gone() {
                thread::sleep(OFTEN);
            }
            process::exit(1);
        };
        thread::Builder::new().name("parent".into()).spawn(watch).map(drop)
    }

    pub(super) fn enter(limits: &Limits, threads: impl FnOnce()) -> io::Result<Sandbox> {
        threads();
        limits::set(limits)?;
        Ok(Sandbox::default())
    }
}

#[cfg(windows)]
mod system {
    use super::super::Limits;
    use super::Sandbox;
    use std::io;

    pub(super) fn stay_with(_parent: u32) -> io::Result<()> {
        // It is in a job that ends with the shell.
        Ok(())
    }

    pub(super) fn enter(_limits: &Limits, threads: impl FnOnce()) -> io::Result<Sandbox> {
        threads();
        Ok(Sandbox::default())
    }
}
