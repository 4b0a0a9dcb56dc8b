import { describe, expect, it } from 'vitest';
import { languages, rememberLanguage, usualLanguage } from './language.ts';

describe('languages', () => {
	it('are called as their speakers call them, in order, with the one that is chosen', () => {
		const list = languages('gsw');
		expect(new Map(list).get('de')).toBe('Deutsch');
		expect(list.some(([tag]) => tag === 'gsw')).toBe(true);
		expect(list.map(([, name]) => name)).toEqual(list.map(([, name]) => name).toSorted((a, b) => a.localeCompare(b)));
		expect(new Map(languages('not a tag')).get('not a tag')).toBe('not a tag');
	});

	it('are chosen anew where nothing can be kept', () => {
		rememberLanguage('cy');
		expect(['', 'cy']).toContain(usualLanguage());
	});
});
