// The state of a thread on the screen: of a whole one, or of one comment with
// what stands above and below it.
import { untrack } from 'svelte';
import { page } from '$app/state';
import type { Actor, Comment, Page, Post } from '../api/types.ts';
import { shape, withPage, withReply, type Branch } from '../util/tree.ts';
import { visit } from '../util/visits.ts';
import { chooseAnswer, focusComment, setThread, type Quotation, type ThreadContext } from './thread.ts';

export interface ThreadProps {
	readonly post: Post;
	readonly list: Page<Comment>;
	readonly sort: string;
	readonly target?: number;
	readonly answering?: number;
	onchange: (change: Partial<Post>) => void;
}

export class Threading implements ThreadContext {
	/** Asked one by one: a post that changes brings no list back as it was. */
	readonly #of: ThreadProps;
	#fresh = $state.raw<ReadonlySet<number>>(new Set());
	#asked = $state.raw<Quotation>();

	flat: Comment[] = $derived.by(() => this.#of.list.items);
	next: string | undefined = $derived.by(() => this.#of.list.next);
	readonly tree: Branch<Comment>[] = $derived(shape(this.flat));
	/** How far the reader had come before this visit. */
	readonly before = $derived.by(() => {
		const { post } = this.#of;
		return untrack(() => (page.data.me ? visit(post) : undefined));
	});
	/** Whether answers are open at all, also to who is not signed in. */
	readonly takes: boolean = $derived.by(() => {
		const { post } = this.#of;
		return !post.locked && !post.removed && !post.deleted && !post.group.deleted;
	});

	constructor(of: ThreadProps) {
		this.#of = of;
		setThread(this);
	}

	get post(): number {
		return this.#of.post.id;
	}
	get author(): number {
		return this.#of.post.author.id;
	}
	get group(): Actor {
		return this.#of.post.group;
	}
	get target(): number | undefined {
		return this.#of.target;
	}
	get answering(): number | undefined {
		return this.#of.answering;
	}
	get answer(): number | null {
		return this.#of.post.answer_id;
	}
	get judge(): boolean {
		return this.#of.post.can.answer;
	}
	get open(): boolean {
		return this.takes && (!page.data.me || this.#of.post.can.reply);
	}
	get quoted(): Quotation | undefined {
		return this.#asked;
	}
	get sort(): string {
		return this.#of.sort;
	}
	/** Whether anything of the thread is on other pages. */
	get whole(): boolean {
		return !this.next && !page.url.searchParams.has('cursor');
	}

	choose = (id: number | null): Promise<void> => chooseAnswer(this.#of.post, id, (change) => this.say(change));

	say(change: Partial<Post>): void {
		this.#of.onchange(change);
	}

	isNew = (comment: Comment): boolean =>
		this.#fresh.has(comment.id) ||
		(this.before !== undefined && comment.id > this.before.through && comment.author.id !== page.data.me?.id);

	/** A comment that its author sees at once, first below what it answers. */
	added(comment: Comment): void {
		this.flat = withReply(this.flat, comment);
		this.#marked([comment]);
		this.say({ comment_count: this.#of.post.comment_count + 1 });
	}

	/** Comments that came while the thread was open. */
	arrived(list: Comment[], place: (flat: Comment[], comment: Comment) => Comment[]): void {
		this.flat = list.reduce(place, this.flat);
		this.#marked(list);
	}

	#marked(list: Comment[]): void {
		this.#fresh = new Set([...this.#fresh, ...list.map((c) => c.id)]);
	}

	changed(id: number, change: Partial<Comment>): void {
		this.flat = this.flat.map((c) => (c.id === id ? { ...c, ...change } : c));
	}

	quote(id: number | null, text: string): void {
		this.#asked = { id, text };
	}

	async more(ask: (cursor: string) => Promise<Page<Comment>>, cursor: string): Promise<void> {
		const found = await ask(cursor);
		const first = found.items.find((c) => !this.flat.some((known) => known.id === c.id));
		this.flat = withPage(this.flat, found.items);
		this.next = found.next;
		// The button that had the focus goes with the last page.
		if (first && !this.next) await focusComment(first.id);
	}
}
