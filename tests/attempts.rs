//! Attempts, which take their cost from the rate in their slot, and pauses of one lane.

use std::sync::Arc;
use std::time::Duration;

use p_lanes::clock::FakeClock;
use p_lanes::limiter::{
    Arbiter, Enqueued, GateHandle, Lane, Message, Options, Outcome, PauseScope, Rate, Request,
    ReserveReason, SharedGate, Slot, Ticket, UNLIMITED,
};
use p_lanes::pool::Wake;

const SECOND: Duration = Duration::from_secs(1);
const MILLI: u64 = 1_000_000;

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn limit(options: Options) -> (Arbiter<FakeClock>, FakeClock) {
    let clock = FakeClock::default();
    (Arbiter::with_clock(options, clock.clone()).expect("valid options"), clock)
}

fn granted(arbiter: &mut Arbiter<FakeClock>, request: impl Into<Request>) -> Slot {
    arbiter.try_enqueue(request).expect("it starts at once")
}

fn queued(arbiter: &mut Arbiter<FakeClock>, request: impl Into<Request>) -> Ticket {
    match arbiter.enqueue(request) {
        Enqueued::Queued(ticket) => ticket,
        other => panic!("it waits, and not {other:?}"),
    }
}

/// What starts now, in order.
#[derive(Debug, PartialEq)]
enum Started {
    Attempt(Slot),
    Ticket(Ticket),
}

fn start(arbiter: &mut Arbiter<FakeClock>) -> Vec<Started> {
    let mut started = Vec::new();
    loop {
        if let Some(slot) = arbiter.next_attempt() {
            started.push(Started::Attempt(slot));
        } else if let Some((_, ticket)) = arbiter.grant_next() {
            started.push(Started::Ticket(ticket));
        } else {
            return started;
        }
    }
}

mod pauses_of_a_lane {
    use super::*;

    #[test]
    fn the_other_lane_goes_on_and_the_time_of_the_end_is_known() {
        let (mut arbiter, clock) = limit(Options::new(2).reserve(0));
        arbiter.pause_lane_for(Lane::Offline, SECOND);
        let offline = queued(&mut arbiter, Lane::Offline);
        assert_eq!(arbiter.wakes_at(), Some(1_000 * MILLI));
        assert!(!arbiter.is_paused());
        assert_eq!(arbiter.stats().offline.pause_ends_in, 1_000.0);
        assert_eq!(arbiter.stats().online.pause_ends_in, 0.0);
        let online = granted(&mut arbiter, Lane::Online);
        granted(&mut arbiter, Lane::Online);
        assert_eq!(arbiter.wakes_at(), None, "slots are missing");
        clock.advance(millis(999));
        assert_eq!(arbiter.settle(online, Outcome::Fulfilled), None);
        assert_eq!(start(&mut arbiter), []);
        clock.advance(millis(1));
        assert_eq!(start(&mut arbiter), [Started::Ticket(offline)]);
        assert!(!arbiter.is_timed(), "the pause costs nothing any more");
    }

    #[test]
    fn both_lanes_paused_are_a_paused_limit_until_the_first_opens() {
        let (mut arbiter, clock) = limit(Options::new(1));
        arbiter.pause_lane_for(Lane::Offline, SECOND);
        arbiter.pause_for(millis(400));
        assert!(arbiter.is_paused());
        let online = queued(&mut arbiter, Lane::Online);
        assert_eq!(arbiter.wakes_at(), Some(400 * MILLI));
        assert_eq!(arbiter.pause_ends_at(Lane::Offline), Some(1_000 * MILLI));
        clock.advance(millis(400));
        assert!(!arbiter.is_paused());
        assert_eq!(start(&mut arbiter), [Started::Ticket(online)]);
        arbiter.resume();
        assert_eq!(arbiter.pause_ends_at(Lane::Offline), None);
    }

