// All charts of a report by their names, which are those of their files.

import {Figures} from '../shared/figures.mjs';
import {titleOf} from '../shared/report.mjs';
import {adaptiveChart, adaptiveSummary} from './charts/adaptive.mjs';
import {barChart} from './charts/bars.mjs';
import {overviewChart} from './charts/overview.mjs';
import {reserveChart} from './charts/reserve.mjs';
import {timelineChart, waitsChart} from './charts/timeline.mjs';
import {suites} from './parts.mjs';

/** The scenarios of a run that were measured, in the order of the suite. */
export const measuredNames = (suite, {samples}) =>
	Object.keys(suite.scenarios).filter(name => samples.some(({scenario}) => scenario === name));

const drawSuite = (name, run) => {
	const {suite, title} = suites[name];
	const figures = new Figures(run.samples);
	const measured = measuredNames(suite, run);
	const heading = `${title}: ratio to ${titleOf(suite, suite.reference)}, by scenario`;
	const drawings = {[`${name}-overview`]: overviewChart(suite, figures, measured, heading)};
	for (const scenario of measured) {
		drawings[`${name}-${scenario}`] = barChart(suite, figures, scenario, run.sizes[scenario]);
		if (suite.scenarios[scenario].timeline) {
			drawings[`${name}-${scenario}-timeline`] = timelineChart(suite, run, scenario);
			drawings[`${name}-${scenario}-waits`] = waitsChart(suite, run, scenario);
		}
	}

	return drawings;
};

export const fileNameOf = scenario => scenario.name.replaceAll(' ', '-');

const simulations = {
	adaptive: run => ({
		'adaptive-summary': adaptiveSummary(run),
		...Object.fromEntries(run.scenarios.map(scenario => [`adaptive-${fileNameOf(scenario)}`, adaptiveChart(scenario)])),
	}),
	reserve: ({promise, scenarios}) =>
		Object.fromEntries(scenarios.map(scenario => [`reserve-${fileNameOf(scenario)}`, reserveChart(scenario, promise)])),
};

export const drawAll = runs => {
	const drawings = Object.entries(runs).flatMap(([name, run]) =>
		Object.entries(name in simulations ? simulations[name](run) : drawSuite(name, run)),
	);
	return Object.fromEntries(drawings.filter(([, svg]) => svg !== undefined));
};
