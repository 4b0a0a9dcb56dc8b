// Questions about questions.
import { list, type Query } from './calls.ts';
import { ask, client } from './client.ts';
import type { components } from './schema.gen';
import type { Page, Post } from './types.ts';

export type Responses = components['schemas']['Responses'];

/** What was asked and waits, the oldest first. */
export const questions = (query: Query<'/questions'>): Promise<Page<Post>> =>
	list(ask(client.GET('/questions', { params: { query } })));

/** How soon people are answered in a group, for those who may know. */
export const responses = (group: string): Promise<Responses> =>
	ask(client.GET('/groups/{group}/responses', { params: { path: { group } } }));
