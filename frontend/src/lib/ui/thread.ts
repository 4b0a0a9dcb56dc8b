// What a comment needs of the thread it stands in.
import { createContext, tick } from 'svelte';
import { setAnswer } from '../api/calls.ts';
import { asProblem } from '../api/problem.ts';
import type { Actor, Comment, Post } from '../api/types.ts';
import { t } from '../i18n/index.ts';
import { toasts } from '../util/toasts.svelte.ts';

/** Words to be quoted in an answer to a comment, or, without one, to the post. */
export interface Quotation {
	id: number | null;
	text: string;
}

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
	/** The comment that answers the post. */
	readonly answer: number | null;
	/** Whether the reader may say which does. */
	readonly judge: boolean;
	/** Says that a comment answers the post; null: none. */
	choose(id: number | null): Promise<void>;
	/** What was written since the last visit, or while this page is open, wears moss. */
	isNew(comment: Comment): boolean;
	/** What was chosen to be quoted in an answer, last. */
	readonly quoted?: Quotation;
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

/** Says which comment answers a post; the page shows it before the server has heard. */
export async function chooseAnswer(
	post: Post,
	id: number | null,
	onchange: (change: Partial<Post>) => void
): Promise<void> {
	const before = post.answer_id;
	onchange({ answer_id: id });
	try {
		await setAnswer(post.id, id);
		toasts.show(t(id === null ? 'answer.withdrawn' : 'answer.chosen'));
	} catch (e) {
		onchange({ answer_id: before });
		toasts.show(asProblem(e).message);
	}
}

/** How many trees stand in each other before "continue this wall". */
export const deepest = 5;

/** What is selected within an element, where all of it is. */
export function selectedIn(box: Element | null | undefined): string {
	const selection = getSelection();
	if (!box || !selection?.rangeCount || selection.isCollapsed) return '';
	return box.contains(selection.getRangeAt(0).commonAncestorContainer) ? selection.toString().trim() : '';
}
