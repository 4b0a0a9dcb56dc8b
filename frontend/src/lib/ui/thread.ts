// What a comment needs of the thread it stands in.
import { createContext, tick } from 'svelte';
import type { Actor, Comment } from '../api/types.ts';

export interface ThreadContext {
	readonly post: number;
	/** Who started the thread, to be recognised below. */
	readonly author: number;
	/** Where it stands, to be banned from. */
	readonly group: Actor;
	/** Whether answers are open; people who are not signed in are asked to. */
	readonly open: boolean;
	/** The comment that an address points at. */
	readonly target?: number;
	/** The comment whose answer is to be written at once. */
	readonly answering?: number;
	/** Comments written while this page is open wear moss. */
	isNew(id: number): boolean;
	added(comment: Comment): void;
	changed(id: number, change: Partial<Comment>): void;
}

export const [useThread, setThread] = createContext<ThreadContext>();

/**
 * Whoever wrote or changed a comment goes on from there: the form or the button
 * that had the focus is gone.
 */
export async function focusComment(id: number): Promise<void> {
	await tick();
	document.querySelector<HTMLElement>(`#comment-${id} > .comment-in`)?.focus();
}

/** How many trees stand in each other before "continue this wall". */
export const deepest = 5;
