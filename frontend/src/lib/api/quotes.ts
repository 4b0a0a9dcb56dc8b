// Questions about quotes, apart from the others: most screens never ask them.
import { list, type Query } from './calls.ts';
import { ask, client } from './client.ts';
import type { Page, Quote } from './types.ts';

/** Who quotes what I wrote. */
export const quotes = (query: Query<'/quotes'>): Promise<Page<Quote>> =>
	list(ask(client.GET('/quotes', { params: { query } })));

export const takeBackQuote = (id: number): Promise<unknown> =>
	ask(client.DELETE('/quotes/{id}', { params: { path: { id } } }));

/** Takes what something of mine quotes out of it. */
export const unquote = (kind: 'post' | 'comment', id: number): Promise<unknown> =>
	kind === 'post'
		? ask(client.DELETE('/posts/{id}/quote', { params: { path: { id } } }))
		: ask(client.DELETE('/comments/{id}/quote', { params: { path: { id } } }));
