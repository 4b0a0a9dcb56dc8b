import { describe, expect, it } from 'vitest';
import { picture } from './picture.ts';

const here = { name: 'alice', host: '', icon: 'https://a.example/media/x.jpg', icon_small: 'https://a.example/media/x-small.jpg' };
const there = { name: 'wren', host: 'far.example', icon: '/media/remote/actor/7/ab-thumb.webp', icon_small: '/media/remote/actor/7/ab-tiny.webp' };

describe('picture', () => {
	it('is the small one beside a name, and the large one on a page', () => {
		expect(picture(here, false)).toBe(here.icon_small);
		expect(picture(here, true)).toBe(here.icon);
		expect(picture({ name: 'bob' }, true)).toBe('');
	});
	it('is never asked of another server', () => {
		expect(picture(there, false)).toBe(there.icon_small);
		expect(picture(there, true)).toBe(there.icon);
		expect(picture({ ...there, icon_small: 'https://far.example/w.png' }, false)).toBe('');
	});
	it('is none where the address is no address', () => {
		expect(picture({ ...here, icon: 'javascript:alert(1)' }, true)).toBe('');
	});
});
