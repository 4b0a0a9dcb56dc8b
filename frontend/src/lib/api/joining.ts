// The door: how people come here, what they say, who invites whom.
import type { Query } from './calls.ts';
import { list } from './calls.ts';
import { ask, client } from './client.ts';
import type { components } from './schema.gen';
import type { Me, Page } from './types.ts';

type S = components['schemas'];
export type Joins = S['Joins'];
export type Application = S['Application'];
export type Applications = S['Applications'];
export type Invitation = S['Invitation'];
export type Invite = S['Invite'];
export type MyInvites = S['MyInvites'];
export type Settled = S['SettledJoining'];
export type Entry = Omit<S['PasskeySignUp'], 'name' | '$schema'>;

const at = (id: number): { path: { id: number } } => ({ path: { id } });

export const joins = (): Promise<Joins> => ask(client.GET('/joining'));

export const challenge = (): Promise<S['Challenge']> => ask(client.POST('/joining/challenge', { body: {} }));

export const signUp = (body: Entry & { name: string; password: string }): Promise<Me> => ask(client.POST('/accounts', { body }));

export const invitation = (code: string): Promise<Invitation> => ask(client.GET('/invites/{code}', { params: { path: { code } } }));

export const myApplication = (): Promise<Application> => ask(client.GET('/me/application'));

export const replyApplication = (reply: string): Promise<Application> => ask(client.PUT('/me/application/reply', { body: { reply } }));

export const withdrawApplication = (): Promise<unknown> => ask(client.DELETE('/me/application'));

export async function myInvites(query: Query<'/me/invites'>): Promise<MyInvites> {
	const mine = await ask(client.GET('/me/invites', { params: { query } }));
	return { ...mine, items: mine.items ?? [] };
}

export const createInvite = (body: S['InviteDraft']): Promise<Invite> => ask(client.POST('/me/invites', { body }));

export const revokeInvite = (id: number): Promise<unknown> => ask(client.DELETE('/me/invites/{id}', { params: at(id) }));

export const settled = (): Promise<Settled> => ask(client.GET('/admin/joining'));

export const settle = (body: S['JoiningChange']): Promise<Settled> => ask(client.PATCH('/admin/joining', { body }));

export async function applications(query: Query<'/admin/applications'>): Promise<Applications> {
	const found = await ask(client.GET('/admin/applications', { params: { query } }));
	return { ...found, items: found.items ?? [] };
}

export const accept = (id: number): Promise<Application> => ask(client.POST('/admin/applications/{id}/accept', { params: at(id) }));

export const refuse = (id: number, reason: string): Promise<Application> =>
	ask(client.POST('/admin/applications/{id}/refuse', { params: at(id), body: { reason } }));

export const askBack = (id: number, question: string): Promise<Application> =>
	ask(client.POST('/admin/applications/{id}/ask', { params: at(id), body: { question } }));

export const invites = (query: Query<'/admin/invites'>): Promise<Page<Invite>> => list(ask(client.GET('/admin/invites', { params: { query } })));
