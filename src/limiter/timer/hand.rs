//! Times that tests set by hand, in the place of the system's clock.
//!
//! A *time* is what the clocks of some limits follow, and has a number. It goes on with the
//! system's clock until [`begin`]. From then on it stands still until [`pass`]. [`ring`] then
//! calls what has an alarm that is due. At [`end`] it goes on from where it stands: a clock never goes back.
//!
//! Programs that set no time by hand pay for the test of one flag when a limit reads its clock.

use std::collections::BTreeMap;
use std::mem::take;
use std::sync::Weak;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use parking_lot::Mutex;

use super::{Due, tell};

/// Whether any time differs from the system's clock.
static DIFFERS: AtomicBool = AtomicBool::new(false);

/// The times that differ, by their numbers.
static TIMES: Mutex<BTreeMap<u32, Time>> = Mutex::new(BTreeMap::new());

/// By time, in nanoseconds, and by the number of the alarm.
type Alarms = BTreeMap<(u64, u64), Weak<dyn Due>>;

#[derive(Default)]
struct Time {
    /// Who has set it by hand last.
    owner: u32,
    /// What it was when that began.
    base: u64,
    /// What it is; none while it goes on with the system's clock.
    now: Option<u64>,
    /// By so many nanoseconds it is ahead of the system's clock while it goes on with it.
    ahead: u64,
    alarms: Alarms,
}

/// The number of a new time, which goes on with the system's clock.
pub(crate) fn new_time() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Whether any time differs from the system's clock. A gate's lock orders this: who has begun to
/// set a time then looks at the gates that follow it.
#[inline]
pub(crate) fn differs() -> bool {
    DIFFERS.load(Ordering::Relaxed)
}

/// What a time is, in nanoseconds. `system` reads the system's clock.
#[inline]
pub(crate) fn now(time: u32, system: impl FnOnce() -> u64) -> u64 {
    if differs() { differing(time, system()) } else { system() }
}

#[cold]
fn differing(time: u32, system: u64) -> u64 {
    TIMES.lock().get(&time).map_or(system, |time| time.at(system))
}

impl Time {
    fn at(&self, system: u64) -> u64 {
        self.now.unwrap_or(system + self.ahead)
    }
}

/// A time stands still from now on. If another owner has set it, it is this one's from now on.
pub(crate) fn begin(time: u32, owner: u32, system: u64) {
    let mut times = TIMES.lock();
    let time = times.entry(time).or_default();
    time.owner = owner;
    time.base = time.at(system);
    time.now = Some(time.base);
    DIFFERS.store(true, Ordering::Relaxed);
}

/// Sets a time to so many nanoseconds after its beginning, if it is the owner's.
pub(crate) fn pass(time: u32, owner: u32, passed: u64) {
    if let Some(time) = TIMES.lock().get_mut(&time).filter(|time| time.owner == owner) {
        let now = time.base.saturating_add(passed);
        time.now = time.now.map(|before| before.max(now));
    }
}

/// Calls in their order what has an alarm that is due by now, if the time is the owner's.
pub(crate) fn ring(time: u32, owner: u32) {
    let due = {
        let mut times = TIMES.lock();
        let Some(time) = times.get_mut(&time).filter(|time| time.owner == owner) else { return };
        let Some(now) = time.now else { return };
        let later = time.alarms.split_off(&(now.saturating_add(1), 0));
        std::mem::replace(&mut time.alarms, later)
    };
    due.values().for_each(tell);
}

/// In how many nanoseconds from its beginning the first alarm of a time is due.
pub(crate) fn first_alarm(time: u32, owner: u32) -> Option<u64> {
    let times = TIMES.lock();
    let time = times.get(&time).filter(|time| time.owner == owner)?;
    time.alarms.first_key_value().map(|(&(at, _), _)| at.saturating_sub(time.base))
}

/// A time goes on with the system's clock, if it is the owner's. All that have alarms are called, so
/// that they set them again.
pub(crate) fn end(time: u32, owner: u32, system: u64) {
    let alarms = {
        let mut times = TIMES.lock();
        let Some(ended) = times.get_mut(&time).filter(|time| time.owner == owner) else { return };
        if let Some(now) = ended.now.take() {
            ended.ahead = ended.ahead.max(now.saturating_sub(system));
        }
        let alarms = take(&mut ended.alarms);
        if ended.ahead == 0 {
            times.remove(&time);
        }
        DIFFERS.store(!times.is_empty(), Ordering::Relaxed);
        alarms
    };
    alarms.values().for_each(tell);
}

/// A time that an earlier owner has left standing goes on with the system's clock.
pub(crate) fn end_earlier(time: u32, owner: u32, system: impl FnOnce() -> u64) {
    if !differs() {
        return;
    }
    let earlier = TIMES.lock().get(&time).map(|time| time.owner).filter(|&earlier| earlier < owner);
    if let Some(earlier) = earlier {
        end(time, earlier, system());
    }
}

/// A time that is followed by nothing any more.
pub(crate) fn forget(time: u32) {
    let mut times = TIMES.lock();
    times.remove(&time);
    DIFFERS.store(!times.is_empty(), Ordering::Relaxed);
}

