//! The operating system's priority of one thread: lower while the thread runs offline jobs only.
//!
//! Linux has a nice value for each thread, so there it is lowered. Where only the process has one,
//! nothing is done.

use crate::limiter::Lane;

/// By how much the nice value of a thread rises by default. It makes a thread's part of a busy core
/// a tenth of what a normal thread gets; a core that nobody else wants is still all its own.
pub const DEFAULT_NICE_INCREMENT: i32 = 10;
/// The largest nice value of Linux.
pub const MAX_NICE: i32 = 19;

/// The priority of the thread that owns this, for its jobs. To be used on that thread only.
#[derive(Debug)]
pub struct ThreadPriority {
    increment: i32,
    /// The nice value before it was raised. None if the priority is normal.
    normal: Option<i32>,
}

impl ThreadPriority {
    /// A thread of normal priority. While it runs offline jobs only, its nice value will be higher
    /// by the `increment`: 0 (nothing is done) to 19.
    pub fn new(increment: i32) -> Self {
        Self { increment, normal: None }
    }

    /// A job of a lane is about to begin. `is_beside_online` tells whether online jobs run on the
    /// same thread; it is asked only if that matters.
    ///
    /// An online job gets the normal priority if the system allows it. Linux lets a thread raise its
    /// priority only with `CAP_SYS_NICE` or a fitting `RLIMIT_NICE`. Otherwise a thread that has run
    /// an offline job keeps the lower one.
    pub fn begin(&mut self, lane: Lane, is_beside_online: impl FnOnce() -> bool) {
        match (lane, self.normal) {
            (Lane::Offline, None) if self.increment > 0 && !is_beside_online() => {
                let normal = nice::get();
                let lowered = nice::set(MAX_NICE.min(normal + self.increment));
                self.normal = lowered.then_some(normal);
            }
            (Lane::Online, Some(normal)) if nice::set(normal) => self.normal = None,
            _ => {}
        }
    }
}

#[cfg(target_os = "linux")]
mod nice {
    /// For Linux, the process 0 is the calling thread; POSIX means the whole process.
    const THIS_THREAD: libc::id_t = 0;

    /// The nice value of the calling thread, from -20 to 19.
    pub(super) fn get() -> i32 {
        // SAFETY: takes and gives numbers only, and cannot fail for the calling thread.
        unsafe { libc::getpriority(libc::PRIO_PROCESS as _, THIS_THREAD) }
    }

    /// Returns whether it was set.
    pub(super) fn set(value: i32) -> bool {
        // SAFETY: takes numbers only.
        unsafe { libc::setpriority(libc::PRIO_PROCESS as _, THIS_THREAD, value) == 0 }
    }
}

#[cfg(not(target_os = "linux"))]
mod nice {
    pub(super) fn get() -> i32 {
        0
    }

    pub(super) fn set(_value: i32) -> bool {
        false
    }
}
