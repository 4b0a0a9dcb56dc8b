// Questions about what posts and comments said before they were changed.
import { list } from './calls.ts';
import { ask, client } from './client.ts';
import type { Page, Version } from './types.ts';

export const postHistory = (id: number): Promise<Page<Version>> => list(ask(client.GET('/posts/{id}/history', { params: { path: { id } } })));

export const commentHistory = (id: number): Promise<Page<Version>> =>
	list(ask(client.GET('/comments/{id}/history', { params: { path: { id } } })));
