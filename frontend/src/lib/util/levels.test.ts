import { expect, test } from 'vitest';
import { levelName, levelsBelow } from './levels.ts';

test('levels are called by name where they have one', () => {
	expect([1, 2, 5, 8, 9].map(levelName)).toEqual(['1', '2 · Helper', '5 · Steward', '8 · Lead', '9']);
});

test('nobody gives a level that there is not, nor their own', () => {
	expect(levelsBelow(0)).toEqual([]);
	expect(levelsBelow(1)).toEqual([]);
	expect(levelsBelow(5)).toEqual([1, 2, 3, 4]);
	expect(levelsBelow(10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
