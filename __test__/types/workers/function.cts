// A CommonJS module that is a function.

const upper = (text: string): string => text.toUpperCase();

export = upper;
