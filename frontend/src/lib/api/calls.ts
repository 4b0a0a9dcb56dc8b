// Every question this app asks, by name. Lists never come back without items.
import { ask, client } from './client.ts';
import { Problem } from './problem.ts';
import type { paths } from './schema.gen';
import type {
	App,
	Ban,
	BanDraft,
	Choice,
	Comment,
	Conversation,
	ConversationRow,
	Decision,
	FeedFollow,
	Group,
	GroupFeed,
	Instance,
	Letter,
	Me,
	Member,
	Membership,
	Notification,
	Page,
	Passkey,
	Person,
	EventDraft,
	PollDraft,
	Post,
	PostPage,
	Resolved,
	SearchResult,
	Session,
	Token,
	TokenDraft,
	Visibility,
	Vote
} from './types.ts';

/** What may be asked of a list: its sorts, its views, its cursor. */
export type Query<P extends Asked> = NonNullable<paths[P]['get']['parameters']['query']>;
type Asked = {
	[P in keyof paths]: paths[P] extends { get: { parameters: { query?: object } } } ? P : never;
}[keyof paths];

interface LooseList<T> {
	items?: T[] | null;
	next?: string | null;
}

export async function list<T>(promise: Promise<LooseList<T>>): Promise<Page<T>> {
	const page = await promise;
	return { items: page.items ?? [], next: page.next || undefined };
}

/** A page of posts, with the order that it is in. */
export async function posts(promise: Promise<LooseList<Post> & Pick<PostPage, 'sort' | 'within'>>): Promise<PostPage> {
	const page = await promise;
	return { items: page.items ?? [], next: page.next || undefined, sort: page.sort, within: page.within };
}

// ---- here and me

export const instance = (): Promise<Instance> => ask(client.GET('/instance'));

/** Who is signed in; null for nobody, which is no error. */
export async function me(): Promise<Me | null> {
	try {
		return await ask(client.GET('/me'));
	} catch (e) {
		if (e instanceof Problem && e.code === 'unauthenticated') return null;
		throw e;
	}
}

export const updateMe = (body: {
	title?: string;
	summary?: string;
	email?: string;
	discoverable?: boolean;
	indexable?: boolean;
	messages_from?: Me['messages_from'];
}): Promise<Me> =>
	ask(client.PATCH('/me', { body }));

export const signIn = (name: string, password: string, code = ''): Promise<Me> =>
	ask(client.POST('/session', { body: { name, password, ...(code && { code }) } }));

/** Proves by the password, or a code, who is there. */
export const confirm = (proof: { password: string } | { code: string }): Promise<unknown> => ask(client.POST('/session/confirm', { body: proof }));

export const signOut = (): Promise<unknown> => ask(client.DELETE('/session'));

// ---- reading

export const feed = (query: Query<'/feed'>): Promise<PostPage> =>
	posts(ask(client.GET('/feed', { params: { query } })));

/** The lists of groups that the reader follows, or keeps. */
export const groupFeeds = (query: Query<'/feeds'> = {}): Promise<Page<GroupFeed>> =>
	list(ask(client.GET('/feeds', { params: { query } })));

/** A list of groups that somebody keeps. */
export const groupFeed = (feed: string): Promise<GroupFeed> =>
	ask(client.GET('/feeds/{feed}', { params: { path: { feed } } }));

export const groupFeedPosts = (feed: string, query: Query<'/feeds/{feed}/posts'>): Promise<PostPage> =>
	posts(ask(client.GET('/feeds/{feed}/posts', { params: { path: { feed }, query } })));

export const groups = (query: Query<'/groups'>): Promise<Page<Group>> =>
	list(ask(client.GET('/groups', { params: { query } })));

export const group = (name: string): Promise<Group> =>
	ask(client.GET('/groups/{group}', { params: { path: { group: name } } }));

export const groupPosts = (name: string, query: Query<'/groups/{group}/posts'>): Promise<PostPage> =>
	posts(
		ask(
			client.GET('/groups/{group}/posts', {
				params: { path: { group: name }, query }
			})
		)
	);

export const post = (id: number): Promise<Post> =>
	ask(client.GET('/posts/{id}', { params: { path: { id } } }));

export const comments = (id: number, query: Query<'/posts/{id}/comments'>): Promise<Page<Comment>> =>
	list(
		ask(
			client.GET('/posts/{id}/comments', { params: { path: { id }, query } })
		)
	);

export interface CommentContext {
	comment: Comment;
	ancestors: Comment[];
	post: Post;
}

export async function comment(id: number, context: number): Promise<CommentContext> {
	const found = await ask(
		client.GET('/comments/{id}', { params: { path: { id }, query: { context } } })
	);
	return { comment: found.comment, ancestors: found.ancestors ?? [], post: found.post };
}

