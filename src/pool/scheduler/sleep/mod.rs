//! Which workers sleep and which search, and which one a new job wakes.
//!
//! Enters: workers that start to search, find a job, fall asleep or get up, and jobs that need a
//! worker. Leaves: the seats to wake, the least busy first, and only such as serve the lane of the
//! job. `README.md` in this folder argues that no wake-up is lost.

use super::Serves;
use crate::limiter::Lane;
use crate::sync::{AtomicUsize, Mutex, Ordering, fence};

/// | bits of `state` | meaning | written by |
/// |---|---|---|
/// | low half | workers that search now | [`search`](Sleep::search), [`stop_searching`](Sleep::stop_searching), [`fall_asleep`](Sleep::fall_asleep) |
/// | high half | workers that have announced their sleep and were not told to wake | `fall_asleep`, [`leave_job`](Sleep::leave_job), [`wake_one`](Sleep::wake_one), [`get_up`](Sleep::get_up), each under the lock of `lists` |
#[derive(Debug)]
pub(super) struct Sleep {
    state: AtomicUsize,
    lists: Mutex<Lists>,
    /// Seats below this number serve both lanes.
    first_online: usize,
}

#[derive(Debug, Default)]
struct Lists {
    /// In the order in which they fell asleep.
    sleepers: Vec<Sleeper>,
    /// Those told to wake that have not begun to search since.
    told: Vec<Sleeper>,
}

#[derive(Clone, Copy, Debug)]
struct Sleeper {
    seat: usize,
    serves: Serves,
    /// How many jobs it has under way. This does not change while it sleeps.
    load: usize,
}

impl Lists {
    /// The place of the sleeper with the smallest load that serves a lane. Of several, one that
    /// serves the online lane only, so that the others stay free for offline jobs. Of these, the last
    /// one to fall asleep, because its caches are warm.
    fn least_busy(&self, lane: Lane) -> Option<usize> {
        let places = self.sleepers.iter().enumerate().rev();
        places
            .filter(|(_, sleeper)| sleeper.serves.lane(lane))
            .min_by_key(|(_, sleeper)| (sleeper.load, sleeper.serves))
            .map(|(place, _)| place)
    }

    fn tell(&mut self, place: usize) -> usize {
        let sleeper = self.sleepers.remove(place);
        self.told.push(sleeper);
        sleeper.seat
    }
}

fn remove(list: &mut Vec<Sleeper>, seat: usize) -> bool {
    let place = list.iter().position(|sleeper| sleeper.seat == seat);
    place.map(|place| list.remove(place)).is_some()
}

/// Who gets the job that a busy worker leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeftTo {
    /// A worker that is told to wake by this: wake this seat.
    Sleeper(usize),
    /// A worker that was told before.
    Told,
}

const SEARCHING: usize = 1;
const ASLEEP: usize = 1 << (usize::BITS / 2);

const fn searching(state: usize) -> usize {
    state & (ASLEEP - 1)
}

const fn asleep(state: usize) -> usize {
    state / ASLEEP
}

impl Sleep {
    /// Seats from `first_online` on serve the online lane only.
    pub(super) fn new(first_online: usize) -> Self {
        Self { state: AtomicUsize::new(0), lists: Mutex::new(Lists::default()), first_online }
    }

    /// Which lanes the worker of a seat serves.
    pub(super) fn serves(&self, seat: usize) -> Serves {
        if seat < self.first_online { Serves::BothLanes } else { Serves::OnlineOnly }
    }

    fn sleeper(&self, seat: usize, load: usize) -> Sleeper {
        Sleeper { seat, serves: self.serves(seat), load }
    }

    /// A worker begins to search. Returns how many others already do.
    pub(super) fn search(&self) -> usize {
        searching(self.state.fetch_add(SEARCHING, Ordering::AcqRel))
    }

