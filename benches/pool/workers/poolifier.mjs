import {ThreadWorker} from 'poolifier';
import {busy, echo, gzip, label, sha256, whereabouts} from '../functions.mjs';

export default new ThreadWorker({busy, echo, gzip, label, sha256, whereabouts});
