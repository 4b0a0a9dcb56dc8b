// Comments come flat, in tree order. Here they get their shape.

export interface Leaf {
	id: number;
	parent_id?: number | null;
}

export interface Branch<T extends Leaf> {
	comment: T;
	replies: Branch<T>[];
	/** How many comments hang below, at any depth. */
	below: number;
}

/**
 * The tree of a flat list. A comment whose parent is not in the list (it is on
 * the page before) stands at the top rather than vanish.
 */
export function shape<T extends Leaf>(flat: readonly T[]): Branch<T>[] {
	const all = new Map<number, Branch<T>>();
	for (const comment of flat) all.set(comment.id, { comment, replies: [], below: 0 });
	const roots: Branch<T>[] = [];
	for (const branch of all.values()) {
		const parent = all.get(branch.comment.parent_id ?? -1);
		(parent && parent !== branch ? parent.replies : roots).push(branch);
	}
	for (const root of roots) count(root);
	return roots;
}

function count<T extends Leaf>(branch: Branch<T>): number {
	branch.below = branch.replies.reduce((sum, reply) => sum + 1 + count(reply), 0);
	return branch.below;
}

/** The list with a new comment as the first answer to its parent. */
export function withReply<T extends Leaf>(flat: readonly T[], reply: T): T[] {
	if (flat.some((c) => c.id === reply.id)) return [...flat];
	const at = flat.findIndex((c) => c.id === reply.parent_id);
	return [...flat.slice(0, at + 1), reply, ...flat.slice(at + 1)];
}

/** A further page behind the ones there are; what moved between is not shown twice. */
export function withPage<T extends Leaf>(flat: readonly T[], more: readonly T[]): T[] {
	const known = new Set(flat.map((c) => c.id));
	return [...flat, ...more.filter((c) => !known.has(c.id))];
}
