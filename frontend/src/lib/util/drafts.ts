// What somebody wrote and has not sent yet, kept in this browser per target.

/** A poll that is being put together. */
export interface PollSketch {
	options: string[];
	multiple: boolean;
	/** How long it runs, in seconds. */
	time: number;
}

export interface Draft {
	title?: string;
	body?: string;
	link?: string;
	poll?: PollSketch;
	/** When it was saved, in milliseconds. */
	at: number;
}

const prefix = 'ds-draft:';
const month = 30 * 24 * 3_600_000;

export const target = {
	post: (group: string): string => `post:${group}`,
	editPost: (id: number): string => `edit-post:${id}`,
	reply: (post: number, parent?: number): string => `reply:${post}:${parent ?? 'top'}`,
	editComment: (id: number): string => `edit-comment:${id}`
};

const blank = (d: Partial<Draft>): boolean =>
	![d.title, d.body, d.link, ...(d.poll?.options ?? [])].some((text) => text && text.trim());

export class Drafts {
	readonly #storage: Storage | undefined;
	readonly #now: () => number;

	constructor(storage: Storage | undefined, now: () => number = Date.now) {
		this.#storage = storage;
		this.#now = now;
	}

	/** Saves, or forgets when there is nothing in it. False: it could not. */
	save(key: string, draft: Omit<Draft, 'at'>): boolean {
		if (blank(draft)) {
			this.drop(key);
			return true;
		}
		try {
			if (!this.#storage) return false;
			this.#storage.setItem(prefix + key, JSON.stringify({ ...draft, at: this.#now() }));
			return true;
		} catch {
			return false; // full, or switched off
		}
	}

	load(key: string): Draft | undefined {
		try {
			const raw: unknown = JSON.parse(this.#storage?.getItem(prefix + key) ?? 'null');
			if (typeof raw !== 'object' || raw === null) return undefined;
			const draft = raw as Draft;
			return typeof draft.at === 'number' && !blank(draft) ? draft : undefined;
		} catch {
			return undefined;
		}
	}

	drop(key: string): void {
		try {
			this.#storage?.removeItem(prefix + key);
		} catch {
			// Without storage there is nothing to forget.
		}
	}

	/** Forgets what nobody came back to for a month. */
	prune(): void {
		const storage = this.#storage;
		if (!storage) return;
		const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? '');
		for (const key of keys) {
			if (!key.startsWith(prefix)) continue;
			const draft = this.load(key.slice(prefix.length));
			if (!draft || this.#now() - draft.at > month) storage.removeItem(key);
		}
	}
}

function browserStorage(): Storage | undefined {
	try {
		return globalThis.localStorage;
	} catch {
		return undefined; // asking alone may be forbidden
	}
}

export const drafts = new Drafts(browserStorage());
