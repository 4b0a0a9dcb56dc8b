// Where a comment goes that comes while its thread is being read.
import type { Leaf } from './tree.ts';

/** In these orders the newest stands first among its siblings. */
const first = (sort: string): boolean => sort === 'hot' || sort === 'new';

/** The list, in tree order, with a comment at its place among its siblings. */
export function arrive<T extends Leaf>(flat: readonly T[], c: T, sort: string): T[] {
	if (flat.some((known) => known.id === c.id)) return [...flat];
	const parent = c.parent_id ? flat.findIndex((known) => known.id === c.parent_id) : -1;
	let at = parent + 1;
	if (!first(sort)) at = parent < 0 ? flat.length : behind(flat, parent);
	return [...flat.slice(0, at), c, ...flat.slice(at)];
}

/** Where the branch of a comment ends. */
function behind<T extends Leaf>(flat: readonly T[], root: number): number {
	const branch = new Set([flat[root]?.id]);
	let at = root + 1;
	for (; at < flat.length; at++) {
		const c = flat[at];
		if (!c || !branch.has(c.parent_id ?? -1)) break;
		branch.add(c.id);
	}
	return at;
}

const box = (id: number): Element | null => document.getElementById(`comment-${id}`);

/** Whether somebody has come to a comment. */
export function isSeen(id: number): boolean {
	const el = box(id);
	return !el || el.getBoundingClientRect().top < innerHeight;
}

/**
 * Where a comment would be put: free, below everything that is seen, so that
 * nothing moves; here, where it would; away, on a part that is not shown.
 */
export function placeOf<T extends Leaf>(flat: readonly T[], c: T, thread: { sort: string; whole: boolean }): 'free' | 'here' | 'away' {
	const y = edge(flat, c, thread);
	if (y === undefined) return 'away';
	return y >= innerHeight && !document.hidden ? 'free' : 'here';
}

function edge<T extends Leaf>(flat: readonly T[], c: T, thread: { sort: string; whole: boolean }): number | undefined {
	const top = first(thread.sort);
	if (c.parent_id) {
		if (!flat.some((known) => known.id === c.parent_id)) return undefined;
		// Folded, or deeper than is shown: there is nothing to move.
		const parent = box(c.parent_id);
		if (!parent?.checkVisibility()) return Infinity;
		return (top ? (parent.querySelector('.comment-in') ?? parent) : parent).getBoundingClientRect().bottom;
	}
	if (!top && !thread.whole) return undefined;
	const tree = document.querySelector('.thread > .tree');
	if (!tree) return -1;
	const { top: start, bottom } = tree.getBoundingClientRect();
	return top ? start : bottom;
}
