import { describe, expect, it } from 'vitest';
import { hash, icon, line, tone, wall, type Drawing } from './wall.ts';

const numbers = (d: Drawing): number[] =>
	d.paths.flatMap((p) => (p.d.match(/-?\d+(\.\d+)?/g) ?? []).map(Number));

describe('walls', () => {
	it('are the same every time, and in every browser', () => {
		expect(wall('garden')).toEqual(wall('garden'));
		// FNV-1a's published value: the seed must never drift, or every
		// community would wake up behind another wall.
		expect(hash('foobar')).toBe(0xbf9cf968);
	});

	it('do not depend on how the name is written', () => {
		expect(wall('Garden')).toEqual(wall('garden'));
	});

	it('differ by name and by home', () => {
		const seen = new Set(
			['garden', 'gardens', 'bread', 'village', 'drystone'].flatMap((name) => [
				JSON.stringify(wall(name).paths),
				JSON.stringify(wall(name, 'a.example').paths),
				JSON.stringify(icon(name).paths)
			])
		);
		expect(seen.size).toBe(15);
	});

	it.each([wall('garden'), wall('garden', 'a.example'), icon('x'), line('Fellside'), wall('')])(
		'are drawn with numbers and small enough to draw by the dozen (%#)',
		(drawing) => {
			expect(drawing.paths.length).toBeLessThanOrEqual(5);
			expect(numbers(drawing).every(Number.isFinite)).toBe(true);
			expect(JSON.stringify(drawing).length).toBeLessThan(20_000);
			for (const path of drawing.paths) expect(path.d).toMatch(/^M.*z$/);
		}
	);

	it('reach from one end to the other', () => {
		const xs = numbers(wall('garden'));
		expect(Math.max(...xs)).toBeGreaterThan(1195);
	});

	it('come in all five tints', () => {
		const tones = new Set(Array.from({ length: 60 }, (_, i) => tone(`group${i}`)));
		expect([...tones].sort()).toEqual([1, 2, 3, 4, 5]);
	});
});
