//! Where jobs wait: an injector for each lane, and a deque for each seat and lane. This file moves
//! jobs and decides nothing.

use crate::limiter::Lane;
use crate::sync::{Injector, Mutex, Steal, Stealer, Worker};

/// The worker side of a seat's deques, by lane.
pub(super) type Deques<J> = [Worker<J>; 2];

/// How far a worker searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// In its own deque and the injector.
    Own,
    /// Also in its siblings' deques.
    Siblings,
}

struct SeatQueues<J> {
    stealers: [Stealer<J>; 2],
    /// The deques while the seat is vacant. Jobs that the last worker left in them can be stolen.
    vacant: Mutex<Option<Deques<J>>>,
}

pub(super) struct Queues<J> {
    /// Whether an injector hands out one job at a time.
    in_order: bool,
    injectors: [Injector<J>; 2],
    places: Box<[SeatQueues<J>]>,
}

/// Steals until there was a job or the queue was empty.
fn retry<J>(mut steal: impl FnMut() -> Steal<J>) -> Option<J> {
    loop {
        match steal() {
            Steal::Success(job) => return Some(job),
            Steal::Empty => return None,
            Steal::Retry => {}
        }
    }
}

impl<J> Queues<J> {
    pub(super) fn new(seats: usize, in_order: bool) -> Self {
        let place = |_| {
            let deques = [Worker::new_fifo(), Worker::new_fifo()];
            let stealers = [deques[0].stealer(), deques[1].stealer()];
            SeatQueues { stealers, vacant: Mutex::new(Some(deques)) }
        };
        Self {
            in_order,
            injectors: [Injector::new(), Injector::new()],
            places: (0..seats).map(place).collect(),
        }
    }

    pub(super) fn push(&self, lane: Lane, job: J) {
        self.injectors[lane.index()].push(job);
    }

    /// Takes the first vacant seat that fits.
    pub(super) fn occupy(&self, fits: impl Fn(usize) -> bool) -> Option<(usize, Deques<J>)> {
        let occupy =
            |(seat, place): (usize, &SeatQueues<J>)| Some((seat, place.vacant.lock().take()?));
        self.places.iter().enumerate().filter(|(seat, _)| fits(*seat)).find_map(occupy)
    }

    pub(super) fn vacate(&self, seat: usize, deques: Deques<J>) {
        *self.places[seat].vacant.lock() = Some(deques);
    }

    /// Whether there is a job of that lane for this seat: in its own deque, the injector or a
    /// sibling's deque.
    pub(super) fn has(&self, lane: Lane, seat: usize, reach: Reach) -> bool {
        let lane = lane.index();
        let has = |place: &SeatQueues<J>| !place.stealers[lane].is_empty();
        !self.injectors[lane].is_empty()
            || match reach {
                Reach::Own => has(&self.places[seat]),
                Reach::Siblings => self.places.iter().any(has),
            }
    }

    /// The next job of a lane for this seat: from its own deque; from the injector, with a batch of
    /// further jobs; or from a sibling, with half of its jobs. Siblings are asked in order,
    /// starting with the next seat.
    pub(super) fn take(
        &self,
        lane: Lane,
        seat: usize,
        reach: Reach,
        deques: &Deques<J>,
    ) -> Option<J> {
        let own = &deques[lane.index()];
        own.pop().or_else(|| retry(|| self.inject(lane, own))).or_else(|| match reach {
            Reach::Own => None,
            Reach::Siblings => self.steal(lane, seat, own),
        })
    }

    fn inject(&self, lane: Lane, own: &Worker<J>) -> Steal<J> {
        let injector = &self.injectors[lane.index()];
        if self.in_order { injector.steal() } else { injector.steal_batch_and_pop(own) }
    }

    fn steal(&self, lane: Lane, thief: usize, own: &Worker<J>) -> Option<J> {
        let (before, after) = self.places.split_at(thief);
        let siblings = after.iter().skip(1).chain(before);
        siblings
            .map(|place| &place.stealers[lane.index()])
            .find_map(|stealer| retry(|| stealer.steal_batch_and_pop(own)))
    }

    /// Any job of any queue, for a caller that empties them all.
    pub(super) fn take_any(&self, lane: Lane) -> Option<J> {
        let lane = lane.index();
        retry(|| self.injectors[lane].steal())
            .or_else(|| self.places.iter().find_map(|place| retry(|| place.stealers[lane].steal())))
    }
}
