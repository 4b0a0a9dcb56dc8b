import { describe, expect, it } from 'vitest';
import { difference, type Piece } from './diff.ts';

const mark = { same: ' ', gone: '-', new: '+' };
const shown = (list: Piece[]): string => list.map((p) => mark[p.kind] + p.text.trim()).join('|');
const side = (list: Piece[], kind: 'gone' | 'new'): string => list.filter((p) => p.kind === 'same' || p.kind === kind).map((p) => p.text).join('');

describe('difference', () => {
	it('says which words came and went', () => {
		expect(shown(difference('Bring your own seeds.', 'Bring your own big seeds.'))).toBe(' Bring your own|+big| seeds.');
		expect(shown(difference('one two three', 'one 2 three'))).toBe(' one|-two|+2| three');
		expect(shown(difference('', 'new'))).toBe('+new');
		expect(shown(difference('old', ''))).toBe('-old');
		expect(difference('same', 'same')).toEqual([{ kind: 'same', text: 'same' }]);
		expect(difference('', '')).toEqual([]);
	});

	it('gives back both texts, whatever they are', () => {
		let seed = 7;
		const random = (n: number): number => (seed = (seed * 16807) % 2147483647) % n;
		for (let i = 0; i < 300; i++) {
			const text = (): string => Array.from({ length: random(40) }, () => `${'abc'.charAt(random(3))}${' \n'.charAt(random(2))}`).join('');
			const a = text();
			const b = text();
			const list = difference(a, b);
			expect([side(list, 'gone'), side(list, 'new')]).toEqual([a, b]);
		}
	});

	it('shows one after the other where nothing is alike, soon enough', () => {
		const a = Array.from({ length: 20_000 }, (_, i) => `a${i}`).join('\n');
		const b = Array.from({ length: 20_000 }, (_, i) => `b${i}`).join('\n');
		expect(difference(a, b).map((p) => p.kind)).toEqual(['gone', 'new']);
	});
});
