import { expect, test } from 'vitest';
import { arrived, mostNews } from './arrived.ts';

const heard = (post_id: number, more = {}) => ({ what: 'post_published', post_id, feeds: ['home', 'c/garden'], own: false, ...more });

test('a new post of the list counts once', () => {
	let news = arrived([], heard(3), 'home');
	expect(news).toEqual([3]);
	news = arrived(news, heard(3), 'home');
	expect(news).toEqual([3]);
	expect(arrived(news, heard(4), 'c/garden')).toEqual([3, 4]);
});

test('what is one’s own, of another list or only changed does not', () => {
	expect(arrived([], heard(3, { own: true }), 'home')).toEqual([]);
	expect(arrived([], heard(3), 'all')).toEqual([]);
	expect(arrived([], heard(3, { feeds: undefined }), 'home')).toEqual([]);
});

test('many are enough', () => {
	const many = Array.from({ length: mostNews }, (_, i) => i + 1);
	expect(arrived(many, heard(1000), 'home')).toBe(many);
});
