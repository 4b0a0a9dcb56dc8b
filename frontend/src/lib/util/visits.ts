// How far somebody had read in threads before this visit: what came since stays
// new while they look around, though the server has heard by now that they are
// here.
import type { Post } from '../api/types.ts';

type Reading = NonNullable<Post['reading']>;

/** After that long, coming back is another visit. */
const lasts = 30 * 60_000;

const known = new Map<number, { at: number; before: Reading | undefined }>();

export function visit(post: Pick<Post, 'id' | 'reading'>, now: number = Date.now()): Reading | undefined {
	const here = known.get(post.id);
	if (here && now - here.at < lasts) {
		here.at = now;
		return here.before;
	}
	known.set(post.id, { at: now, before: post.reading ?? undefined });
	return post.reading ?? undefined;
}
