import { describe, expect, it } from 'vitest';
import { Problem } from '../api/problem.ts';
import type { KeptDraft } from '../api/types.ts';
import { type Calls, Upkeep } from './upkeep.svelte.ts';

/** A server with one draft, on which others can write. */
function server(start?: Partial<KeptDraft>) {
	let held = start as KeptDraft | undefined;
	const asked: string[] = [];
	const wait: (() => void)[] = [];
	let slow = false;
	let broken = false;
	const calls: Calls = {
		keep: async (_, words) => {
			asked.push(words.body ?? '');
			if (slow) await new Promise<void>((go) => wait.push(go));
			if (broken) throw new Problem('offline', 'no line');
			if ((held?.version ?? 0) !== words.version) throw new Problem('conflict', 'two', 409);
			held = { ...words, version: words.version + 1 } as unknown as KeptDraft;
			return held;
		},
		find: async () => held,
		drop: async () => (held = undefined)
	};
	return {
		calls,
		asked,
		held: () => held,
		write: (body: string) => (held = { body, version: (held?.version ?? 0) + 1 } as KeptDraft),
		slow: (yes: boolean) => (slow = yes),
		go: () => wait.shift()?.(),
		broken: (yes: boolean) => (broken = yes)
	};
}

describe('Upkeep', () => {
	it('sends one at a time, and of those that wait the last', async () => {
		const s = server();
		s.slow(true);
		const up = new Upkeep('p', 0, s.calls);
		const all = up.push({ body: 'a' });
		void up.push({ body: 'ab' });
		void up.push({ body: 'abc' });
		expect(up.state).toBe('saving');
		s.go();
		await Promise.resolve();
		s.slow(false);
		await all;
		expect(s.asked).toEqual(['a', 'abc']);
		expect([up.state, up.version, up.dirty]).toEqual(['kept', 2, false]);
	});

	it('shows what another device wrote, and loses neither', async () => {
		const s = server();
		const up = new Upkeep('p', 0, s.calls);
		await up.push({ body: 'here' });
		s.write('there');
		await up.push({ body: 'here, too' });
		expect(up.theirs?.body).toBe('there');
		await up.push({ body: 'nothing is sent until it is decided' });
		expect(s.held()?.body).toBe('there');
		await up.keepMine({ body: 'mine' });
		expect([s.held()?.body, up.theirs, up.state]).toEqual(['mine', undefined, 'kept']);
		s.write('again');
		await up.push({ body: 'x' });
		expect(up.takeTheirs()?.body).toBe('again');
		await up.push({ body: 'again and on' });
		expect(s.held()?.body).toBe('again and on');
	});

	it('waits for a line, with what is here', async () => {
		const s = server();
		s.broken(true);
		const up = new Upkeep('p', 0, s.calls);
		await up.push({ body: 'a' });
		expect([up.state, up.dirty]).toEqual(['away', true]);
		s.broken(false);
		await up.push({ body: 'a' });
		expect([up.state, up.dirty]).toEqual(['kept', false]);
	});

	it('brings along what is newer, and asks when something is unsent here', async () => {
		const s = server({ body: 'old', version: 4 });
		const up = new Upkeep('p', 4, s.calls);
		expect(await up.look()).toBeUndefined();
		s.write('new');
		expect((await up.look())?.body).toBe('new');
		s.write('newer');
		up.dirty = true;
		expect(await up.look()).toBeUndefined();
		expect(up.theirs?.body).toBe('newer');
	});

	it('knows what is gone from what cannot be asked', async () => {
		const s = server();
		expect(await new Upkeep('p', 3, s.calls).look()).toBeNull();
		const offline = { ...s.calls, find: () => Promise.reject(new Problem('offline', '')) };
		expect(await new Upkeep('p', 3, offline).look()).toBeUndefined();
	});

	it('sends nothing more once it rests', async () => {
		const s = server();
		const up = new Upkeep('p', 0, s.calls);
		await up.push({ body: 'a' });
		await up.rest();
		await up.push({ body: 'b' });
		expect(s.asked).toEqual(['a']);
		await up.drop();
		expect(s.held()).toBeUndefined();
	});
});
