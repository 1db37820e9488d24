export * from './top.js';
