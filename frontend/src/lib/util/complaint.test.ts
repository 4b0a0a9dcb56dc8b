import { expect, test } from 'vitest';
import { complaint } from './complaint.ts';

test('a reason is the chosen word and what is added to it', () => {
	expect(complaint('Spam or an advert', '')).toBe('Spam or an advert');
	expect(complaint('Spam or an advert', '  Third time today.\n')).toBe('Spam or an advert: Third time today.');
});

test('something else needs words of one’s own', () => {
	expect(complaint(undefined, 'They are not who they say.')).toBe('They are not who they say.');
	expect(complaint(undefined, ' \n ')).toBe('');
});
