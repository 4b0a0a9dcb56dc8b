// Questions about hashtags.
import { posts, type Query } from './calls.ts';
import { ask, client } from './client.ts';
import type { components } from './schema.gen.d.ts';
import type { PostPage } from './types.ts';

export type Tag = components['schemas']['Tag'];

export const tag = (name: string): Promise<Tag> => ask(client.GET('/tags/{tag}', { params: { path: { tag: name } } }));

export const tagPosts = (name: string, query: Query<'/tags/{tag}/posts'>): Promise<PostPage> =>
	posts(ask(client.GET('/tags/{tag}/posts', { params: { path: { tag: name }, query } })));
