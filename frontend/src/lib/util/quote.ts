import type { Quoted, Resolved } from '../api/types.ts';
import { excerpt } from './text.ts';

/** How what somebody found will look when they quote it; undefined where it cannot be. */
export function quotable(found: Pick<Resolved, 'post' | 'comment'>): Quoted | undefined {
	const { post, comment } = found;
	const it = comment ?? post;
	if (!it || it.removed || it.deleted) return undefined;
	return {
		state: 'accepted',
		gone: false,
		url: it.url,
		author: it.author,
		post_id: comment?.post_id ?? post?.id,
		comment_id: comment?.id,
		title: comment ? undefined : post?.title,
		text: post?.sensitive ? undefined : excerpt(it.html, 280)
	};
}

/** The page here of what is quoted. */
export const quotedPath = (q: Quoted): string =>
	q.comment_id ? `/comment/${q.comment_id}` : q.post_id ? `/post/${q.post_id}` : '';
