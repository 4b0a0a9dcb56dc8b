// What somebody wrote and has not sent yet, kept in this browser per target.

import type { Attachment, KeptDraft } from '../api/types.ts';

/** A poll that is being put together. */
export interface PollSketch {
	options: string[];
	multiple: boolean;
	/** How long it runs, in seconds. */
	time: number;
}

/** An event that is being written: times as their inputs have them. */
export interface EventSketch {
	starts: string;
	ends: string;
	/** Whose clock is meant, such as Europe/Berlin. */
	zone: string;
	place: string;
	url: string;
}

export interface Draft {
	title?: string;
	body?: string;
	link?: string;
	/** The tag of the language that it is in. */
	language?: string;
	poll?: PollSketch;
	event?: EventSketch;
	/** What was uploaded for it. */
	media?: Attachment[];
	/** Where it is kept for other devices. */
	remote?: RemoteDraft;
	/** When it was saved, in milliseconds. */
	at: number;
}

/** What the server has of a draft, as far as this browser knows. */
export interface RemoteDraft {
	key: string;
	version: number;
	/** Whose it is: somebody else may sign in here. */
	who: string;
	/** Something was written since that the server does not have. */
	dirty: boolean;
}

/** What the server has, as the form has it. */
export const draftFrom = (from: KeptDraft): Draft => ({
	title: from.title,
	body: from.body,
	link: from.link ?? '',
	language: from.language ?? '',
	poll: from.poll && { options: from.poll.options, multiple: from.poll.multiple, time: from.poll.closes_in },
	event: from.event,
	media: from.media,
	at: Date.parse(from.updated_at)
});

const prefix = 'ds-draft:';
const month = 30 * 24 * 3_600_000;

export const target = {
	post: (group: string): string => `post:${group}`,
	kept: (key: string): string => `kept:${key}`,
	editPost: (id: number): string => `edit-post:${id}`,
	reply: (post: number, parent?: number): string => `reply:${post}:${parent ?? 'top'}`,
	editComment: (id: number): string => `edit-comment:${id}`,
	message: (me: string, to: string): string => `message:${me}:${to}`
};

const blank = (d: Partial<Draft>): boolean =>
	!d.media?.length &&
	![d.title, d.body, d.link, ...(d.poll?.options ?? []), d.event?.starts, d.event?.ends, d.event?.place, d.event?.url].some((text) => text && text.trim());

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

	/** What one person wrote: nobody else's who signs in here. */
	loadOf(key: string, who: string): Draft | undefined {
		const draft = this.load(key);
		return draft?.remote && draft.remote.who !== who ? undefined : draft;
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
		for (const key of this.#keys()) {
			const draft = this.load(key);
			if (!draft || this.#now() - draft.at > month) this.drop(key);
		}
	}

	/** Forgets what was meant for one reader: nobody else is to find it here. */
	dropMessages(): void {
		for (const key of this.#keys()) if (key.startsWith('message:')) this.drop(key);
	}

	#keys(): string[] {
		try {
			const all = Array.from({ length: this.#storage?.length ?? 0 }, (_, i) => this.#storage?.key(i) ?? '');
			return all.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
		} catch {
			return [];
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
