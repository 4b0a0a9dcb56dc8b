// Questions about what people say of themselves, apart from the others: most
// screens never ask them.
import { list, type Query } from './calls.ts';
import { ask, client, send } from './client.ts';
import type { Facet, Follower, GroupFacet, Page, Pictures, Profile, ProfileChange } from './types.ts';

/** Whose picture it is. */
export type PictureOf = { kind: 'me' } | { kind: 'group'; handle: string };

const place = (of: PictureOf, use: 'avatar' | 'banner'): string =>
	of.kind === 'me' ? `/me/${use}` : `/groups/${encodeURIComponent(of.handle)}/${use}`;

export const showPicture = (of: PictureOf, use: 'avatar' | 'banner', file: Blob): Promise<Pictures> =>
	ask(send('PUT', place(of, use), file)) as Promise<Pictures>;

export const dropPicture = (of: PictureOf, use: 'avatar' | 'banner'): Promise<unknown> => ask(send('DELETE', place(of, use)));

export const myProfile = (): Promise<Profile> => ask(client.GET('/me/profile'));

export const editProfile = (body: ProfileChange): Promise<Profile> => ask(client.PATCH('/me/profile', { body }));

export const followers = (query: Query<'/me/followers'>): Promise<Page<Follower>> =>
	list(ask(client.GET('/me/followers', { params: { query } })));

export const followRequests = (query: Query<'/me/followers/requests'>): Promise<Page<Follower>> =>
	list(ask(client.GET('/me/followers/requests', { params: { query } })));

export const acceptFollower = (person: string): Promise<unknown> =>
	ask(client.PUT('/me/followers/requests/{person}', { params: { path: { person } } }));

export const refuseFollower = (person: string): Promise<unknown> =>
	ask(client.DELETE('/me/followers/requests/{person}', { params: { path: { person } } }));

export const endFollower = (person: string): Promise<unknown> =>
	ask(client.DELETE('/me/followers/{person}', { params: { path: { person } } }));

export const facets = (): Promise<Page<GroupFacet>> => list(ask(client.GET('/me/facets')));

export const facet = (group: string): Promise<Facet> => ask(client.GET('/groups/{group}/facet', { params: { path: { group } } }));

export const setFacet = (group: string, body: Facet): Promise<Facet> =>
	ask(client.PUT('/groups/{group}/facet', { params: { path: { group } }, body }));

export const dropFacet = (group: string): Promise<unknown> =>
	ask(client.DELETE('/groups/{group}/facet', { params: { path: { group } } }));
