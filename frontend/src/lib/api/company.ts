// Questions about the sign-in of a company.
import { list } from './calls.ts';
import { ask, client } from './client.ts';
import type { components } from './schema.gen.d.ts';
import type { Page } from './types.ts';

export type Identity = components['schemas']['Identity'];

export const identities = (): Promise<Page<Identity>> => list(ask(client.GET('/me/identities')));

/** Where to go on to connect the account. */
export const connect = (): Promise<{ url: string }> => ask(client.POST('/me/identities', { body: {} }));

export const disconnect = (): Promise<unknown> => ask(client.DELETE('/me/identities'));
