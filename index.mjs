import pLimit from './index.js';

export default pLimit;
export {pLimit};
export const {limitFunction, InvalidArgError} = pLimit;
