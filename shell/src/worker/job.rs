//! A job of Windows: bounds what a worker uses, and ends it with the shell.

use super::Limits;
use std::io;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::process::Child;
use std::ptr;
use windows_sys::Win32::Foundation::ERROR_NOT_ENOUGH_QUOTA;
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_ACTIVE_PROCESS,
    JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOB_OBJECT_LIMIT_PROCESS_MEMORY,
    JOB_OBJECT_LIMIT_PROCESS_TIME, JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation,
    SetInformationJobObject,
};

/// Exit code of a process that has used up its processor time.
pub(super) const OUT_OF_TIME: i32 = ERROR_NOT_ENOUGH_QUOTA as i32;

/// A job around one process, which goes when this is dropped.
pub(super) struct Job {
    _handle: OwnedHandle,
}

impl Job {
    #[allow(unsafe_code, reason = "only calls of the system make jobs")]
    pub(super) fn around(child: &Child, limits: &Limits) -> io::Result<Self> {
        // SAFETY: without attributes and a name, both may be null.
        let raw = unsafe { CreateJobObjectW(ptr::null(), ptr::null()) };
        if raw.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it is a handle that was just made, and nobody else has it.
        let handle = unsafe { OwnedHandle::from_raw_handle(raw) };
        let mut bounds = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        let basic = &mut bounds.BasicLimitInformation;
        basic.LimitFlags = JOB_OBJECT_LIMIT_ACTIVE_PROCESS
            | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION
            | JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
            | JOB_OBJECT_LIMIT_PROCESS_MEMORY
            | JOB_OBJECT_LIMIT_PROCESS_TIME;
        basic.ActiveProcessLimit = 1;
        // In tenths of a microsecond.
        basic.PerProcessUserTimeLimit = i64::try_from(limits.processor.as_nanos() / 100).unwrap_or(i64::MAX);
        bounds.ProcessMemoryLimit = usize::try_from(limits.memory).unwrap_or(usize::MAX);
        // SAFETY: the handle is open, and the pointer and the size are those of the structure that this class takes.
        let set = unsafe {
            SetInformationJobObject(
                handle.as_raw_handle(),
                JobObjectExtendedLimitInformation,
                ptr::from_ref(&bounds).cast(),
                size_of_val(&bounds) as u32,
            )
        };
        // SAFETY: both handles are open.
        if set == 0 || unsafe { AssignProcessToJobObject(handle.as_raw_handle(), child.as_raw_handle()) } == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self { _handle: handle })
    }
}
