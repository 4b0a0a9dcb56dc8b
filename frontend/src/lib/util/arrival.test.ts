import { describe, expect, it } from 'vitest';
import { arrive } from './arrival.ts';

const leaf = (id: number, parent_id: number | null = null) => ({ id, parent_id });
const ids = (list: { id: number }[]) => list.map((c) => c.id).join(' ');

// 1 ┬ 2 ─ 3
//   └ 4
// 5
const flat = [leaf(1), leaf(2, 1), leaf(3, 2), leaf(4, 1), leaf(5)];

describe('arrive', () => {
	it.each([
		['hot', leaf(6), '6 1 2 3 4 5'],
		['new', leaf(6, 1), '1 6 2 3 4 5'],
		['old', leaf(6), '1 2 3 4 5 6'],
		['old', leaf(6, 1), '1 2 3 4 6 5'],
		['top', leaf(6, 2), '1 2 3 6 4 5'],
		['top', leaf(6, 5), '1 2 3 4 5 6'],
		['hot', leaf(4, 1), '1 2 3 4 5']
	])('%s: %o', (sort, comment, want) => {
		expect(ids(arrive(flat, comment, sort))).toBe(want);
	});
});
