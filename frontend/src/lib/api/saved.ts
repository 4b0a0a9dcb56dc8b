// Questions about what the reader keeps for later.
import { list, type Query } from './calls.ts';
import { ask, client } from './client.ts';
import type { Page, Saved } from './types.ts';

/** What I keep, newest first. */
export const saved = (query: Query<'/me/saved'>): Promise<Page<Saved>> =>
	list(ask(client.GET('/me/saved', { params: { query } })));

/** Keeps something for later, or no longer. */
export function keep(kind: 'post' | 'comment', id: number, yes: boolean): Promise<unknown> {
	const params = { params: { path: { id } } };
	if (kind === 'post') return ask(yes ? client.PUT('/posts/{id}/saved', params) : client.DELETE('/posts/{id}/saved', params));
	return ask(yes ? client.PUT('/comments/{id}/saved', params) : client.DELETE('/comments/{id}/saved', params));
}
