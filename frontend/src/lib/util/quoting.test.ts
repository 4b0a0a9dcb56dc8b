import { expect, it } from 'vitest';
import { asQuotation } from './quoting.ts';

it.each([
	['', ''],
	['  \n ', ''],
	['One line', '> One line\n\n'],
	['One\r\ntwo\n\n\n\nthree ', '> One\n> two\n>\n> three\n\n'],
	['> quoted before', '> > quoted before\n\n']
])('quotes %j', (words, want) => {
	expect(asQuotation(words)).toBe(want);
});

it('quotes no more than somebody reads', () => {
	const long = asQuotation('x'.repeat(5000));
	expect(long.length).toBeLessThan(2020);
	expect(long).toMatch(/ …\n\n$/);
});
