import { afterEach, describe, expect, it, vi } from 'vitest';
import { addressOf, ask, client, confirmWith } from './client.ts';
import { Problem } from './problem.ts';

afterEach(() => vi.unstubAllGlobals());

function answers(response: Response | Error) {
	const fetch = vi.fn(async (..._: Parameters<typeof globalThis.fetch>) => {
		if (response instanceof Error) throw response;
		return response;
	});
	vi.stubGlobal('fetch', fetch);
	return fetch;
}

describe('addressOf', () => {
	it('fills names in, also strange ones', () => {
		expect(addressOf('/groups/{group}/bans/{person}', { path: { group: 'garden@a.example', person: 'a/b' } })).toBe(
			'/api/v1/groups/garden%40a.example/bans/a%2Fb'
		);
	});

	it('asks what is given, and nothing else', () => {
		expect(addressOf('/search', { query: { q: 'a b&c', cursor: undefined, limit: 0, mine: false } })).toBe(
			'/api/v1/search?q=a%20b%26c&limit=0&mine=false'
		);
		expect(addressOf('/feed', { query: { cursor: undefined } })).toBe('/api/v1/feed');
		expect(addressOf('/me')).toBe('/api/v1/me');
	});
});

describe('client', () => {
	it('sends a body as JSON, and none without one', async () => {
		const fetch = answers(new Response(null, { status: 204 }));
		await ask(client.POST('/me/move', { body: { target: 'x' } }));
		expect(fetch).toHaveBeenLastCalledWith('/api/v1/me/move', {
			method: 'POST',
			body: '{"target":"x"}',
			headers: { 'Content-Type': 'application/json' }
		});
		expect(await ask(client.DELETE('/me/move'))).toBeUndefined();
		expect(fetch).toHaveBeenLastCalledWith('/api/v1/me/move', { method: 'DELETE' });
	});

	it('hands out what came back', async () => {
		answers(Response.json({ name: 'alice' }));
		expect(await ask(client.GET('/me'))).toEqual({ name: 'alice' });
	});

	it.each([
		['a problem', Response.json({ detail: 'Not yours.' }, { status: 403 }), 'forbidden', 'Not yours.'],
		['a proxy’s page', new Response('<h1>Bad gateway</h1>', { status: 502 }), 'unavailable', undefined],
		['no answer', new TypeError('failed to fetch'), 'offline', undefined]
	])('makes a problem of %s', async (_, response, code, message) => {
		answers(response);
		const problem = await ask(client.GET('/feeds/{feed}', { params: { path: { feed: 'x' } } })).catch((e: unknown) => e);
		expect(problem).toBeInstanceOf(Problem);
		expect(problem).toMatchObject({ code, ...(message && { message }) });
	});
});

describe('what is dangerous', () => {
	afterEach(() => confirmWith(undefined));
	const refused = () => Response.json({ code: 'confirmation_required', detail: 'Prove it.' }, { status: 403 });

	/** Answers in turn. */
	function turns(...responses: Response[]) {
		const fetch = vi.fn(async () => responses.shift()!);
		vi.stubGlobal('fetch', fetch);
		return fetch;
	}

	it('is asked for again, as it was, once somebody proved who they are', async () => {
		const fetch = turns(refused(), new Response(null, { status: 204 }));
		const confirm = vi.fn(async () => true);
		confirmWith(confirm);
		await ask(client.POST('/me/move', { body: { target: 'x' } }));
		expect(confirm).toHaveBeenCalledTimes(1);
		expect(fetch.mock.calls[1]).toEqual(fetch.mock.calls[0]);
	});

	it('is refused where they would not', async () => {
		const fetch = turns(refused());
		confirmWith(async () => false);
		await expect(ask(client.DELETE('/me/move'))).rejects.toMatchObject({ code: 'confirmation_required', message: 'Prove it.' });
		expect(fetch).toHaveBeenCalledTimes(1);
	});

	it('asks once for many calls, and never without end', async () => {
		turns(refused(), refused(), new Response(null, { status: 204 }), refused());
		const confirm = vi.fn(async () => true);
		confirmWith(confirm);
		const all = await Promise.allSettled([ask(client.DELETE('/me/move')), ask(client.DELETE('/me/move'))]);
		expect(all.map((one) => one.status)).toEqual(['fulfilled', 'rejected']);
		expect(confirm).toHaveBeenCalledTimes(1);
	});

	it('leaves other refusals alone', async () => {
		turns(Response.json({ code: 'forbidden' }, { status: 403 }), Response.json(null, { status: 403 }));
		const confirm = vi.fn(async () => true);
		confirmWith(confirm);
		await expect(ask(client.DELETE('/me/move'))).rejects.toMatchObject({ code: 'forbidden' });
		await expect(ask(client.DELETE('/me/move'))).rejects.toMatchObject({ code: 'forbidden' });
		expect(confirm).not.toHaveBeenCalled();
	});
});