    #[test]
    fn a_paused_lane_is_owed_no_share() {
        let (mut arbiter, clock) = limit(Options::new(1).reserve(0).offline_share(0.5));
        let mut slot = granted(&mut arbiter, Lane::Online);
        arbiter.enqueue_batch(Lane::Offline, 100).expect("any number may wait");
        let online = arbiter.enqueue_batch(Lane::Online, 100).expect("any number may wait");
        arbiter.pause_lane_for(Lane::Offline, SECOND);
        for _ in 0..20 {
            assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(online));
        }
        clock.advance(SECOND);
        // As from the beginning: every other grant, and no more for those that it missed.
        let turns: Vec<bool> = (0..6)
            .map(|_| {
                let ticket = arbiter.settle(slot, Outcome::Fulfilled);
                slot = Slot::from_number(slot.number());
                ticket == Some(online)
            })
            .collect();
        assert_eq!(turns.iter().filter(|&&online| online).count(), 3, "{turns:?}");
        assert!(turns.windows(2).all(|pair| pair[0] != pair[1]), "{turns:?}");
    }

    #[test]
    fn a_wait_for_the_end_of_a_pause_does_not_raise_the_reserve() {
        let (mut arbiter, clock) = limit(Options::new(8));
        arbiter.enqueue_batch(Lane::Offline, 1_000).expect("any number may wait");
        while arbiter.grant_next().is_some() {}
        let first = queued(&mut arbiter, Lane::Online);
        let mut slot = Slot::from_number(0);
        assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(first));
        for _ in 0..100 {
            assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None, "the slot is kept");
            arbiter.pause_for(millis(100));
            let ticket = queued(&mut arbiter, Lane::Online);
            clock.advance(millis(100));
            let (granted, of) = arbiter.grant_next().expect("the pause is over");
            assert_eq!(of, ticket);
            assert_ne!(arbiter.stats().reserve.reason, ReserveReason::LateUnits);
            slot = granted;
        }
    }

    #[test]
    fn a_heavy_head_of_a_paused_lane_keeps_no_slots() {
        let (mut arbiter, _) = limit(Options::new(2).reserve(0));
        arbiter.pause_lane_for(Lane::Online, SECOND);
        queued(&mut arbiter, Request::new(Lane::Online).weight(2));
        granted(&mut arbiter, Lane::Offline);
        granted(&mut arbiter, Lane::Offline);
    }

    #[test]
    fn room_comes_when_the_lane_opens() {
        let (mut arbiter, _) = limit(Options::new(2).max_queue(Lane::Offline, 0));
        arbiter.pause_lane_for(Lane::Offline, SECOND);
        assert_eq!(arbiter.room_at(Lane::Offline), Some(1_000 * MILLI));
        assert_eq!(arbiter.room_at(Lane::Online), Some(0));
    }

    #[test]
    fn the_scope_says_whom_an_answer_pauses() {
        use Lane::{Offline, Online};
        use PauseScope::{Call, Lane as OfLane, Limit};
        for (lane, scope, paused) in [
            (Online, None, [true, true]),
            (Offline, None, [false, true]),
            (Online, Some(OfLane), [true, false]),
            (Offline, Some(Limit), [true, true]),
            (Online, Some(Call), [false, false]),
        ] {
            let (mut arbiter, _) = limit(Options::new(2).reserve(0));
            let slot = granted(&mut arbiter, lane);
            arbiter.retry_after(slot, SECOND, scope);
            let is_paused = |lane| arbiter.pause_ends_at(lane).is_some();
            assert_eq!([is_paused(Online), is_paused(Offline)], paused, "{lane:?} {scope:?}");
        }
    }

    #[test]
    fn what_waits_for_tokens_gives_way_to_a_lane_that_opens_first() {
        let rate = Rate::new(1, SECOND);
        let (mut arbiter, clock) = limit(Options::new(4).reserve(0).rate(rate));
        // Tokens are there again after a long time. The online lane opens before that.
        arbiter.charge(1_000_000);
        arbiter.pause_lane_for(Lane::Online, SECOND);
        let offline = queued(&mut arbiter, Lane::Offline);
        let online = queued(&mut arbiter, Request::new(Lane::Online).cost(0));
        assert_eq!(arbiter.wakes_at(), Some(1_000 * MILLI), "a free call waits for no token");
        clock.advance(SECOND);
        assert_eq!(start(&mut arbiter), [Started::Ticket(online)]);
        assert!(arbiter.cancel(offline));
    }
}

mod attempts {
    use super::*;

    fn rated(concurrency: u64) -> (Arbiter<FakeClock>, FakeClock) {
        limit(Options::new(concurrency).reserve(0).rate(Rate::new(10, SECOND)))
    }