    /// A searcher has found work. Returns `true` if it was the last searcher. It must then check
    /// whether there is more work, and wake another worker if so, because jobs that came meanwhile
    /// woke none.
    #[must_use]
    pub(super) fn stop_searching(&self) -> bool {
        let last = searching(self.state.fetch_sub(SEARCHING, Ordering::AcqRel)) == 1;
        if last {
            // Pairs with the fence of `wake_one`: a job that relied on a searcher is seen now.
            fence(Ordering::SeqCst);
        }
        last
    }

    /// Announces that a searcher found nothing and will sleep. It must then check for work once
    /// more, and sleep only if there is none. Returns `true` if it was the last searcher: it must
    /// check everywhere. `load` is the number of jobs that it has under way.
    #[must_use]
    pub(super) fn fall_asleep(&self, seat: usize, load: usize) -> bool {
        let mut lists = self.lists.lock();
        let state = self.state.fetch_add(ASLEEP - SEARCHING, Ordering::AcqRel);
        lists.sleepers.push(self.sleeper(seat, load));
        drop(lists);
        // Pairs with the fence of `wake_one`: either that sees this sleeper, or this sees its job.
        fence(Ordering::SeqCst);
        searching(state) == 1
    }

    /// A worker that does not search leaves a job of a lane to one that has fewer under way, if such a
    /// worker sleeps or was told to wake and has not searched since. The caller then counts as asleep,
    /// although there is work, and must look again on its own in a moment. None if no worker is
    /// less busy. Then nothing has changed.
    pub(super) fn leave_job(&self, lane: Lane, seat: usize, load: usize) -> Option<LeftTo> {
        let mut lists = self.lists.lock();
        let left_to = if lists.told.iter().any(|told| told.load < load && told.serves.lane(lane)) {
            LeftTo::Told
        } else {
            let place =
                lists.least_busy(lane).filter(|&place| lists.sleepers[place].load < load)?;
            self.state.fetch_sub(ASLEEP, Ordering::AcqRel);
            LeftTo::Sleeper(lists.tell(place))
        };
        self.state.fetch_add(ASLEEP, Ordering::AcqRel);
        lists.sleepers.push(self.sleeper(seat, load));
        Some(left_to)
    }

    /// Leaves no more jobs to those who were told to wake but have not come. They are busy after
    /// all, with something that is no job.
    pub(super) fn pass_over_told(&self) {
        self.lists.lock().told.clear();
    }

    /// Withdraws the announcement, unless this seat was already told to wake.
    pub(super) fn get_up(&self, seat: usize) {
        let mut lists = self.lists.lock();
        if remove(&mut lists.sleepers, seat) {
            self.state.fetch_sub(ASLEEP, Ordering::AcqRel);
        } else {
            remove(&mut lists.told, seat);
        }
    }

    /// There is a job of a lane. Returns the seat to wake for it. None if a worker searches already,
    /// or none sleeps that serves the lane.
    pub(super) fn wake_one(&self, lane: Lane) -> Option<usize> {
        // Pairs with the fences of `fall_asleep` and `stop_searching`.
        fence(Ordering::SeqCst);
        let state = self.state.load(Ordering::Acquire);
        if searching(state) > 0 || asleep(state) == 0 {
            return None;
        }
        self.wake_least_busy(lane)
    }

    /// Returns all sleeping seats, for the end. A worker that announces its sleep after this sees
    /// the reason.
    pub(super) fn wake_all(&self) -> Vec<usize> {
        std::iter::from_fn(|| self.wake_least_busy(Lane::Online)).collect()
    }

    /// Tells the least busy sleeper that serves a lane to wake, whether or not a worker searches.
    pub(super) fn wake_least_busy(&self, lane: Lane) -> Option<usize> {
        let mut lists = self.lists.lock();
        let place = lists.least_busy(lane)?;
        self.state.fetch_sub(ASLEEP, Ordering::AcqRel);
        Some(lists.tell(place))
    }
}
