// Questions about what the reader is writing, kept for all their devices.
import { list } from './calls.ts';
import { ask, client } from './client.ts';
import type { DraftWords, KeptDraft, Page, Post } from './types.ts';

/** What I am writing, or of that what is an answer in a thread. */
export const drafts = (post?: number): Promise<Page<KeptDraft>> => list(ask(client.GET('/me/drafts', { params: { query: { post } } })));

export const draft = (key: string): Promise<KeptDraft> => ask(client.GET('/me/drafts/{key}', { params: { path: { key } } }));

export const keepDraft = (key: string, body: DraftWords): Promise<KeptDraft> =>
	ask(client.PUT('/me/drafts/{key}', { params: { path: { key } }, body }));

export const dropDraft = (key: string): Promise<unknown> => ask(client.DELETE('/me/drafts/{key}', { params: { path: { key } } }));

/** Has a draft published at a time. */
export const schedule = (key: string, at: string): Promise<KeptDraft> =>
	ask(client.PUT('/me/drafts/{key}/schedule', { params: { path: { key } }, body: { publish_at: at } }));

export const unschedule = (key: string): Promise<KeptDraft> => ask(client.DELETE('/me/drafts/{key}/schedule', { params: { path: { key } } }));

export const publishDraft = (key: string): Promise<Post> => ask(client.POST('/me/drafts/{key}/publish', { params: { path: { key } } }));
