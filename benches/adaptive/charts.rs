//! Each scenario drawn: limit, units in flight, capacity and latency over time, an algorithm beside the other.

use std::error::Error;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::POLICIES;
use crate::simulator::scenarios::{Load, Scenario};
use crate::simulator::{Moment, Run, run};

type Drawn<T = ()> = Result<T, Box<dyn Error>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const SIZE: (u32, u32) = (1_260, 560);
const SEED: u64 = 1;
/// How many points a line may have: more are not to be told apart, and cost space.
const POINTS: usize = 400;
const SLOTS: (f64, f64) = (1.0, 300.0);
const MILLIS: (f64, f64) = (3.0, 500.0);

/// Colours of M. Okabe and K. Ito, which are told apart whatever one's colour vision.
const LIMIT: RGBColor = RGBColor(0, 114, 178);
const IN_FLIGHT: RGBColor = RGBColor(230, 159, 0);
const LATENCY: RGBColor = RGBColor(213, 94, 0);
const CAPACITY: RGBColor = RGBColor(0, 0, 0);
const GRID: RGBColor = RGBColor(220, 220, 220);

/// Draws all scenarios into a directory.
pub fn draw(scenarios: &[Scenario], directory: &Path) -> Drawn {
    std::fs::create_dir_all(directory)?;
    for scenario in scenarios {
        let path = directory.join(format!("{}.svg", scenario.name.replace(' ', "-")));
        draw_scenario(scenario, &path)?;
        println!("{}", path.display());
    }
    Ok(())
}

fn draw_scenario(scenario: &Scenario, path: &Path) -> Drawn {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let (head, body) = root.split_vertically(64);
    let title = format!("{}: {}", scenario.name, scenario.about);
    head.draw(&Text::new(title, (16, 8), ("sans-serif", 19)))?;
    legend(&head)?;
    let columns = body.split_evenly((1, 3));
    for (column, (name, policy)) in columns.iter().zip(POLICIES) {
        let run = run(scenario, policy, SEED);
        let (above, below) = column.split_vertically(270);
        draw_slots(&above, scenario, name, &run)?;
        draw_latency(&below, scenario, &run)?;
    }
    root.present()?;
    Ok(())
}

fn legend(head: &Area) -> Drawn {
    let entries = [
        ("limit", LIMIT, 3),
        ("in flight", IN_FLIGHT, 1),
        ("places of the server", CAPACITY, 1),
        ("latency, mean of 50 ms", LATENCY, 1),
    ];
    for ((name, colour, width), x) in entries.into_iter().zip([16, 130, 260, 460]) {
        let (y, style) = (48, colour.stroke_width(width));
        let dash = if colour == CAPACITY { 6 } else { 28 };
        for from in (x..x + 28).step_by(dash as usize + 5) {
            head.draw(&PathElement::new(vec![(from, y), (from + dash, y)], style))?;
        }
        let style = ("sans-serif", 15).into_font().color(&BLACK);
        let style = style.pos(Pos::new(HPos::Left, VPos::Center));
        head.draw(&Text::new(name, (x + 36, y), style))?;
    }
    Ok(())
}

fn draw_slots(area: &Area, scenario: &Scenario, name: &str, run: &Run) -> Drawn {
    let mut chart = ChartBuilder::on(area)
        .caption(name, ("sans-serif", 16))
        .margin_left(6)
        .margin_right(14)
        .x_label_area_size(8)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..scenario.seconds, (SLOTS.0..SLOTS.1).log_scale())?;
    chart
        .configure_mesh()
        .y_desc("slots")
        .x_labels(7)
        .x_label_formatter(&|_| String::new())
        .y_labels(4)
        .y_label_formatter(&|slots| format!("{slots:.0}"))
        .max_light_lines(0)
        .bold_line_style(GRID)
        .draw()?;
    let places = thinned(run, |moment| Some(moment.places as f64));
    chart.draw_series(DashedLineSeries::new(places, 6, 4, CAPACITY.stroke_width(1)))?;
    let in_flight = thinned(run, |moment| Some(moment.in_flight as f64));
    let limit = thinned(run, |moment| Some(moment.limit as f64));
    if matches!(scenario.load, Load::Saturating) {
        // All slots are taken but while a lower limit waits for units to end: the limit would be hidden.
        chart.draw_series(LineSeries::new(limit, LIMIT.stroke_width(3)))?;
        chart.draw_series(LineSeries::new(in_flight, IN_FLIGHT.stroke_width(1)))?;
    } else {
        chart.draw_series(LineSeries::new(in_flight, IN_FLIGHT.stroke_width(1)))?;
        chart.draw_series(LineSeries::new(limit, LIMIT.stroke_width(3)))?;
    }
    Ok(())
}

fn draw_latency(area: &Area, scenario: &Scenario, run: &Run) -> Drawn {
    let mut chart = ChartBuilder::on(area)
        .margin_left(6)
        .margin_right(14)
        .margin_top(6)
        .x_label_area_size(40)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..scenario.seconds, (MILLIS.0..MILLIS.1).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("time (s)")
        .y_desc("latency (ms)")
        .x_labels(7)
        .x_label_formatter(&|seconds| format!("{seconds:.0}"))
        .y_labels(4)
        .y_label_formatter(&|millis| format!("{millis:.0}"))
        .max_light_lines(0)
        .bold_line_style(GRID)
        .draw()?;
    let latency = thinned(run, |moment| moment.latency);
    chart.draw_series(LineSeries::new(latency, LATENCY.stroke_width(1)))?;
    Ok(())
}

/// Of each stretch of moments the least and the most, in their order, so that no spike is lost.
fn thinned(run: &Run, of: impl Fn(&Moment) -> Option<f64>) -> Vec<(f64, f64)> {
    let points: Vec<(f64, f64)> =
        run.moments.iter().filter_map(|moment| Some((moment.at, of(moment)?))).collect();
    let stretch = points.len().div_ceil(POINTS / 2).max(1);
    let mut kept: Vec<(f64, f64)> = Vec::with_capacity(POINTS);
    for points in points.chunks(stretch) {
        let by_value = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let least = points.iter().min_by(by_value).expect("a chunk is not empty");
        let most = points.iter().max_by(by_value).expect("a chunk is not empty");
        let mut both = [*least, *most];
        both.sort_by(|a, b| a.0.total_cmp(&b.0));
        kept.extend(both);
    }
    kept.dedup();
    kept
}
