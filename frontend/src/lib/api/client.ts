// The one road to the server. Every GET first looks into the data island, every
// failure comes out as a Problem.
import type { Client } from 'openapi-fetch';
import { Island } from './island.ts';
import { offline, parseProblem } from './problem.ts';
import { Recent } from './recent.ts';
import type { paths } from './schema.gen';

const island = new Island(
	typeof document === 'undefined' ? null : document.getElementById('ds-data')?.textContent
);

/** Answers kept for the Back button only; see recent.ts. */
export const recent = new Recent(40);

/** Called once the first screen stands. */
export const closeIsland = (): void => island.clear();

interface Params {
	path?: Record<string, unknown>;
	query?: Record<string, unknown>;
}

/** Where a question goes: the names in its path filled in; what is not given is not asked. */
export function addressOf(path: string, { path: names = {}, query = {} }: Params = {}): string {
	const way = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(names[name])));
	const asked = Object.entries(query)
		.filter(([, value]) => value !== undefined && value !== null)
		.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
	return '/api/v1' + way + (asked.length ? '?' + asked.join('&') : '');
}

/** Files go as a form, everything else as JSON. */
function carrying(body: unknown): RequestInit {
	if (body === undefined) return {};
	if (body instanceof FormData) return { body };
	if (body instanceof Blob) return { body, headers: { 'Content-Type': 'application/octet-stream' } };
	return { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
}

async function fetched(method: string, address: string, body: unknown): Promise<Response> {
	const reading = method === 'GET';
	const known = reading ? (island.take(address) ?? recent.take(address)) : undefined;
	if (!reading) recent.clear();
	let response = known;
	try {
		response ??= await fetch(address, { method, ...carrying(body) });
	} catch {
		throw offline();
	}
	if (reading && response.ok) recent.keep(address, response.clone());
	return response;
}

async function answered(method: string, address: string, body: unknown): Promise<Answer<unknown>> {
	const response = await fetched(method, address, body);
	const text = await response.text();
	if (response.ok) return { data: text ? JSON.parse(text) : undefined, response };
	try {
		return { error: JSON.parse(text), response };
	} catch {
		return { error: text, response }; // a proxy's page, perhaps
	}
}

/** Asks the person to prove who they are; true: they did. */
type Confirming = () => Promise<boolean>;
let confirming: Confirming | undefined;
let proof: Promise<boolean> | undefined;

/** Says who asks people to prove who they are when something dangerous needs it. */
export const confirmWith = (ask: Confirming | undefined): void => void (confirming = ask);

/** However many calls wait for a proof, it is asked for once. */
const proven = (ask: Confirming): Promise<boolean> => (proof ??= ask().finally(() => (proof = undefined)));

const unconfirmed = ({ response, error }: Answer<unknown>): boolean =>
	response.status === 403 && (error as { code?: unknown } | null)?.code === 'confirmation_required';

const asking =
	(method: string) =>
	async (path: string, { params, body }: { params?: Params; body?: unknown } = {}): Promise<Answer<unknown>> => {
		const address = addressOf(path, params);
		const answer = await answered(method, address, body);
		if (!unconfirmed(answer) || !confirming || !(await proven(confirming))) return answer;
		return answered(method, address, body);
	};

/** For what is no JSON: a file goes as it is. */
export const send = (method: 'PUT' | 'DELETE', path: string, file?: Blob): Promise<Answer<unknown>> =>
	answered(method, '/api/v1' + path, file);

/** Knows every question of the API document by its path, and what comes back. */
export const client = {
	GET: asking('GET'),
	PUT: asking('PUT'),
	POST: asking('POST'),
	PATCH: asking('PATCH'),
	DELETE: asking('DELETE')
} as Pick<Client<paths>, 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'>;

interface Answer<T> {
	data?: T;
	error?: unknown;
	response: Response;
}

/** The body of a good answer; a bad one is thrown as a Problem. */
export async function ask<T>(promise: Promise<Answer<T>>): Promise<T> {
	const { data, error, response } = await promise;
	if (!response.ok) throw parseProblem(response.status, error);
	return data as T;
}
