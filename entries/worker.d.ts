// `p-lanes/worker`: the file that the worker threads of a pool run, for a program that a bundler has put together. Import
// it in a file of its own, and give that file to the pool as its option `worker`. It exports nothing.

export {};