/** Everything below a comment, flat in tree order. */
export const replies = (id: number, query: Query<'/comments/{id}/replies'>): Promise<Page<Comment>> =>
	list(ask(client.GET('/comments/{id}/replies', { params: { path: { id }, query } })));

export const person = (name: string): Promise<Person> =>
	ask(client.GET('/people/{person}', { params: { path: { person: name } } }));

export const personPosts = (name: string, query: Query<'/people/{person}/posts'>): Promise<PostPage> =>
	posts(
		ask(
			client.GET('/people/{person}/posts', {
				params: { path: { person: name }, query }
			})
		)
	);

export const personComments = (name: string, query: Query<'/people/{person}/comments'>): Promise<Page<Comment>> =>
	list(
		ask(
			client.GET('/people/{person}/comments', {
				params: { path: { person: name }, query }
			})
		)
	);

export async function search(query: Query<'/search'>): Promise<Required<SearchResult>> {
	const found = await ask(client.GET('/search', { params: { query } }));
	return {
		...found,
		posts: found.posts ?? [],
		comments: found.comments ?? [],
		groups: found.groups ?? [],
		people: found.people ?? []
	} as Required<SearchResult>;
}

export const resolve = (q: string): Promise<Resolved> =>
	ask(client.GET('/resolve', { params: { query: { q } } }));

/** Where an account elsewhere acts on something from its own server. */
export const intent = (account: string, uri: string): Promise<{ url: string }> =>
	ask(client.GET('/intent', { params: { query: { account, uri } } }));

// ---- writing

export interface NewPost {
	title: string;
	body?: string;
	link?: string;
	language?: string;
	sensitive?: boolean;
	question?: boolean;
	poll?: PollDraft;
	event?: EventDraft;
	quote?: { post_id?: number; comment_id?: number };
	media?: number[];
	/** The key of the draft that it was. */
	draft?: string;
}

export const createPost = (name: string, body: NewPost): Promise<Post> =>
	ask(client.POST('/groups/{group}/posts', { params: { path: { group: name } }, body }));

export const updatePost = (id: number, body: Partial<Omit<NewPost, 'poll' | 'quote'>>): Promise<Post> =>
	ask(client.PATCH('/posts/{id}', { params: { path: { id } }, body }));

export const deletePost = (id: number): Promise<unknown> =>
	ask(client.DELETE('/posts/{id}', { params: { path: { id } } }));

export const createComment = (
	post: number,
	body: { body: string; parent_id?: number; media?: number[]; draft?: string }
): Promise<Comment> =>
	ask(client.POST('/posts/{id}/comments', { params: { path: { id: post } }, body }));

export const updateComment = (id: number, body: { body: string; media?: number[] }): Promise<Comment> =>
	ask(client.PATCH('/comments/{id}', { params: { path: { id } }, body }));

export const deleteComment = (id: number): Promise<unknown> =>
	ask(client.DELETE('/comments/{id}', { params: { path: { id } } }));

export const votePost = (id: number, value: Choice): Promise<Vote> =>
	ask(client.PUT('/posts/{id}/vote', { params: { path: { id } }, body: { value } }));

export const voteComment = (id: number, value: Choice): Promise<Vote> =>
	ask(client.PUT('/comments/{id}/vote', { params: { path: { id } }, body: { value } }));

/** A vote in a poll is final: everything is chosen at once. */
export const votePoll = (id: number, options: number[]): Promise<Post> =>
	ask(client.PUT('/posts/{id}/poll/vote', { params: { path: { id } }, body: { options } }));

/** Says which comment answers a post; null: none, after all. */
export const setAnswer = (id: number, comment: number | null): Promise<unknown> =>
	comment === null
		? ask(client.DELETE('/posts/{id}/answer', { params: { path: { id } } }))
		: ask(client.PUT('/posts/{id}/answer', { params: { path: { id } }, body: { comment_id: comment } }));

export const removePost = (id: number, reason: string, with_replies = false): Promise<unknown> =>
	ask(client.POST('/posts/{id}/removal', { params: { path: { id } }, body: { reason, with_replies } }));

export const restorePost = (id: number): Promise<unknown> =>
	ask(client.DELETE('/posts/{id}/removal', { params: { path: { id } } }));

export const removeComment = (id: number, reason: string, with_replies = false): Promise<unknown> =>
	ask(client.POST('/comments/{id}/removal', { params: { path: { id } }, body: { reason, with_replies } }));

export const restoreComment = (id: number): Promise<unknown> =>
	ask(client.DELETE('/comments/{id}/removal', { params: { path: { id } } }));

