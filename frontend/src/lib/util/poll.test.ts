import { describe, expect, it } from 'vitest';
import type { Poll } from '../api/types.ts';
import { faults, moved, share, tidy, withVote } from './poll.ts';

const poll = (votes: number[], rest: Partial<Poll> = {}): Poll => ({
	options: votes.map((n, i) => ({ id: i + 1, text: `Option ${i + 1}`, votes: n, mine: false })),
	multiple: false,
	closes_at: null,
	closed: false,
	voters: votes.reduce((a, b) => a + b, 0),
	voted: false,
	can_vote: true,
	...rest
});
const shares = (p: Poll): number[] => (p.options ?? []).map((o) => share(o, p));

describe('share', () => {
	it('is of the votes where one is chosen, rounded to the nearest', () => {
		expect(shares(poll([1, 2]))).toEqual([33, 67]);
		// What another server counted as voters does not matter then.
		expect(shares(poll([1, 1], { voters: 7 }))).toEqual([50, 50]);
		expect(shares(poll([1, 7]))).toEqual([13, 88]);
	});
	it('is of the people where several are chosen, and never more than all', () => {
		expect(shares(poll([4, 2, 1], { multiple: true, voters: 4 }))).toEqual([100, 50, 25]);
		expect(shares(poll([9], { multiple: true, voters: 4 }))).toEqual([100]);
	});
	it('is nothing before anybody voted', () => {
		expect(shares(poll([0, 0]))).toEqual([0, 0]);
		expect(shares(poll([0, 0], { multiple: true }))).toEqual([0, 0]);
	});
});

it('a vote counts once for the person, and once for everything they chose', () => {
	const before = poll([3, 0, 1], { multiple: true });
	const after = withVote(before, [1, 2]);
	expect(after.options?.map((o) => [o.votes, o.mine])).toEqual([
		[4, true],
		[1, true],
		[1, false]
	]);
	expect(after).toMatchObject({ voters: 5, voted: true, can_vote: false });
	expect(before.options?.[0]?.votes).toBe(3);
});

it.each([
	[['', ''], [[0, 'empty'], [1, 'empty']]],
	[['Yes', ' '], [[1, 'empty']]],
	[['', 'Yes', 'No'], []],
	[['Yes', 'No', '', 'yes ', 'No'], [[3, 'twice'], [4, 'twice']]],
	[['a  b', 'A b'], [[1, 'twice']]],
	[['Yes', 'No'], []]
] as [string[], [number, string][]][])('%j has the faults %j', (options, expected) => {
	expect([...faults(options)]).toEqual(expected);
});

it('sends what was written, tidied up', () => {
	expect(tidy([' Saturday ', '', 'The  next\tday'])).toEqual(['Saturday', 'The next day']);
});

it('moves one and keeps the rest in order', () => {
	expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
	expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
});
