import { expect, test } from 'vitest';
import type { Letter } from '../api/types.ts';
import { merged } from './letters.ts';

const letter = (id: number, body: string): Letter => ({
	id,
	body,
	html: body,
	mine: false,
	created_at: '2026-01-01T00:00:00Z',
	edited_at: null,
	deleted: false,
	read: true
});

test('new ones come first, changed ones in their place, and none twice', () => {
	const shown = [letter(5, 'five'), letter(3, 'three')];
	const now = [letter(8, 'eight'), letter(5, 'five, edited')];
	expect(merged(shown, now).map((m) => m.body)).toEqual(['eight', 'five, edited', 'three']);
	expect(merged([], [])).toEqual([]);
});
