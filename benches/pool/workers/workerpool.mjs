import workerpool from 'workerpool';
import {busy, echo, gzip, label, sha256, whereabouts} from '../functions.mjs';

workerpool.worker({busy, echo, gzip, label, sha256, whereabouts});
