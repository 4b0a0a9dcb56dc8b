import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import en from './en.json' with { type: 'json' };
import events from './events.json' with { type: 'json' };
import messages from './messages.json' with { type: 'json' };
import moderation from './moderation.json' with { type: 'json' };
import peers from './peers.json' with { type: 'json' };
import reports from './reports.json' with { type: 'json' };
import settings from './settings.json' with { type: 'json' };
import { has, t, translator } from './index.ts';

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
		expect(t('comment.reply_to', { name: '$& {n}' })).toBe('Reply to $& {n}');
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

const parts = { events, messages, moderation, peers, reports, settings };

it('every English plural counts', () => {
	for (const [key, message] of Object.entries({ ...en, ...events, ...messages, ...moderation, ...peers, ...reports, ...settings })) {
		if (typeof message === 'string') continue;
		expect(Object.keys(message).sort(), key).toEqual(['one', 'other']);
	}
});

it('whoever says what few screens say imports it, and nothing is said twice', () => {
	const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => /\.(svelte|ts)$/.test(name));
	for (const [part, words] of Object.entries(parts)) {
		expect(Object.keys(words).filter((key) => key in en), part).toEqual([]);
		const keys = Object.keys(words);
		const elsewhere = new Set(Object.keys(en).map((key) => key.split('.')[0]));
		// Said by name, or put together behind a first word that is theirs alone.
		const stems = new Set(keys.map((key) => key.split('.')[0]).filter((stem) => !elsewhere.has(stem)));
		const said = new RegExp(`['"](${keys.join('|').replaceAll('.', '\\.')})['"]|['"\`](${[...stems].join('|')})\\.`);
		for (const name of files) {
			if (name.includes('i18n/') || name.endsWith('.test.ts')) continue;
			const text = readFileSync(`src/${name}`, 'utf8');
			if (said.test(text)) expect(text, name).toContain(`i18n/${part}.ts'`);
		}
	}
});
