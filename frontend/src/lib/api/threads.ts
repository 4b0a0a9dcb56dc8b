// Questions about a thread that is open.
import { list } from './calls.ts';
import { ask, client } from './client.ts';
import type { Comment } from './types.ts';

/** What came into a thread after a comment, in the order in which it came. */
export const since = async (post: number, after: number): Promise<Comment[]> =>
	(await list(ask(client.GET('/posts/{id}/comments/new', { params: { path: { id: post }, query: { after } } })))).items;

/**
 * Says that somebody read a thread. It goes past the client, which would forget
 * the pages behind the Back button for it, and also when the page goes.
 */
export const markRead = (post: number, through?: number): Promise<unknown> =>
	fetch(`/api/v1/posts/${post}/reading`, {
		method: 'PUT',
		keepalive: true,
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify(through ? { through } : {})
	}).catch(() => undefined);
