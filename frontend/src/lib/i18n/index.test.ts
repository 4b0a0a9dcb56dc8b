import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import en from './en.json' with { type: 'json' };
import { has, t, translator, type Messages } from './index.ts';

describe('t', () => {
	it.each([
		[0, '0 comments'],
		[1, '1 comment'],
		[2, '2 comments'],
		[1234, '1,234 comments']
	])('counts %i', (n, text) => {
		expect(t('comments.count', { n })).toBe(text);
	});

	it('puts names in, also strange ones', () => {
		expect(t('comment.by', { name: '$& {n}' })).toBe('Comment by $& {n}');
	});

	it('has what it has', () => {
		expect(has('save')).toBe(true);
		expect(has('toString')).toBe(false);
	});
});

describe('translator', () => {
	it('uses the plural forms of its language', () => {
		const polish = translator({
			tag: 'pl',
			messages: { stones: { one: '{n} kamień', few: '{n} kamienie', many: '{n} kamieni', other: '{n} kamienia' } }
		});
		expect([1, 3, 5, 22, 1.5].map((n) => polish('stones', { n }))).toEqual([
			'1 kamień',
			'3 kamienie',
			'5 kamieni',
			'22 kamienie',
			'1,5 kamienia'
		]);
	});

	it('shows the key where a message is missing, and leaves unknown gaps', () => {
		const none = translator({ tag: 'en', messages: { a: 'x {gap}' } });
		expect(none('b')).toBe('b');
		expect(none('a')).toBe('x {gap}');
	});
});

/** What few screens say, by the name of its file. */
const parts = new Map(
	readdirSync('src/lib/i18n')
		.filter((file) => file.endsWith('.json') && file !== 'en.json')
		.map((file) => [file.replace('.json', ''), JSON.parse(readFileSync(`src/lib/i18n/${file}`, 'utf8')) as Messages])
);

it('every English plural counts', () => {
	for (const [key, message] of [en, ...parts.values()].flatMap((words) => Object.entries<Messages[string]>(words))) {
		if (typeof message === 'string') continue;
		expect(Object.keys(message).sort(), key).toEqual(['one', 'other']);
	}
});

/** The keys that a file may say: by name, or put together as `report.${kind}.title`. */
function said(text: string, keys: string[]): string[] {
	const made = [...text.matchAll(/`([a-z_.]+\$\{[^`]*)`/g)].map(
		([, key = '']) => new RegExp(`^${key.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '[\\w.]+')}$`)
	);
	return keys.filter((key) => text.includes(`'${key}'`) || text.includes(`"${key}"`) || made.some((one) => one.test(key)));
}

it('whoever says what few screens say imports it, and nothing is said twice', () => {
	const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
		.filter((name) => /\.(svelte|ts)$/.test(name) && !name.includes('i18n/') && !name.endsWith('.test.ts'))
		.map((name) => [name, readFileSync(`src/${name}`, 'utf8')] as const);
	const known = new Set(Object.keys(en));
	for (const [part, words] of parts) {
		const keys = Object.keys(words);
		expect(keys.filter((key) => known.has(key)), part).toEqual([]);
		keys.forEach((key) => known.add(key));
		const forgot = sources.filter(([, text]) => !text.includes(`i18n/${part}.ts'`)).map(([name, text]) => [name, said(text, keys)]);
		expect(forgot.filter(([, some]) => some?.length), part).toEqual([]);
	}
});
