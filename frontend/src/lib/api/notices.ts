// Questions about how somebody is told of what concerns them.
import { ask, client } from './client.ts';
import type { components } from './schema.gen';

export type Notices = components['schemas']['Notices'];
export type Notice = components['schemas']['Notice'];
export type NoticeWays = components['schemas']['NoticeWays'];
export type WatchLevel = components['schemas']['Watch']['level'];

export const notices = (): Promise<Notices> => ask(client.GET('/me/notices'));

export const setNotice = (topic: string, body: NoticeWays): Promise<unknown> =>
	ask(client.PUT('/me/notices/{topic}', { params: { path: { topic } }, body }));

export const push = (): Promise<{ key: string; on: boolean }> => ask(client.GET('/me/push'));

export const setPush = (body: components['schemas']['PushDraft']): Promise<unknown> => ask(client.PUT('/me/push', { body }));

export const endPush = (): Promise<unknown> => ask(client.DELETE('/me/push'));

/** What can be watched: a thread by its post, or a group. */
export type Watchable = { post: number } | { group: string; name: string };

export const watched = async (what: Watchable): Promise<WatchLevel> =>
	(
		await ('post' in what
			? ask(client.GET('/posts/{id}/watch', { params: { path: { id: what.post } } }))
			: ask(client.GET('/groups/{group}/watch', { params: { path: { group: what.group } } })))
	).level;

export const watch = (what: Watchable, level: WatchLevel): Promise<unknown> =>
	'post' in what
		? ask(client.PUT('/posts/{id}/watch', { params: { path: { id: what.post } }, body: { level } }))
		: ask(client.PUT('/groups/{group}/watch', { params: { path: { group: what.group } }, body: { level } }));
