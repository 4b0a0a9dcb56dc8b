import { beforeEach, describe, expect, it } from 'vitest';
import { Drafts, target } from './drafts.ts';

class Shelf implements Storage {
	readonly #m = new Map<string, string>();
	full = false;
	get length(): number {
		return this.#m.size;
	}
	key = (i: number): string | null => [...this.#m.keys()][i] ?? null;
	getItem = (k: string): string | null => this.#m.get(k) ?? null;
	removeItem = (k: string): void => void this.#m.delete(k);
	clear = (): void => this.#m.clear();
	setItem = (k: string, v: string): void => {
		if (this.full) throw new DOMException('full', 'QuotaExceededError');
		this.#m.set(k, v);
	};
}

let shelf: Shelf;
let time: number;
let drafts: Drafts;
beforeEach(() => {
	shelf = new Shelf();
	time = 1_000_000;
	drafts = new Drafts(shelf, () => time);
});

describe('Drafts', () => {
	it('gives back what was written, for each target its own', () => {
		drafts.save(target.reply(1), { body: 'top' });
		drafts.save(target.reply(1, 9), { body: 'below' });
		drafts.save(target.post('garden'), { title: 'T', body: '', link: 'https://a.example' });
		expect(drafts.load(target.reply(1))).toEqual({ body: 'top', at: time });
		expect(drafts.load(target.reply(1, 9))?.body).toBe('below');
		expect(drafts.load(target.post('garden'))?.link).toBe('https://a.example');
		expect(drafts.load(target.post('bread'))).toBeUndefined();
	});

	it('keeps an event as soon as something is said of it', () => {
		const event = { starts: '', ends: '', zone: 'Europe/Berlin', place: '', url: '' };
		drafts.save(target.post('garden'), { title: '', event });
		expect(drafts.load(target.post('garden'))).toBeUndefined();
		drafts.save(target.post('garden'), { title: '', event: { ...event, starts: '2026-07-11T19:00' } });
		expect(drafts.load(target.post('garden'))?.event?.starts).toBe('2026-07-11T19:00');
	});

	it('keeps nothing of an emptied text', () => {
		drafts.save('reply:1:top', { body: 'x' });
		expect(drafts.save('reply:1:top', { body: ' \n' })).toBe(true);
		expect(drafts.load('reply:1:top')).toBeUndefined();
		expect(shelf.length).toBe(0);
	});

	it('keeps a poll, and forgets one in which nothing stands', () => {
		const poll = { options: ['Saturday', ''], multiple: true, time: 3600 };
		drafts.save('post:garden', { title: '', poll });
		expect(drafts.load('post:garden')?.poll).toEqual(poll);
		drafts.save('post:garden', { poll: { ...poll, options: ['', ' '] } });
		expect(drafts.load('post:garden')).toBeUndefined();
	});

	it('says so when it cannot keep it', () => {
		shelf.full = true;
		expect(drafts.save('k', { body: 'x' })).toBe(false);
		expect(new Drafts(undefined).save('k', { body: 'x' })).toBe(false);
		expect(new Drafts(undefined).load('k')).toBeUndefined();
	});

	it.each(['no json', '7', 'null', '{"body":"x"}', '{"at":1}'])('survives %j in its place', (raw) => {
		shelf.setItem('ds-draft:k', raw);
		expect(drafts.load('k')).toBeUndefined();
	});

	it('forgets after a month what is its own, and nothing else', () => {
		shelf.setItem('other', 'mine');
		shelf.setItem('ds-draft:broken', '{');
		drafts.save('old', { body: 'x' });
		time += 31 * 24 * 3_600_000;
		drafts.save('new', { body: 'y' });
		drafts.prune();
		expect(drafts.load('old')).toBeUndefined();
		expect(drafts.load('new')?.body).toBe('y');
		expect(shelf.getItem('other')).toBe('mine');
		expect(shelf.length).toBe(2);
	});
});
