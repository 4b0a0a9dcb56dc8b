// How much waits for somebody, as last heard: with the page, or live.
interface Waiting {
	unread: number;
	unread_messages: number;
}

let unread = $state(0);
let messages = $state(0);
let heard = $state(0);

export const counts = {
	get unread(): number {
		return unread;
	},
	get messages(): number {
		return messages;
	},
	/** How often more than before was waiting: whoever shows a list compares. */
	get at(): number {
		return heard;
	},
	/** What came with a page. */
	from(me: Waiting | null): void {
		unread = me?.unread ?? 0;
		messages = me?.unread_messages ?? 0;
	},
	/** What was heard while it stands open. */
	hear(now: { unread: number; messages: number }): void {
		if (now.unread > unread) heard++;
		unread = now.unread;
		messages = now.messages;
	}
};