/// Sets an alarm of a time that stands still, in place of one that was set for `before`. Otherwise
/// returns by how much the time is ahead of the system's clock.
pub(super) fn set_alarm(
    time: u32,
    id: u64,
    before: Option<u64>,
    at: u64,
    target: &Weak<dyn Due>,
) -> Result<(), u64> {
    let mut times = TIMES.lock();
    let Some(time) = times.get_mut(&time) else { return Err(0) };
    if time.now.is_none() {
        return Err(time.ahead);
    }
    if let Some(before) = before {
        time.alarms.remove(&(before, id));
    }
    time.alarms.insert((at, id), target.clone());
    Ok(())
}

pub(super) fn unset_alarm(time: u32, id: u64, at: u64) {
    if let Some(time) = TIMES.lock().get_mut(&time) {
        time.alarms.remove(&(at, id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::clock::MonotonicClock;
    use crate::limiter::timer::Alarm;

    const OWNER: u32 = 1;

    /// Notes its name each time that it is called.
    struct Target(&'static str, Arc<Mutex<Vec<&'static str>>>);

    impl Due for Target {
        fn due(&self) {
            self.1.lock().push(self.0);
        }
    }

    struct Targets {
        time: u32,
        calls: Arc<Mutex<Vec<&'static str>>>,
        targets: Vec<Arc<Target>>,
    }

    impl Targets {
        fn new() -> Self {
            Self { time: new_time(), calls: Arc::default(), targets: Vec::new() }
        }

        fn alarm(&mut self, name: &'static str) -> Alarm {
            let target = Arc::new(Target(name, Arc::clone(&self.calls)));
            self.targets.push(Arc::clone(&target));
            let weak: Weak<Target> = Arc::downgrade(&target);
            Alarm::new(MonotonicClock::default(), weak).following(Some(self.time))
        }

        fn take(&self) -> Vec<&'static str> {
            take(&mut self.calls.lock())
        }
    }

    #[test]
    fn it_goes_on_with_the_system_then_by_hand_and_never_back() {
        let time = new_time();
        assert_eq!(now(time, || 100), 100);
        begin(time, OWNER, 100);
        assert_eq!(now(time, || 150), 100);
        pass(time, OWNER, 1000);
        assert_eq!(now(time, || 150), 1100);
        pass(time, OWNER, 500);
        assert_eq!(now(time, || 150), 1100, "not back");
        end(time, OWNER, 200);
        assert_eq!(now(time, || 200), 1100);
        assert_eq!(now(time, || 250), 1150);
        begin(time, OWNER, 250);
        assert_eq!(now(time, || 9000), 1150);
        end(time, OWNER, 9000);
        assert_eq!(now(time, || 9000), 9900, "as far ahead as before");
        forget(time);
        assert_eq!(now(time, || 9000), 9000);
    }

    #[test]
    fn other_times_are_not_moved() {
        let (time, other) = (new_time(), new_time());
        begin(time, OWNER, 100);
        pass(time, OWNER, 1000);
        assert_eq!(now(other, || 7), 7);
        forget(time);
    }

    #[test]
    fn only_the_last_owner_sets_it() {
        let time = new_time();
        begin(time, OWNER, 100);
        pass(time, OWNER, 50);
        begin(time, OWNER + 1, 0);
        pass(time, OWNER, 1000);
        end(time, OWNER, 0);
        assert_eq!(now(time, || 0), 150);
        pass(time, OWNER + 1, 10);
        assert_eq!(now(time, || 0), 160, "from where the other one has left it");
        forget(time);
    }

    #[test]
    fn what_an_earlier_owner_has_left_standing_goes_on() {
        let time = new_time();
        begin(time, OWNER, 100);
        pass(time, OWNER, 50);
        end_earlier(time, OWNER, || 120);
        assert_eq!(now(time, || 130), 150, "it is the owner's own");
        end_earlier(time, OWNER + 1, || 120);
        assert_eq!(now(time, || 130), 160);
        forget(time);
    }

    #[test]
    fn alarms_are_called_in_order_and_once_until_they_are_set_again() {
        let mut targets = Targets::new();
        let time = targets.time;
        let (mut late, mut early, mut unset) =
            (targets.alarm("late"), targets.alarm("early"), targets.alarm("unset"));
        begin(time, OWNER, 1000);
        late.set(1300);
        early.set(1500);
        early.set(1200);
        early.set(1400); // it is set for an earlier time
        unset.set(1100);
        unset.unset();
        assert_eq!(first_alarm(time, OWNER), Some(200));
        pass(time, OWNER, 199);
        ring(time, OWNER);
        assert_eq!(targets.take(), [""; 0]);
        pass(time, OWNER, 300);
        ring(time, OWNER);
        assert_eq!(targets.take(), ["early", "late"]);
        ring(time, OWNER);
        assert_eq!(targets.take(), [""; 0]);
        early.unset();
        early.set(1350);
        assert_eq!(first_alarm(time, OWNER), Some(350));
        drop(early);
        assert_eq!(first_alarm(time, OWNER), None);
        forget(time);
    }

    #[test]
    fn those_that_are_set_are_called_at_the_end() {
        let mut targets = Targets::new();
        let time = targets.time;
        let mut alarm = targets.alarm("alarm");
        begin(time, OWNER, 1000);
        alarm.set(u64::MAX);
        end(time, OWNER, 1000);
        assert_eq!(targets.take(), ["alarm"]);
        alarm.unset();
        alarm.set(u64::MAX); // by the timer's thread
        assert_eq!(first_alarm(time, OWNER), None);
    }
}
