import { describe, expect, it } from 'vitest';
import { cursorOf, oneOf, postSorts, withParams } from './load.ts';

it('oneOf takes only what exists', () => {
	expect(oneOf('top', postSorts, 'hot')).toBe('top');
	expect(oneOf('best', postSorts, 'hot')).toBe('hot');
	expect(oneOf(null, postSorts, 'hot')).toBe('hot');
});

describe('withParams', () => {
	const url = new URL('https://a.example/?view=all&cursor=xyz');
	it('changes, adds and takes away', () => {
		expect(withParams(url, { sort: 'new', cursor: undefined })).toBe('/?view=all&sort=new');
		expect(withParams(url, { view: undefined, cursor: undefined })).toBe('/');
	});
	it('leaves the address itself alone', () => {
		withParams(url, { cursor: 'other' });
		expect(cursorOf(url)).toBe('xyz');
	});
});
