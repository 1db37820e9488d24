/**
 * The types of Node and of the web that the types of p-lanes name. Where the program has a type, it is that one. Where it has none,
 * without `@types/node` or with an old `lib`, there is a shape instead, so that p-lanes compiles in every program and adds no global
 * name to it.
 */

// A module or a name that the program doesn't have is `any` after `@ts-ignore`; `OrElse` then takes the shape.
type OrElse<Type, Shape> = [unknown] extends [Type] ? Shape : Type;

// @ts-ignore: needs the types of Node
type NodeWorker = import('node:worker_threads').Worker;
// @ts-ignore: needs the types of Node
type NodeTransferable = import('node:worker_threads').Transferable;
// @ts-ignore: needs the types of Node
type NodeShareEnv = typeof import('node:worker_threads').SHARE_ENV;
// @ts-ignore: needs the types of Node
type NodeDuplex = import('node:stream').Duplex;

export type Worker = OrElse<NodeWorker, WorkerShape>;
export type Transferable = OrElse<NodeTransferable, object>;
export type ShareEnv = OrElse<NodeShareEnv, symbol>;
type Duplex = OrElse<NodeDuplex, DuplexShape>;

/**
 * A step of a pipeline: a duplex stream in object mode. A loop, and the function behind it in a `pipeline`, get results of this
 * type. The types of Node do not tell what is written to a stream, so that is not checked.
 */
export type ResultDuplex<Result> = Duplex & {
	[Symbol in SymbolConstructor['asyncIterator' & keyof SymbolConstructor]]: () => Results<Result>;
};

/** The instances of a class that the program has as a global one. */
type Instance<Name extends string, Shape> = typeof globalThis extends {[Global in Name]: {prototype: infer Type}}
	? OrElse<Type, Shape>
	: Shape;

export type AbortSignal = Instance<'AbortSignal', AbortSignalShape>;
export type URL = Instance<'URL', {readonly href: string; readonly protocol: string; readonly pathname: string}>;

/** A `Uint8Array` that no other thread shares: TypeScript 5.7 tells these apart from others, and older ones don't. */
type OwnBytes = ReturnType<Uint8ArrayConstructor['of']>;

/** A `Buffer`, which is a `Uint8Array` where there is no `Buffer`. */
export type Buffer = typeof globalThis extends {Buffer: {alloc(size: number): infer Type}}
	? OrElse<Type, OwnBytes>
	: OwnBytes;

/** Any `Buffer`, as an argument: one whose memory is shared, too. */
export type AnyBuffer = typeof globalThis extends {Buffer: {isBuffer(value: unknown): value is infer Type}}
	? Type
	: never;

// @ts-ignore: needs the lib es2018
export type Source<Item> = Iterable<Item> | AsyncIterable<Item>;
// @ts-ignore: needs the lib es2018
type AsyncItems<Item> = AsyncIterable<Item>;
export type AsyncSource<Item> = OrElse<AsyncItems<Item>, never>;
// @ts-ignore: needs the lib es2018
export type Results<Item> = AsyncIterableIterator<Item>;
// @ts-ignore: needs the lib es2018
export type ResultsToLeave<Item> = AsyncGenerator<Item, void, undefined>;

/** `[Symbol.asyncDispose]`, in programs that have that symbol. */
export type Disposes = {
	/** Closes. */
	[Symbol in SymbolConstructor['asyncDispose' & keyof SymbolConstructor]]: () => Promise<void>;
};

/** `[Symbol.dispose]`, in programs that have that symbol. */
export type DisposesAtOnce = {
	/** Closes. */
	[Symbol in SymbolConstructor['dispose' & keyof SymbolConstructor]]: () => void;
};

/** `NodeJS.Dict<string>`. */
export interface Environment {
	[name: string]: string | undefined;
}

/** `NodeJS.ErrnoException`. */
export interface ErrnoException extends Error {
	errno?: number | undefined;
	code?: string | undefined;
	path?: string | undefined;
	syscall?: string | undefined;
}

/** The `ResourceLimits` of `node:worker_threads`. */
export interface ResourceLimits {
	maxYoungGenerationSizeMb?: number | undefined;
	maxOldGenerationSizeMb?: number | undefined;
	codeRangeSizeMb?: number | undefined;
	stackSizeMb?: number | undefined;
}

