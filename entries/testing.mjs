export {manualClock} from './testing.js';
