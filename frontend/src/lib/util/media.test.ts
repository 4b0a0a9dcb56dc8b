import { describe, expect, it } from 'vitest';
import { colour, inText, moved } from './media.ts';

describe('inText', () => {
	it('is a picture at a path of this server', () => {
		expect(inText({ kind: 'image', url: 'https://here.example/media/ab.webp', alt: 'A [red]\napple' })).toBe('![A \\[red\\] apple](/media/ab.webp)');
	});
	it('is a link to what is no picture', () => {
		expect(inText({ kind: 'video', url: 'https://here.example/media/ab.mp4', alt: '' })).toBe('[/media/ab.mp4](/media/ab.mp4)');
	});
});

it('moved keeps everything', () => {
	expect(moved([1, 2, 3], 2, 0)).toEqual([3, 1, 2]);
	expect(moved([1, 2, 3], 0, -1)).toEqual([1, 2, 3]);
});

it('colour reads the middle of a blurhash', () => {
	expect(colour('LEHV6nWB2yk8pyo0adR*.7kCMdnj')).toBe('#979695');
	expect(colour('"""""""')).toBe('');
	expect(colour(undefined)).toBe('');
});