// ---- moderation

/** Locks a post or comment, or opens it again. */
export const setLocked = (kind: 'post' | 'comment', id: number, locked: boolean, reason?: string): Promise<unknown> => {
	const params = { path: { id } };
	if (kind === 'post')
		return locked
			? ask(client.POST('/posts/{id}/lock', { params, body: { reason } }))
			: ask(client.DELETE('/posts/{id}/lock', { params }));
	return locked
		? ask(client.POST('/comments/{id}/lock', { params, body: { reason } }))
		: ask(client.DELETE('/comments/{id}/lock', { params }));
};

export const setFeatured = (id: number, featured: boolean): Promise<unknown> =>
	featured
		? ask(client.PUT('/posts/{id}/featured', { params: { path: { id } } }))
		: ask(client.DELETE('/posts/{id}/featured', { params: { path: { id } } }));

export const setSensitive = (id: number, sensitive: boolean): Promise<unknown> =>
	sensitive
		? ask(client.PUT('/posts/{id}/sensitive', { params: { path: { id } } }))
		: ask(client.DELETE('/posts/{id}/sensitive', { params: { path: { id } } }));

export const addModerator = (group: string, person: string): Promise<unknown> =>
	ask(client.PUT('/groups/{group}/moderators/{person}', { params: { path: { group, person } } }));

export const removeModerator = (group: string, person: string): Promise<unknown> =>
	ask(client.DELETE('/groups/{group}/moderators/{person}', { params: { path: { group, person } } }));

export const bans = (group: string, query: Query<'/groups/{group}/bans'>): Promise<Page<Ban>> =>
	list(ask(client.GET('/groups/{group}/bans', { params: { path: { group }, query } })));

/** Who is banned from this server, for its administrators. */
export const siteBans = (query: Query<'/bans'>): Promise<Page<Ban>> =>
	list(ask(client.GET('/bans', { params: { query } })));

/** Bans somebody from a group, or, without one, from this server. */
export const ban = (group: string | undefined, person: string, body: BanDraft): Promise<unknown> =>
	group
		? ask(client.PUT('/groups/{group}/bans/{person}', { params: { path: { group, person } }, body }))
		: ask(client.PUT('/bans/{person}', { params: { path: { person } }, body }));

/** Takes away a picture that somebody shows, for this server. */
export const takePicture = (person: string, picture: 'avatar' | 'banner', reason: string): Promise<unknown> =>
	ask(client.POST('/people/{person}/pictures/take', { params: { path: { person } }, body: { picture, reason } }));

export const unban = (group: string | undefined, person: string, restore_content: boolean): Promise<unknown> =>
	group
		? ask(
				client.DELETE('/groups/{group}/bans/{person}', {
					params: { path: { group, person }, query: { restore_content } }
				})
			)
		: ask(client.DELETE('/bans/{person}', { params: { path: { person }, query: { restore_content } } }));

/** What moderators did in a group. */
export const decisions = (group: string, query: Query<'/groups/{group}/log'>): Promise<Page<Decision>> =>
	list(ask(client.GET('/groups/{group}/log', { params: { path: { group }, query } })));

export const preview = async (body: string): Promise<string> =>
	(await ask(client.POST('/markdown/preview', { body: { body } }))).html;

// ---- groups

export const createGroup = (body: {
	name: string;
	title?: string;
	summary?: string;
	visibility?: Visibility;
}): Promise<Group> => ask(client.POST('/groups', { body }));

export const updateGroup = (
	name: string,
	body: {
		title?: string;
		summary?: string;
		posting_restricted?: boolean;
		visibility?: Visibility;
		discoverable?: boolean;
		indexable?: boolean;
		boosts_answers?: boolean;
		questions?: boolean;
	}
): Promise<Group> =>
	ask(client.PATCH('/groups/{group}', { params: { path: { group: name } }, body }));

export const join = (name: string): Promise<Membership> =>
	ask(client.PUT('/groups/{group}/membership', { params: { path: { group: name } } }));

export const leave = (name: string): Promise<unknown> =>
	ask(client.DELETE('/groups/{group}/membership', { params: { path: { group: name } } }));

export const followFeed = (feed: string): Promise<FeedFollow> =>
	ask(client.PUT('/feeds/{feed}/follow', { params: { path: { feed } } }));

export const unfollowFeed = (feed: string): Promise<unknown> =>
	ask(client.DELETE('/feeds/{feed}/follow', { params: { path: { feed } } }));

export const createFeed = (body: { name: string; title?: string; summary?: string }): Promise<GroupFeed> =>
	ask(client.POST('/feeds', { body }));

