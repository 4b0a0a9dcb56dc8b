// Mail addresses, and the accounts of this server; the latter for those who
// look after it.
import type { Query } from './calls.ts';
import { list } from './calls.ts';
import { ask, client } from './client.ts';
import type { components } from './schema.gen.d.ts';
import type { Page } from './types.ts';

export type Email = components['schemas']['Email'];
export type AccountHere = components['schemas']['AccountHere'];
export type HandedLink = components['schemas']['HandedLink'];

export const email = (): Promise<Email> => ask(client.GET('/me/email'));

/** Writes down another address, and returns how it stands then. */
export const changeEmail = (address: string): Promise<Email> => ask(client.PUT('/me/email', { body: { email: address } }));

/** Has the letter sent again that asks whether the address is mine. */
export const askAgain = (): Promise<unknown> => ask(client.POST('/me/email/letter'));

const at = (person: string): { path: { person: string } } => ({ path: { person } });

export const people = (query: Query<'/admin/people'>): Promise<Page<AccountHere>> =>
	list(ask(client.GET('/admin/people', { params: { query } })));

export const handOut = (person: string): Promise<HandedLink> =>
	ask(client.POST('/admin/people/{person}/link', { params: at(person) }));

export const setAdmin = (person: string, admin: boolean): Promise<unknown> =>
	admin
		? ask(client.PUT('/admin/people/{person}/admin', { params: at(person) }))
		: ask(client.DELETE('/admin/people/{person}/admin', { params: at(person) }));
