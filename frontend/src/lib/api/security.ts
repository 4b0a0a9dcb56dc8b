// How one's account is guarded: passwords, codes, passkeys, sessions.
import { ask, client } from './client.ts';
import type { components } from './schema.gen';
import type { Me, Passkey } from './types.ts';

export type Security = components['schemas']['Security'];
export type Setup = components['schemas']['AuthenticatorSetup'];

export const security = (): Promise<Security> => ask(client.GET('/me/security'));

export const setPassword = (password: string, end_others: boolean, end_apps: boolean): Promise<unknown> =>
	ask(client.PUT('/me/password', { body: { password, end_others, end_apps } }));

export const deletePassword = (): Promise<unknown> => ask(client.DELETE('/me/password'));

export const beginCodes = (): Promise<Setup> => ask(client.POST('/me/authenticator', { body: {} }));

/** Answers recovery codes, if there were none that are good. */
export const confirmCodes = async (code: string): Promise<string[]> =>
	(await ask(client.PUT('/me/authenticator', { body: { code } }))).codes;

export const removeCodes = (): Promise<unknown> => ask(client.DELETE('/me/authenticator'));

export const renewRecoveryCodes = async (): Promise<string[]> =>
	(await ask(client.POST('/me/recovery-codes', { body: {} }))).codes;

/** Signs in somebody who lost the rest. */
export const recover = (body: { name: string; password?: string; code: string }): Promise<Me> =>
	ask(client.POST('/session/recovery', { body }));

export const renamePasskey = (id: number, name: string): Promise<Passkey> =>
	ask(client.PATCH('/passkeys/{id}', { params: { path: { id } }, body: { name } }));

export const endOtherSessions = (): Promise<unknown> => ask(client.DELETE('/sessions'));