/** A stream of Node or another object that text is written to. */
export interface TextOutput {
	write(text: string): unknown;
}

interface AbortSignalShape {
	readonly aborted: boolean;
	// biome-ignore lint/suspicious/noExplicitAny: as the web types it
	readonly reason: any;
	throwIfAborted(): void;
	addEventListener(type: 'abort', listener: () => void, options?: {once?: boolean}): void;
	removeEventListener(type: 'abort', listener: () => void, options?: {capture?: boolean}): void;
}

// biome-ignore lint/suspicious/noExplicitAny: of an event that is not known
type Arguments<Events, Name> = Name extends keyof Events ? Extract<Events[Name], readonly any[]> : any[];

// biome-ignore lint/suspicious/noExplicitAny: of an event that is not known
type AnyListener = (...args: any[]) => void;

/** An `EventEmitter` of `node:events`, by its methods: it can be handed to all code that takes one. */
export interface Emitter<Events> {
	addListener<Name extends string | symbol>(
		name: Name | keyof Events,
		listener: (...args: Arguments<Events, Name>) => void,
	): this;
	on<Name extends string | symbol>(
		name: Name | keyof Events,
		listener: (...args: Arguments<Events, Name>) => void,
	): this;
	once<Name extends string | symbol>(
		name: Name | keyof Events,
		listener: (...args: Arguments<Events, Name>) => void,
	): this;
	prependListener<Name extends string | symbol>(
		name: Name | keyof Events,
		listener: (...args: Arguments<Events, Name>) => void,
	): this;
	prependOnceListener<Name extends string | symbol>(
		name: Name | keyof Events,
		listener: (...args: Arguments<Events, Name>) => void,
	): this;
	removeListener<Name extends string | symbol>(
		name: Name | keyof Events,
		listener: (...args: Arguments<Events, Name>) => void,
	): this;
	off<Name extends string | symbol>(
		name: Name | keyof Events,
		listener: (...args: Arguments<Events, Name>) => void,
	): this;
	removeAllListeners(name?: string | symbol): this;
	emit<Name extends string | symbol>(name: Name | keyof Events, ...args: Arguments<Events, Name>): boolean;
	listeners(name: string | symbol): AnyListener[];
	rawListeners(name: string | symbol): AnyListener[];
	listenerCount(name: string | symbol, listener?: AnyListener): number;
	eventNames(): Array<string | symbol>;
	setMaxListeners(n: number): this;
	getMaxListeners(): number;
}

/** What is used most of a `Worker` of `node:worker_threads`. */
interface WorkerShape {
	readonly threadId: number;
	readonly resourceLimits?: ResourceLimits | undefined;
	// biome-ignore lint/suspicious/noExplicitAny: as Node types it
	postMessage(value: any, transferList?: readonly object[]): void;
	terminate(): Promise<number>;
	ref(): void;
	unref(): void;
	// biome-ignore lint/suspicious/noExplicitAny: of an event that is not known
	on(name: string, listener: (...args: any[]) => void): this;
	// biome-ignore lint/suspicious/noExplicitAny: of an event that is not known
	once(name: string, listener: (...args: any[]) => void): this;
	// biome-ignore lint/suspicious/noExplicitAny: of an event that is not known
	off(name: string, listener: (...args: any[]) => void): this;
}

/** What is used most of a `Duplex` of `node:stream`. */
interface DuplexShape {
	// biome-ignore lint/suspicious/noExplicitAny: items of any type
	write(item: any): boolean;
	// biome-ignore lint/suspicious/noExplicitAny: items of any type
	end(item?: any): this;
	// biome-ignore lint/suspicious/noExplicitAny: items of any type
	read(): any;
	pipe<Destination>(destination: Destination): Destination;
	destroy(error?: Error): this;
	// biome-ignore lint/suspicious/noExplicitAny: of an event that is not known
	on(name: string, listener: (...args: any[]) => void): this;
	// biome-ignore lint/suspicious/noExplicitAny: of an event that is not known
	once(name: string, listener: (...args: any[]) => void): this;
	// biome-ignore lint/suspicious/noExplicitAny: of an event that is not known
	off(name: string, listener: (...args: any[]) => void): this;
}
