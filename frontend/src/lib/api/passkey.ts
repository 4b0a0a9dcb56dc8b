// Passkeys, with what the browser brings itself.
import { t } from '../i18n/index.ts';
import '../i18n/doors.ts';
import { ask, client } from './client.ts';
import type { Entry } from './joining.ts';
import { Problem } from './problem.ts';
import type { Me, Passkey } from './types.ts';

interface Ceremony {
	ceremony: string;
	options: unknown;
}

/** Whether this browser can make and use passkeys the way the server speaks. */
export function supported(): boolean {
	return (
		typeof PublicKeyCredential !== 'undefined' &&
		typeof PublicKeyCredential.parseCreationOptionsFromJSON === 'function' &&
		typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function' &&
		typeof PublicKeyCredential.prototype.toJSON === 'function'
	);
}

/** Whether the browser can offer passkeys inside the name field. */
export async function autofillSupported(): Promise<boolean> {
	if (!supported()) return false;
	return (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false;
}

function need(): void {
	if (!supported()) throw new Problem('invalid', t('passkey.unsupported'));
}

/** The server may wrap its options in {publicKey}, as the specification's examples do. */
function publicKey<T>(options: unknown): T {
	return ((options as { publicKey?: unknown }).publicKey ?? options) as T;
}

/** What a DOMException of a ceremony means to the person who started it. */
function explain(e: unknown): Problem {
	if (e instanceof Problem) return e;
	const name = e instanceof DOMException ? e.name : '';
	if (name === 'InvalidStateError') return new Problem('conflict', t('passkey.already'));
	if (name === 'SecurityError') return new Problem('invalid', t('passkey.address'));
	if (name === 'NotAllowedError' || name === 'AbortError') {
		return new Problem('invalid', t('passkey.cancelled'));
	}
	return new Problem('invalid', t('passkey.failed'));
}

async function make(begin: Ceremony): Promise<Record<string, unknown>> {
	try {
		const created = await navigator.credentials.create({
			publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey(begin.options))
		});
		return (created as PublicKeyCredential).toJSON() as unknown as Record<string, unknown>;
	} catch (e) {
		throw explain(e);
	}
}

async function use(begin: Ceremony, signal?: AbortSignal): Promise<Record<string, unknown>> {
	try {
		const got = await navigator.credentials.get({
			publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey(begin.options)),
			...(signal ? { mediation: 'conditional' as const, signal } : {})
		});
		return (got as PublicKeyCredential).toJSON() as unknown as Record<string, unknown>;
	} catch (e) {
		throw explain(e);
	}
}

export async function signUp(body: Entry & { name: string }): Promise<Me> {
	need();
	const begin = await ask(client.POST('/signup/passkey/begin', { body }));
	const credential = await make(begin);
	return ask(
		client.POST('/signup/passkey/finish', { body: { ceremony: begin.ceremony, credential } })
	);
}

/** With a signal, waits in the name field's suggestions instead of asking. */
export async function signIn(signal?: AbortSignal): Promise<Me> {
	need();
	const begin = await ask(client.POST('/session/passkey/begin', { body: {} }));
	const credential = await use(begin, signal);
	return ask(
		client.POST('/session/passkey/finish', { body: { ceremony: begin.ceremony, credential } })
	);
}

/** Proves who is there; the session is then good for what is dangerous. */
export async function confirm(): Promise<unknown> {
	need();
	const begin = await ask(client.POST('/session/confirm/begin', { body: {} }));
	const credential = await use(begin);
	return ask(client.POST('/session/confirm', { body: { ceremony: begin.ceremony, credential } }));
}

export async function add(name: string): Promise<Passkey> {
	need();
	const begin = await ask(client.POST('/passkeys/begin', { body: {} }));
	const credential = await make(begin);
	return ask(
		client.POST('/passkeys/finish', {
			body: { ceremony: begin.ceremony, credential, ...(name ? { name } : {}) }
		})
	);
}
