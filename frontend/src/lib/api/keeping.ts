// Questions about what people keep away and what is known of them, apart from
// the others: most screens never ask them.
import { list, type Query } from './calls.ts';
import { ask, client } from './client.ts';
import type { components } from './schema.gen';
import type { Page } from './types.ts';

type S = components['schemas'];
export type Block = S['Block'];
export type Wish = S['BlockWish'];
export type MutedWords = S['MutedWords'];
export type Consent = S['Consent'];
export type Insights = S['Insights'];
export type View = S['View'];
/** What can be named to be kept away. */
export type Named = 'people' | 'groups' | 'servers';
export type How = 'block' | 'mute';

export const blocks = (query: Query<'/me/blocks'>): Promise<Page<Block>> =>
	list(ask(client.GET('/me/blocks', { params: { query } })));

export const mutes = (query: Query<'/me/mutes'>): Promise<Page<Block>> =>
	list(ask(client.GET('/me/mutes', { params: { query } })));

export const keepAway = (how: How, kind: Named, name: string, body: Wish): Promise<Block> =>
	how === 'block'
		? ask(client.PUT('/me/blocks/{kind}/{name}', { params: { path: { kind, name } }, body }))
		: ask(client.PUT('/me/mutes/{kind}/{name}', { params: { path: { kind, name } }, body }));

export const letBack = (how: How, kind: Named, name: string): Promise<unknown> =>
	how === 'block'
		? ask(client.DELETE('/me/blocks/{kind}/{name}', { params: { path: { kind, name } } }))
		: ask(client.DELETE('/me/mutes/{kind}/{name}', { params: { path: { kind, name } } }));

export const muteWords = (body: MutedWords): Promise<Block> => ask(client.POST('/me/mutes/words', { body }));

export const editWords = (id: number, body: MutedWords): Promise<Block> =>
	ask(client.PUT('/me/mutes/words/{id}', { params: { path: { id } }, body }));

export const unmuteWords = (id: number): Promise<unknown> =>
	ask(client.DELETE('/me/mutes/words/{id}', { params: { path: { id } } }));

export const consents = (): Promise<Page<Consent>> => list(ask(client.GET('/me/consents')));

export const setConsent = (purpose: string, allowed: boolean): Promise<Consent> =>
	ask(client.PUT('/me/consents/{purpose}', { params: { path: { purpose } }, body: { allowed } }));

export const insights = (): Promise<Insights> => ask(client.GET('/me/insights'));

export const views = (query: Query<'/me/views'>): Promise<Page<View>> =>
	list(ask(client.GET('/me/views', { params: { query } })));
