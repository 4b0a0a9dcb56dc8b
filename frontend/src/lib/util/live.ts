// What happens, as it happens: one connection for all tabs of a browser. One of
// them holds it and passes on what it hears; when that one is closed, another
// takes over. Where the connection cannot be had, the counts are asked for now
// and then.

/** How much waits in the notifications and messages. */
export interface Counts {
	unread: number;
	messages: number;
}

/** Something about a comment in a thread that is open. */
export interface CommentHeard {
	what: string;
	post_id: number;
	comment_id: number | null;
	parent_id: number | null;
	own: boolean;
}

/** A new post in feeds that are open, or something about that of a thread. */
export interface PostHeard {
	what: string;
	post_id: number;
	feeds?: string[];
	own: boolean;
}

/** How something in a thread stands. */
export interface VotesHeard {
	post_id: number;
	comment_id: number | null;
	score: number;
	ups: number;
	downs: number;
}

/** What a page does about what it hears. */
export interface Ear {
	comment?: (heard: CommentHeard) => void;
	post?: (heard: PostHeard) => void;
	votes?: (heard: VotesHeard) => void;
	/** Too much was missed: look at everything again. */
	reset?: () => void;
}

/** What a page has open: threads by the number of their post, feeds as home, local, all, c/GROUP or f/FEED. */
export interface Wish {
	threads?: number[];
	feeds?: string[];
}

const kinds = ['unread', 'comment', 'post', 'votes', 'reset', 'bye'] as const;
type Kind = (typeof kinds)[number];

type Said =
	| { say: 'wish'; from: string; wish: string[] }
	| { say: 'who' }
	| { say: 'gone'; from: string }
	| { say: 'heard'; kind: Kind; data: string };

/** The connection is made anew this long after the wishes changed. */
const settle = 300;
/** How often the counts are asked for where there is no connection. */
const poll = 60_000;

/** The address for what all tabs wish; wishes are "thread=1" or "feed=home". */
export function addressFor(wishes: Iterable<string[]>, after: string): string {
	const all = [...new Set([...wishes].flat())].sort();
	const some = [
		...all.filter((w) => w.startsWith('thread=')).slice(0, 20),
		...all.filter((w) => w.startsWith('feed=')).slice(0, 20)
	];
	if (after) some.push(`after=${after}`);
	return '/api/v1/stream' + (some.length ? '?' + some.join('&') : '');
}

export const wishWords = ({ threads = [], feeds = [] }: Wish): string[] => [
	...threads.map((id) => `thread=${id}`),
	...feeds.map((name) => `feed=${encodeURIComponent(name)}`)
];

class Live {
	#id = crypto.getRandomValues(new Uint32Array(2)).join('-');
	#channel: BroadcastChannel | undefined;
	#counts: ((now: Counts) => void) | undefined;
	#ears = new Map<Ear, string[]>();
	#wishes = new Map<string, string[]>();
	#source: EventSource | undefined;
	#after = '';
	#timer: ReturnType<typeof setTimeout> | undefined;
	#poller: ReturnType<typeof setInterval> | undefined;
	#leave: (() => void) | undefined;
	#leads = false;

	start(counts: (now: Counts) => void): void {
		this.stop();
		this.#counts = counts;
		if (typeof EventSource === 'undefined') return;
		if (typeof BroadcastChannel !== 'undefined') {
			this.#channel = new BroadcastChannel('ds-live');
			this.#channel.onmessage = ({ data }: MessageEvent<Said>) => this.#said(data);
			addEventListener('pagehide', this.#hide);
			addEventListener('pageshow', this.#wish);
		}
		this.#wish();
		if (!this.#channel || !navigator.locks) return this.#lead();
		void navigator.locks.request('ds-live', () => {
			if (!this.#counts) return;
			this.#lead();
			return new Promise<void>((done) => (this.#leave = done));
		});
	}

	stop(): void {
		this.#counts = undefined;
		this.#leads = false;
		this.#leave?.();
		this.#leave = undefined;
		this.#hang();
		this.#hide();
		removeEventListener('pagehide', this.#hide);
		removeEventListener('pageshow', this.#wish);
		this.#channel?.close();
		this.#channel = undefined;
		this.#wishes.clear();
	}

	/** Hears what happens where a page is, until what it returns is called. */
	listen(wish: Wish, ear: Ear): () => void {
		this.#ears.set(ear, wishWords(wish));
		this.#wish();
		return () => {
			this.#ears.delete(ear);
			this.#wish();
		};
	}

	#lead(): void {
		this.#leads = true;
		this.#tell({ say: 'who' });
		this.#connect();
	}

	/** Says what this tab wishes. */
	#wish = (): void => {
		if (!this.#counts) return;
		const wish = [...this.#ears.values()].flat();
		this.#wishes.set(this.#id, wish);
		this.#tell({ say: 'wish', from: this.#id, wish });
		this.#later();
	};

	#hide = (): void => this.#tell({ say: 'gone', from: this.#id });

	#tell(said: Said): void {
		this.#channel?.postMessage(said);
	}

	#said(said: Said): void {
		if (said.say === 'heard') return this.#heard(said.kind, said.data);
		if (said.say === 'who') return this.#wish();
		if (said.say === 'gone') this.#wishes.delete(said.from);
		else this.#wishes.set(said.from, said.wish);
		// Who leaves costs nothing until the connection is made anew.
		if (said.say === 'wish') this.#later();
	}

	#later(): void {
		if (!this.#leads) return;
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => {
			const now = addressFor(this.#wishes.values(), '');
			if (now !== this.#open) this.#connect();
		}, settle);
	}

	#open = '';

	#connect(): void {
		this.#hang();
		if (!this.#leads) return;
		this.#open = addressFor(this.#wishes.values(), '');
		const source = new EventSource(addressFor(this.#wishes.values(), this.#after));
		this.#source = source;
		for (const kind of kinds) {
			source.addEventListener(kind, (event: MessageEvent<string>) => {
				if (event.lastEventId) this.#after = event.lastEventId;
				this.#tell({ say: 'heard', kind, data: event.data });
				this.#heard(kind, event.data);
				if (kind === 'bye') this.#hang();
			});
		}
		// The browser comes back by itself, but not where it was refused.
		source.onerror = () => {
			if (source.readyState === EventSource.CLOSED) this.#ask();
		};
	}

	#hang(): void {
		clearTimeout(this.#timer);
		clearInterval(this.#poller);
		this.#poller = undefined;
		this.#source?.close();
		this.#source = undefined;
	}

	/** Asks now and then, and tries to listen again as often. */
	#ask(): void {
		if (this.#poller) return;
		this.#poller = setInterval(() => this.#connect(), poll);
		void fetch('/api/v1/notifications/unread')
			.then((answer) => (answer.ok ? answer.text() : ''))
			.then((text) => {
				if (!text) return;
				this.#tell({ say: 'heard', kind: 'unread', data: text });
				this.#heard('unread', text);
			})
			.catch(() => undefined);
	}

	#heard(kind: Kind, data: string): void {
		const what = JSON.parse(data) as never;
		if (kind === 'unread') return this.#counts?.(what);
		if (kind === 'bye') return;
		for (const [ear] of this.#ears) ear[kind]?.(what);
	}
}

export const live = new Live();
