export {top} from './top.js';
