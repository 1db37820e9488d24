//! Where jobs wait: an injector per lane, and a deque per seat and lane. Moves jobs, decides nothing.

use crate::limiter::Lane;
use crate::sync::{Injector, Mutex, Steal, Stealer, Worker};

/// A seat's own ends of its deques, by lane.
pub(super) type Deques<J> = [Worker<J>; 2];

/// How far a worker looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// In its own deque and the injector.
    Own,
    /// In its siblings' deques too.
    Siblings,
}

struct Place<J> {
    stealers: [Stealer<J>; 2],
    /// The deques while nobody sits here. What the last one left in them can be stolen all the same.
    vacant: Mutex<Option<Deques<J>>>,
}

pub(super) struct Queues<J> {
    /// Whether an injector gives one job at a time.
    in_order: bool,
    injectors: [Injector<J>; 2],
    places: Box<[Place<J>]>,
}

/// Steals until it is clear whether there was something.
fn insist<J>(mut steal: impl FnMut() -> Steal<J>) -> Option<J> {
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
            Place { stealers, vacant: Mutex::new(Some(deques)) }
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

    /// The first vacant place.
    pub(super) fn occupy(&self) -> Option<(usize, Deques<J>)> {
        let occupy = |(seat, place): (usize, &Place<J>)| Some((seat, place.vacant.lock().take()?));
        self.places.iter().enumerate().find_map(occupy)
    }

    pub(super) fn vacate(&self, seat: usize, deques: Deques<J>) {
        *self.places[seat].vacant.lock() = Some(deques);
    }

    /// Whether there is a job of that lane for this seat, in its own deque, the injector or a sibling's.
    pub(super) fn has(&self, lane: Lane, seat: usize, reach: Reach) -> bool {
        let lane = lane.index();
        let has = |place: &Place<J>| !place.stealers[lane].is_empty();
        !self.injectors[lane].is_empty()
            || match reach {
                Reach::Own => has(&self.places[seat]),
                Reach::Siblings => self.places.iter().any(has),
            }
    }

    /// The next job of a lane for this seat: of its own, from the injector with a batch more, or with
    /// half of what a sibling had. Siblings are asked in turn, beginning with the neighbour.
    pub(super) fn take(
        &self,
        lane: Lane,
        seat: usize,
        reach: Reach,
        deques: &Deques<J>,
    ) -> Option<J> {
        let own = &deques[lane.index()];
        own.pop().or_else(|| insist(|| self.inject(lane, own))).or_else(|| match reach {
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
            .find_map(|stealer| insist(|| stealer.steal_batch_and_pop(own)))
    }

    /// Any job of any queue, for who empties them all.
    pub(super) fn take_any(&self, lane: Lane) -> Option<J> {
        let lane = lane.index();
        insist(|| self.injectors[lane].steal()).or_else(|| {
            self.places.iter().find_map(|place| insist(|| place.stealers[lane].steal()))
        })
    }
}