    #[test]
    fn no_more_begin_in_a_time_than_the_rate_allows() {
        for concurrency in [10, UNLIMITED] {
            let (mut arbiter, clock) = rated(concurrency);
            let mut begun = 0;
            let mut running = Vec::new();
            for _ in 0..10 {
                match arbiter.enqueue(Lane::Online) {
                    Enqueued::Granted(slot) => running.push(slot),
                    Enqueued::Queued(_) => {}
                    Enqueued::Refused(refused) => panic!("{refused:?}"),
                }
            }
            begun += running.len();
            // Every attempt fails at once, for ever.
            for _ in 0..1_000 {
                for slot in running.drain(..) {
                    assert!(!arbiter.attempt(slot), "there is no token");
                }
                clock.advance(millis(1));
                loop {
                    if let Some(slot) = arbiter.next_attempt() {
                        running.push(slot);
                    } else if let Some((slot, _)) = arbiter.grant_next() {
                        running.push(slot);
                    } else {
                        break;
                    }
                    begun += 1;
                }
            }
            assert_eq!(begun, 11, "the burst of 1, and 10 in the second");
        }
    }

    #[test]
    fn an_attempt_is_before_the_tickets_of_its_lane_and_takes_the_cost_of_its_unit() {
        let (mut arbiter, clock) = rated(4);
        let slot = granted(&mut arbiter, Request::new(Lane::Online).cost(3));
        let ticket = queued(&mut arbiter, Request::new(Lane::Online).priority(9));
        assert!(!arbiter.attempt(slot));
        assert_eq!(arbiter.wakes_at(), Some(300 * MILLI));
        clock.advance(millis(300));
        assert_eq!(start(&mut arbiter), [Started::Attempt(slot)]);
        assert_eq!(arbiter.wakes_at(), Some(600 * MILLI));
        clock.advance(millis(300));
        assert_eq!(start(&mut arbiter), [Started::Ticket(ticket)]);
    }

    #[test]
    fn an_offline_attempt_waits_behind_online_tickets_but_for_its_share() {
        let options = Options::new(4).reserve(0).offline_share(0.25);
        let (mut arbiter, clock) = limit(options.rate(Rate::new(10, SECOND)));
        let slot = granted(&mut arbiter, Lane::Offline);
        let online = arbiter.enqueue_batch(Lane::Online, 3).expect("any number may wait");
        assert!(!arbiter.attempt(slot));
        let mut order = Vec::new();
        for _ in 0..4 {
            clock.advance(millis(100));
            order.extend(start(&mut arbiter));
        }
        let ticket = || Started::Ticket(online);
        assert_eq!(order, [ticket(), ticket(), ticket(), Started::Attempt(slot)]);
    }

    #[test]
    fn attempts_that_hold_all_slots_go_on_even_with_strict_priority() {
        let options = Options::new(2).reserve(0).offline_share(0.0);
        let (mut arbiter, clock) = limit(options.rate(Rate::new(10, SECOND).burst(2)));
        let slots = [granted(&mut arbiter, Lane::Offline), granted(&mut arbiter, Lane::Offline)];
        let online = queued(&mut arbiter, Lane::Online);
        assert!(slots.iter().all(|&slot| !arbiter.attempt(slot)));
        clock.advance(millis(200));
        assert_eq!(start(&mut arbiter), slots.map(Started::Attempt));
        clock.advance(millis(100));
        assert_eq!(arbiter.settle(slots[0], Outcome::Fulfilled), Some(online));
    }

    #[test]
    fn an_attempt_waits_for_the_pause_of_its_lane_and_not_for_a_held_one() {
        let (mut arbiter, clock) = limit(Options::new(2).reserve(0));
        let [online, offline] = Lane::ALL.map(|lane| granted(&mut arbiter, lane));
        arbiter.retry_after(offline, SECOND, None);
        arbiter.pause();
        assert!(arbiter.attempt(online), "it runs already");
        assert!(!arbiter.attempt(offline));
        assert!(arbiter.is_timed());
        clock.advance(SECOND);
        assert_eq!(start(&mut arbiter), [Started::Attempt(offline)]);
    }

    #[test]
    fn a_pause_that_is_ended_lets_them_begin() {
        let (mut arbiter, _) = limit(Options::new(1));
        let slot = granted(&mut arbiter, Lane::Online);
        arbiter.retry_after(slot, SECOND, None);
        assert!(!arbiter.attempt(slot));
        arbiter.resume();
        assert!(arbiter.is_timed(), "there is still one to start");
        assert!(arbiter.try_enqueue(Lane::Online).is_none());
        assert_eq!(start(&mut arbiter), [Started::Attempt(slot)]);
        assert!(!arbiter.is_timed());
    }

