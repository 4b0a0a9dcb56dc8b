import { describe, expect, it } from 'vitest';
import { Island, keyOf } from './island.ts';

describe('keyOf', () => {
	it.each([
		['/api/v1/feed?view=all&sort=hot', '/api/v1/feed?sort=hot&view=all'],
		['/api/v1/feed?sort=hot&view=all&cursor=', '/api/v1/feed?sort=hot&view=all'],
		['/api/v1/feed?sort=hot&limit=25', '/api/v1/feed?sort=hot'],
		['http://localhost:8080/api/v1/me', '/api/v1/me'],
		['/api/v1/groups/a%40b.example', '/api/v1/groups/a@b.example']
	])('%s is %s', (address, key) => {
		expect(keyOf(address)).toBe(key);
	});

	it('keeps what makes a question another one', () => {
		expect(keyOf('/api/v1/feed?cursor=a')).not.toBe(keyOf('/api/v1/feed?cursor=b'));
		expect(keyOf('/api/v1/feed?limit=100')).not.toBe(keyOf('/api/v1/feed'));
	});
});

describe('Island', () => {
	it('answers once, then never again', async () => {
		const island = new Island('{"/api/v1/feed?view=all&sort=hot":{"items":[1]}}');
		const answer = island.take('/api/v1/feed?sort=hot&view=all');
		expect(answer?.status).toBe(200);
		expect(await answer?.json()).toEqual({ items: [1] });
		expect(island.take('/api/v1/feed?sort=hot&view=all')).toBeUndefined();
	});

	it('knows that nobody is signed in', async () => {
		const answer = new Island('{"/api/v1/me":null}').take('/api/v1/me');
		expect(await answer?.json()).toBeNull();
	});

	it('passes a problem on as the error it was', () => {
		const island = new Island('{"/api/v1/posts/9":{"status":404,"title":"Not Found"}}');
		expect(island.take('/api/v1/posts/9')?.status).toBe(404);
	});

	it('does not take a titled thing with a status word for a problem', () => {
		const island = new Island('{"/api/v1/posts/9":{"status":"open","title":"Gate"}}');
		expect(island.take('/api/v1/posts/9')?.status).toBe(200);
	});

	it.each([null, '', 'no json', '[]', '7', 'null'])('is empty when given %j', (json) => {
		expect(new Island(json).size).toBe(0);
	});

	it('forgets the rest when told', () => {
		const island = new Island('{"/a":1,"/b":2}');
		island.clear();
		expect(island.take('/b')).toBeUndefined();
	});
});