export const updateFeed = (feed: string, body: { title?: string; summary?: string }): Promise<GroupFeed> =>
	ask(client.PATCH('/feeds/{feed}', { params: { path: { feed } }, body }));

export const deleteFeed = (feed: string): Promise<unknown> =>
	ask(client.DELETE('/feeds/{feed}', { params: { path: { feed } } }));

export const addFeedGroup = (feed: string, group: string): Promise<unknown> =>
	ask(client.PUT('/feeds/{feed}/groups/{group}', { params: { path: { feed, group } } }));

export const removeFeedGroup = (feed: string, group: string): Promise<unknown> =>
	ask(client.DELETE('/feeds/{feed}/groups/{group}', { params: { path: { feed, group } } }));

/** Who asks to be let into a group. */
export const requests = (name: string, query: Query<'/groups/{group}/requests'>): Promise<Page<Member>> =>
	list(ask(client.GET('/groups/{group}/requests', { params: { path: { group: name }, query } })));

export const acceptRequest = (name: string, person: string): Promise<unknown> =>
	ask(client.PUT('/groups/{group}/requests/{person}', { params: { path: { group: name, person } } }));

export const refuseRequest = (name: string, person: string): Promise<unknown> =>
	ask(client.DELETE('/groups/{group}/requests/{person}', { params: { path: { group: name, person } } }));

export const members = (name: string, query: Query<'/groups/{group}/members'>): Promise<Page<Member>> =>
	list(ask(client.GET('/groups/{group}/members', { params: { path: { group: name }, query } })));

export const removeMember = (name: string, person: string): Promise<unknown> =>
	ask(client.DELETE('/groups/{group}/members/{person}', { params: { path: { group: name, person } } }));

// ---- notifications

export const notifications = (query: Query<'/notifications'>): Promise<Page<Notification>> =>
	list(ask(client.GET('/notifications', { params: { query } })));

export const markSeen = (id: number): Promise<unknown> =>
	ask(client.POST('/notifications/{id}/read', { params: { path: { id } } }));

export const markRead = (upTo: number): Promise<unknown> =>
	ask(client.POST('/notifications/read', { body: { up_to: upTo } }));

// ---- messages

export const conversations = (query: Query<'/conversations'>): Promise<Page<ConversationRow>> =>
	list(ask(client.GET('/conversations', { params: { query } })));

/** What somebody and I wrote to each other, newest first. */
export async function conversation(
	person: string,
	query: Query<'/conversations/{person}'>
): Promise<Conversation> {
	const thread = await ask(client.GET('/conversations/{person}', { params: { path: { person }, query } }));
	return { ...thread, items: thread.items ?? [], next: thread.next || undefined };
}

export const sendMessage = (person: string, body: string): Promise<Letter> =>
	ask(client.POST('/conversations/{person}/messages', { params: { path: { person } }, body: { body } }));

export const readConversation = (person: string, upTo: number): Promise<unknown> =>
	ask(client.POST('/conversations/{person}/read', { params: { path: { person } }, body: { up_to: upTo } }));

/** Puts a conversation out of my sight; the other keeps theirs. */
export const dropConversation = (person: string): Promise<unknown> =>
	ask(client.DELETE('/conversations/{person}', { params: { path: { person } } }));

export const updateMessage = (id: number, body: string): Promise<Letter> =>
	ask(client.PATCH('/messages/{id}', { params: { path: { id } }, body: { body } }));

/** Takes mine back, and puts theirs out of my sight. */
export const deleteMessage = (id: number): Promise<unknown> =>
	ask(client.DELETE('/messages/{id}', { params: { path: { id } } }));

// ---- keys to the house

export const passkeys = (): Promise<Page<Passkey>> => list(ask(client.GET('/passkeys')));
export const deletePasskey = (id: number): Promise<unknown> =>
	ask(client.DELETE('/passkeys/{id}', { params: { path: { id } } }));

export const sessions = (): Promise<Page<Session>> => list(ask(client.GET('/sessions')));
export const deleteSession = (id: number): Promise<unknown> =>
	ask(client.DELETE('/sessions/{id}', { params: { path: { id } } }));

export const apps = (): Promise<Page<App>> => list(ask(client.GET('/me/apps')));
export const disconnectApp = (id: number): Promise<unknown> =>
	ask(client.DELETE('/me/apps/{id}', { params: { path: { id } } }));

export const tokens = (): Promise<Page<Token>> => list(ask(client.GET('/tokens')));
export const createToken = (draft: TokenDraft): Promise<Token> =>
	ask(client.POST('/tokens', { body: draft }));
export const deleteToken = (id: number): Promise<unknown> =>
	ask(client.DELETE('/tokens/{id}', { params: { path: { id } } }));
