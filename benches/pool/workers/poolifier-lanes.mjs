import {ThreadWorker} from 'poolifier';
import {busy, echo, whereabouts} from '../functions.mjs';

// Here a priority is a function's and not a job's; the lowest number goes first.
export default new ThreadWorker({
	busy: {taskFunction: busy, priority: 19},
	echo: {taskFunction: echo, priority: -20},
	whereabouts: {taskFunction: whereabouts, priority: -20},
});