    #[test]
    fn one_that_is_taken_back_takes_nothing_and_neither_does_a_unit_that_ends() {
        let (mut arbiter, clock) = rated(4);
        let first = granted(&mut arbiter, Lane::Online);
        clock.advance(millis(100));
        let second = granted(&mut arbiter, Lane::Online);
        assert!(!arbiter.attempt(first));
        assert!(!arbiter.attempt(first));
        assert!(!arbiter.attempt(second));
        arbiter.cancel_attempt(first);
        arbiter.settle(second, Outcome::Rejected);
        clock.advance(SECOND);
        assert_eq!(start(&mut arbiter), [Started::Attempt(first)]);
        assert_eq!(start(&mut arbiter), []);
        assert_eq!(arbiter.wakes_at(), None);
    }
}

mod shared {
    use super::*;

    struct Owner;
    impl Wake for Owner {
        fn wake(&self) {}
    }

    fn handles(options: Options) -> (FakeClock, [GateHandle<FakeClock>; 2]) {
        let clock = FakeClock::default();
        let gate = SharedGate::with_clock(options, clock.clone()).expect("valid options");
        (clock, [(); 2].map(|()| gate.handle(Arc::new(Owner))))
    }

    #[test]
    fn an_attempt_is_told_to_the_handle_of_its_unit_whoever_looks_at_the_time() {
        let (clock, [mine, yours]) = handles(Options::new(4).rate(Rate::new(10, SECOND)));
        let slot = mine.enter(Lane::Online).unwrap().place.unwrap();
        let ticket = yours.enter(Lane::Online).unwrap().place.unwrap_err();
        assert!(!mine.attempt(slot));
        assert!(mine.expects_messages());
        clock.advance(millis(100));
        assert_eq!(yours.next(), None);
        assert_eq!(mine.take_messages(), [Message::Attempt { slot }]);
        assert!(!mine.expects_messages());
        clock.advance(millis(100));
        assert!(mine.next().is_none());
        assert!(
            matches!(yours.take_messages()[..], [Message::Granted { ticket: of, .. }] if of == ticket)
        );
    }

    #[test]
    fn an_answer_to_one_handle_pauses_the_lane_of_all_handles() {
        let (clock, [mine, yours]) = handles(Options::new(4).reserve(0));
        let slot = mine.enter(Lane::Offline).unwrap().place.unwrap();
        mine.retry_after(slot, SECOND, None);
        assert!(yours.enter(Lane::Online).unwrap().place.is_ok());
        let ticket = yours.enter(Lane::Offline).unwrap().place.unwrap_err();
        assert!(yours.expects_messages(), "the pause ends");
        clock.advance(SECOND);
        assert_eq!(yours.next().map(|(_, ticket)| ticket), Some(ticket));
    }

    #[test]
    fn a_handle_that_is_dropped_leaves_no_attempt() {
        let (clock, [mine, yours]) = handles(Options::new(1).rate(Rate::new(10, SECOND)));
        let slot = mine.enter(Lane::Online).unwrap().place.unwrap();
        let ticket = yours.enter(Lane::Online).unwrap().place.unwrap_err();
        assert!(!mine.attempt(slot));
        drop(mine);
        clock.advance(millis(100));
        assert_eq!(yours.next().map(|(_, ticket)| ticket), Some(ticket));
        assert_eq!(yours.next(), None);
    }
}

mod any_program {
    use super::*;
    use p_lanes::clock::Clock;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Step {
        Enqueue {
            lane: Lane,
            weight: u32,
            cost: u32,
            priority: i32,
        },
        /// The unit that has run for longest ends, or is tried again.
        End,
        Fail,
        TakeBack,
        Pause {
            lane: Lane,
            millis: u64,
        },
        Resume,
        Advance {
            millis: u64,
        },
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let lane = || prop::sample::select(Lane::ALL.to_vec());
        let step = prop_oneof![
            4 => (lane(), 1..3_u32, 0..4_u32, -1..2).prop_map(|(lane, weight, cost, priority)| {
                Step::Enqueue { lane, weight, cost, priority }
            }),
            3 => Just(Step::End),
            3 => Just(Step::Fail),
            1 => Just(Step::TakeBack),
            2 => (lane(), 0..500_u64).prop_map(|(lane, millis)| Step::Pause { lane, millis }),
            1 => Just(Step::Resume),
            3 => (0..300_u64).prop_map(|millis| Step::Advance { millis }),
        ];
        prop::collection::vec(step, 1..80)
    }

    struct Program {
        arbiter: Arbiter<FakeClock>,
        clock: FakeClock,
        running: Vec<(Slot, Lane)>,
        failed: Vec<(Slot, Lane)>,
        lanes: std::collections::HashMap<u32, Lane>,
    }

    impl Program {
        fn check_open(&self, lane: Lane) {
            assert_eq!(self.arbiter.pause_ends_at(lane), None, "{lane:?} is paused");
        }

