// The one road to the server. Every GET first looks into the data island, every
// failure comes out as a Problem.
import createClient from 'openapi-fetch';
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

async function islandFetch(request: Request): Promise<Response> {
	const url = new URL(request.url);
	const address = url.pathname + url.search;
	if (request.method === 'GET') {
		const known = island.take(address) ?? recent.take(address);
		if (known) {
			recent.keep(address, known.clone());
			return known;
		}
	} else {
		recent.clear();
	}
	let response: Response;
	try {
		response = await fetch(request);
	} catch {
		throw offline();
	}
	if (request.method === 'GET' && response.ok) recent.keep(address, response.clone());
	return response;
}

export const client = createClient<paths>({
	baseUrl: (typeof location === 'undefined' ? 'http://localhost' : location.origin) + '/api/v1',
	fetch: islandFetch
});

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
