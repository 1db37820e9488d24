// The other entry points that need no package beside p-lanes.

import pLimit from 'p-lanes';
import {dashboard} from 'p-lanes/dashboard';
import {manualClock} from 'p-lanes/testing';
import {top} from 'p-lanes/top';

const limits = {limit: pLimit(1)};

export const page: Promise<string> = dashboard({limits}).then(({url}) => url);
export const lines: string[] = [];
top({limits, output: {write: (text: string) => lines.push(text)}}).stop();
// @ts-expect-error no output
top({limits, output: 1});

const clock = manualClock({date: 0, timers: false});
export const passed: Promise<number | undefined> = clock.next();
clock.restore();
// @ts-expect-error no milliseconds
clock.jump('1s');
