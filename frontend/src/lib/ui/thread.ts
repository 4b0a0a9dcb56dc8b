// What a comment needs of the thread it stands in.
import { createContext } from 'svelte';
import type { Comment } from '../api/types.ts';

export interface ThreadContext {
	readonly post: number;
	/** Who started the thread, to be recognised below. */
	readonly author: number;
	/** Whether answers are open; people who are not signed in are asked to. */
	readonly open: boolean;
	/** The comment that an address points at. */
	readonly target?: number;
	/** Comments written while this page is open wear moss. */
	isNew(id: number): boolean;
	added(comment: Comment): void;
	changed(id: number, change: Partial<Comment>): void;
}

export const [useThread, setThread] = createContext<ThreadContext>();

/** How many trees stand in each other before "continue this wall". */
export const deepest = 5;
