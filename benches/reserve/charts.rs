//! A chart for some scenarios: the online calls a second, and the slots that are kept for them.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use crate::promise;
use crate::simulator::two_lanes::{Scenario, run};

const CALLS: RGBColor = RGBColor(120, 144, 156);
const KEPT: RGBColor = RGBColor(21, 101, 192);

/// The scenarios in which there is something to see.
const DRAWN: [&str; 4] = ["steady 60", "bursts of 20", "step", "daily curve"];

pub fn draw(scenarios: &[Scenario], directory: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(directory)?;
    for scenario in scenarios.iter().filter(|scenario| DRAWN.contains(&scenario.name)) {
        let file = directory.join(format!("{}.svg", scenario.name.replace(' ', "-")));
        one(scenario, &file)?;
    }
    Ok(())
}

fn one(scenario: &Scenario, file: &Path) -> Result<(), Box<dyn Error>> {
    let run = run(scenario, promise(), 1);
    let calls = |at: f64| (scenario.arrivals)(at) * scenario.together as f64;
    let most_calls = run.reserve.iter().map(|&(at, _)| calls(at)).fold(1.0, f64::max);
    let area = SVGBackend::new(file, (760, 300)).into_drawing_area();
    area.fill(&WHITE)?;
    let title = format!(
        "{}: online wait p99 {:.1} ms, {} slots",
        scenario.about,
        run.wait(0.99),
        scenario.slots
    );
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 16))
        .margin(10)
        .x_label_area_size(36)
        .y_label_area_size(44)
        .right_y_label_area_size(52)
        .build_cartesian_2d(0.0..scenario.seconds, 0.0..scenario.slots as f64)?
        .set_secondary_coord(0.0..scenario.seconds, 0.0..most_calls * 1.1);
    chart.configure_mesh().x_desc("seconds").y_desc("slots kept").light_line_style(WHITE).draw()?;
    chart.configure_secondary_axes().y_desc("online calls a second").draw()?;
    chart.draw_secondary_series(LineSeries::new(
        run.reserve.iter().map(|&(at, _)| (at, calls(at))),
        CALLS.stroke_width(1),
    ))?;
    chart.draw_series(LineSeries::new(
        run.reserve.iter().map(|&(at, slots)| (at, slots as f64)),
        KEPT.stroke_width(2),
    ))?;
    area.present()?;
    Ok(())
}
