import { describe, expect, it } from 'vitest';
import { t } from '../i18n/index.ts';
import { asProblem, parseProblem, Problem } from './problem.ts';

describe('parseProblem', () => {
	it('reads code, words and fields', () => {
		const p = parseProblem(422, {
			title: 'Unprocessable Entity',
			status: 422,
			detail: 'A post needs a title.',
			code: 'invalid',
			errors: [{ location: 'body.title', message: 'A post needs a title.' }]
		});
		expect(p).toMatchObject({
			code: 'invalid',
			status: 422,
			message: 'A post needs a title.',
			fields: { title: 'A post needs a title.' }
		});
	});

	it('takes the first complaint about a field, and skips what names none', () => {
		const p = parseProblem(422, {
			errors: [
				{ location: 'body.name', message: 'first' },
				{ location: 'body.name', message: 'second' },
				{ message: 'nowhere' },
				{ location: 'body.link' },
				'noise'
			]
		});
		expect(p.fields).toEqual({ name: 'first' });
	});

	it('never shows what an internal error says', () => {
		const p = parseProblem(500, { code: 'internal', detail: 'pq: relation "x" does not exist' });
		expect(p.message).toBe(t('problem.internal'));
	});

	it.each([
		[401, 'unauthenticated'],
		[403, 'forbidden'],
		[404, 'not_found'],
		[410, 'not_found'],
		[418, 'invalid'],
		[429, 'rate_limited'],
		[502, 'unavailable'],
		[500, 'internal']
	] as const)('makes sense of a bare %i, as a proxy sends it', (status, code) => {
		const p = parseProblem(status, '<html>nginx</html>');
		expect(p.code).toBe(code);
		expect(p.message).toBe(t(`problem.${code}`));
	});

	it('does not believe in codes it never heard of', () => {
		expect(parseProblem(409, { code: '__proto__' }).code).toBe('conflict');
		expect(parseProblem(409, { code: 'teapot' }).code).toBe('conflict');
	});
});

describe('Problem', () => {
	it('leaves to the form only what its fields do not say', () => {
		const p = new Problem('invalid', 'taken', 422, { name: 'taken' });
		expect(p.beyond('name', 'title')).toBe('');
		expect(p.beyond('title')).toBe('taken');
	});

	it('is kept as it is, and anything else is our bug', () => {
		const p = new Problem('conflict', 'x');
		expect(asProblem(p)).toBe(p);
		expect(asProblem(new TypeError('x is not a function')).message).toBe(t('problem.internal'));
	});
});
