// Takes what is being written to the server, so that it waits on every device.
// It is kept in this browser first (autosave.svelte.ts); this comes after, and
// may fail without anything being lost.
import { draft, drafts as listDrafts, dropDraft, keepDraft } from '../api/drafts.ts';
import { Problem } from '../api/problem.ts';
import type { DraftWords, KeptDraft } from '../api/types.ts';

export type Words = Omit<DraftWords, 'version'>;

export interface Calls {
	keep: (key: string, words: DraftWords) => Promise<KeptDraft>;
	find: (key: string) => Promise<KeptDraft | undefined>;
	drop: (key: string) => Promise<unknown>;
}

const asked: Calls = {
	keep: keepDraft,
	/** Nothing, without an error, where there is none. */
	find: async (key) => ((await listDrafts()).items.some((d) => d.key === key) ? draft(key) : undefined),
	drop: dropDraft
};

/** A key that no other draft has. */
export const newKey = (): string => 'p-' + Array.from(crypto.getRandomValues(new Uint8Array(8)), (n) => n.toString(16).padStart(2, '0')).join('');

export class Upkeep {
	/** Where the words are: on their way, on the server, only here, or there is no room. */
	state = $state<'' | 'saving' | 'kept' | 'away' | 'full'>('');
	/** What another device made of it meanwhile, until its author says which they want. */
	theirs = $state.raw<KeptDraft>();
	/** Whether something is written that the server does not have. */
	dirty = false;
	key: string;
	version: number;

	readonly #calls: Calls;
	#running: Promise<void> | undefined;
	#next: Words | undefined;
	#still = false;
	#known = '';

	constructor(key: string, version = 0, calls: Calls = asked) {
		this.key = key;
		this.version = version;
		this.#calls = calls;
	}

	/** What the server has, to the letter: it need not be told. */
	settle(words: Words): void {
		this.#known = JSON.stringify(words);
	}

	/** Sends words, one at a time: of those that wait, the last. */
	push(words: Words): Promise<void> {
		if (!this.#running && JSON.stringify(words) === this.#known) {
			this.dirty = false;
			return Promise.resolve();
		}
		this.dirty = true;
		if (this.#still || this.theirs) return Promise.resolve();
		this.#next = words;
		return (this.#running ??= this.#work().finally(() => (this.#running = undefined)));
	}

	async #work(): Promise<void> {
		for (let words = this.#next; words && !this.#still && !this.theirs; words = this.#next) {
			this.#next = undefined;
			this.state = 'saving';
			try {
				this.version = (await this.#calls.keep(this.key, { ...words, version: this.version })).version;
				this.settle(words);
				this.dirty = this.#next !== undefined;
				this.state = 'kept';
			} catch (e) {
				await this.#refused(e);
			}
		}
	}

	async #refused(e: unknown): Promise<void> {
		this.state = 'away';
		if (!(e instanceof Problem) || e.code !== 'conflict') return;
		try {
			this.theirs = await this.#calls.find(this.key);
			if (!this.theirs) this.state = 'full';
		} catch {
			// It is asked again with the next change.
		}
	}

	/** What is here takes the place of what another device wrote. */
	keepMine(words: Words): Promise<void> {
		this.version = this.theirs?.version ?? this.version;
		this.theirs = undefined;
		return this.push(words);
	}

	/** What another device wrote takes the place of what is here. */
	takeTheirs(): KeptDraft | undefined {
		const theirs = this.theirs;
		this.theirs = undefined;
		if (theirs) this.version = theirs.version;
		this.dirty = false;
		this.state = 'kept';
		return theirs;
	}

	/**
	 * Looks what the server has. It gives back what is newer and may take the
	 * place of what is here; with something unsent here, it asks first. Null: it
	 * is gone there, since it was published or thrown away.
	 */
	async look(): Promise<KeptDraft | null | undefined> {
		let found: KeptDraft | undefined;
		try {
			found = await this.#calls.find(this.key);
		} catch {
			return undefined; // what is here is what there is, for now
		}
		if (found === undefined) {
			const gone = this.version > 0 && !this.dirty;
			this.version = 0;
			return gone ? null : undefined;
		}
		if (found.version === this.version) return undefined;
		if (this.dirty) {
			this.theirs = found;
			return undefined;
		}
		this.version = found.version;
		return found;
	}

	/** Nothing more is sent, and nothing is under way any more. */
	async rest(): Promise<void> {
		this.#still = true;
		this.#next = undefined;
		await this.#running;
	}

	/** Nothing is written any more, and nothing is to be kept. */
	async clear(): Promise<void> {
		this.#next = undefined;
		await this.#running;
		if (this.version === 0 || this.#still) return;
		await this.#calls.drop(this.key).then(
			() => {
				this.version = 0;
				this.#known = '';
			},
			() => undefined // it is asked again with the next change
		);
		this.state = '';
	}

	/** Another draft begins. */
	renew(): void {
		this.key = newKey();
		this.version = 0;
		this.theirs = undefined;
		this.#known = '';
		this.dirty = this.#still = false;
		this.state = '';
	}

	/** It goes on after all. */
	wake(): void {
		this.#still = false;
	}

	/** It is thrown away, everywhere. */
	async drop(): Promise<void> {
		await this.rest();
		if (this.version > 0) await this.#calls.drop(this.key);
	}
}