        fn granted(&mut self, slot: Slot, ticket: Ticket) {
            let lane = self.lanes.remove(&ticket.number()).expect("it waited");
            self.check_open(lane);
            self.running.push((slot, lane));
        }

        /// Starts what may start; returns how much.
        fn start(&mut self) -> usize {
            for number in 0.. {
                if let Some(slot) = self.arbiter.next_attempt() {
                    let index = self.failed.iter().position(|&(failed, _)| failed == slot);
                    let (_, lane) = self.failed.remove(index.expect("it has failed"));
                    self.check_open(lane);
                    self.running.push((slot, lane));
                } else if let Some((slot, ticket)) = self.arbiter.grant_next() {
                    self.granted(slot, ticket);
                } else {
                    assert!(!self.arbiter.may_grant());
                    return number;
                }
            }
            unreachable!("the loop ends above")
        }

        fn step(&mut self, step: &Step) {
            match *step {
                Step::Enqueue { lane, weight, cost, priority } => {
                    let request = Request::new(lane).weight(weight).cost(cost).priority(priority);
                    match self.arbiter.enqueue(request) {
                        Enqueued::Granted(slot) => {
                            self.check_open(lane);
                            self.running.push((slot, lane));
                        }
                        Enqueued::Queued(ticket) => {
                            self.lanes.insert(ticket.number(), lane);
                        }
                        Enqueued::Refused(refused) => panic!("{refused:?}"),
                    }
                }
                Step::End if !self.running.is_empty() => {
                    let (slot, _) = self.running.remove(0);
                    if let Some(ticket) = self.arbiter.settle(slot, Outcome::Fulfilled) {
                        self.granted(slot, ticket);
                    }
                }
                Step::Fail if !self.running.is_empty() => {
                    let (slot, lane) = self.running.remove(0);
                    if self.arbiter.attempt(slot) {
                        self.check_open(lane);
                        self.running.push((slot, lane));
                    } else {
                        self.failed.push((slot, lane));
                    }
                }
                Step::TakeBack if !self.failed.is_empty() => {
                    let (slot, lane) = self.failed.remove(0);
                    self.arbiter.cancel_attempt(slot);
                    self.running.push((slot, lane));
                }
                Step::Pause { lane, millis: duration } => {
                    self.arbiter.pause_lane_for(lane, millis(duration));
                }
                Step::Resume => self.arbiter.resume(),
                Step::Advance { millis: duration } => self.advance(duration * MILLI),
                Step::End | Step::Fail | Step::TakeBack => {}
            }
            self.start();
        }

        /// Time goes on. Something starts at the times that the arbiter names, and at no other.
        fn advance(&mut self, nanos: u64) {
            let end = self.clock.now() + nanos;
            loop {
                assert_eq!(self.start(), 0, "what could start has started");
                let wakes_at = self.arbiter.wakes_at();
                assert!(wakes_at.is_none_or(|at| at > self.clock.now()));
                let Some(at) = wakes_at.filter(|&at| at <= end) else { break };
                self.clock.advance(Duration::from_nanos(at - self.clock.now() - 1));
                assert_eq!(self.start(), 0, "too early");
                self.clock.advance(Duration::from_nanos(1));
                assert!(self.start() > 0, "nothing starts at the time that was named");
            }
            self.clock.advance(Duration::from_nanos(end - self.clock.now()));
            assert_eq!(self.start(), 0, "the end was not named");
        }
    }

    proptest! {
        #[test]
        fn starts_when_it_says_never_in_a_pause_and_leaves_nothing(
            steps in steps(),
            rated: bool,
            burst in 1..4_u64,
            share in prop::sample::select(vec![0.0, 1.0 / 16.0, 0.5, 1.0]),
        ) {
            let clock = FakeClock::default();
            let mut options = Options::new(3).reserve(1).offline_share(share);
            if rated {
                options = options.rate(Rate::new(20, SECOND).burst(burst));
            }
            let arbiter = Arbiter::with_clock(options, clock.clone()).expect("valid options");
            let mut program = Program {
                arbiter,
                clock,
                running: Vec::new(),
                failed: Vec::new(),
                lanes: Default::default(),
            };
            for step in &steps {
                program.step(step);
            }
            for _ in 0..200 {
                program.step(&Step::End);
                program.advance(300 * MILLI);
            }
            prop_assert!(program.arbiter.is_idle(), "no unit waits for ever");
            prop_assert!(program.failed.is_empty());
        }
    }
}
