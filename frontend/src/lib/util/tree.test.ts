import { describe, expect, it } from 'vitest';
import { shape, withPage, withReply, type Branch, type Leaf } from './tree.ts';

const leaf = (id: number, parent_id: number | null = null): Leaf => ({ id, parent_id });
/** "1(2(3)4)5" for a tree, to compare at a glance. */
const drawn = (branches: Branch<Leaf>[]): string =>
	branches.map((b) => b.comment.id + (b.replies.length ? `(${drawn(b.replies)})` : ' ')).join('');

// 1 ┬ 2 ─ 3
//   └ 4
// 5
const flat = [leaf(1), leaf(2, 1), leaf(3, 2), leaf(4, 1), leaf(5)];

describe('shape', () => {
	it('hangs replies below what they answer, in their order', () => {
		expect(drawn(shape(flat))).toBe('1(2(3 )4 )5 ');
	});
	it('counts everything below', () => {
		const [one, five] = shape(flat);
		expect(one?.below).toBe(3);
		expect(five?.below).toBe(0);
	});
	it('shows a reply at the top when its parent is on another page', () => {
		expect(drawn(shape([leaf(9, 8), leaf(10, 9)]))).toBe('9(10 )');
	});
	it('survives a comment that answers itself', () => {
		expect(drawn(shape([leaf(1, 1)]))).toBe('1 ');
	});
	it('does not care about the order of parents and children', () => {
		expect(drawn(shape([leaf(2, 1), leaf(1)]))).toBe('1(2 )');
	});
});

describe('withReply', () => {
	it('puts an answer first below its parent', () => {
		expect(drawn(shape(withReply(flat, leaf(6, 1))))).toBe('1(6 2(3 )4 )5 ');
	});
	it('puts a comment without a parent on top', () => {
		expect(withReply(flat, leaf(6))[0]?.id).toBe(6);
	});
	it('does not show the same comment twice', () => {
		expect(withReply(flat, leaf(3, 2))).toEqual(flat);
	});
});

it('withPage leaves out what moved between pages', () => {
	expect(withPage(flat, [leaf(5), leaf(6)]).map((c) => c.id)).toEqual([1, 2, 3, 4, 5, 6]);
});
