import { expect, it } from 'vitest';
import { visit } from './visits.ts';

const reading = (through: number) => ({ through, read_at: '2026-11-23T12:00:00Z', fresh: 0 });

it('remembers how far somebody had come until they come back another time', () => {
	expect(visit({ id: 1, reading: reading(7) }, 0)?.through).toBe(7);
	expect(visit({ id: 1, reading: reading(9) }, 60_000)?.through).toBe(7);
	expect(visit({ id: 2 }, 0)).toBeUndefined();
	expect(visit({ id: 2, reading: reading(3) }, 60_000), 'the first visit has nothing before it').toBeUndefined();
	expect(visit({ id: 1, reading: reading(9) }, 60 * 60_000)?.through).toBe(9);
});
