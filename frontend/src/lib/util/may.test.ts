import { expect, test } from 'vitest';
import type { Group } from '../api/types.ts';
import { keeps, may, mayHere } from './may.ts';

const group = (words?: string[]): Pick<Group, 'membership'> => ({
	membership: words ? { role: 'member', state: 'accepted', banned_until: null, may: words } : null
});

test('who may do something in a group', () => {
	expect(may(group(['threads.lock']), 'threads.lock')).toBe(true);
	expect(may(group(['threads.lock']), 'members.ban', 'threads.lock')).toBe(true);
	expect(may(group(['threads.lock']), 'members.ban')).toBe(false);
	expect(may(group(), 'members.ban')).toBe(false);
});

test('who looks after a group at all', () => {
	expect(keeps(group(['metrics.see']))).toBe(true);
	expect(keeps(group([]))).toBe(false);
	expect(keeps(group())).toBe(false);
});

test('who may do something for the server', () => {
	expect(mayHere({ may: ['site.peers'] }, 'site.peers')).toBe(true);
	expect(mayHere({}, 'site.peers')).toBe(false);
	expect(mayHere(null, 'site.peers')).toBe(false);
});
