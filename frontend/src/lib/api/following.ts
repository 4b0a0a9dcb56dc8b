// Questions about whom people follow, apart from the others: most screens never
// ask them.
import { list, type Query } from './calls.ts';
import { ask, client } from './client.ts';
import type { Followee, Following, Page } from './types.ts';

export const following = (query: Query<'/me/following'>): Promise<Page<Followee>> =>
	list(ask(client.GET('/me/following', { params: { query } })));

export const follow = (person: string): Promise<Following> =>
	ask(client.PUT('/people/{person}/follow', { params: { path: { person } } }));

export const unfollow = (person: string): Promise<unknown> =>
	ask(client.DELETE('/people/{person}/follow', { params: { path: { person } } }));
