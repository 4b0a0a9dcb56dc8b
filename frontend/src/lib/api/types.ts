// Short names for what the API speaks of. The shapes are generated from the
// server's own document (npm run api); only what JSON Schema cannot say, or
// says too loosely, is put right here.
import type { components } from './schema.gen';

type S = components['schemas'];

export type Actor = S['Actor'];
export type Me = S['Me'];
export type Group = S['Group'];
export type GroupFeed = S['GroupFeed'];
export type FeedFollow = S['FeedFollow'];
export type Person = S['Person'];
export type Profile = S['Profile'];
export type ProfileChange = S['ProfileChange'];
export type ProfileField = S['ProfileField'];
export type Pictures = S['Pictures'];
export type Facet = S['Facet'];
export type GroupFacet = S['GroupFacet'];
export type Follower = S['Follower'];
export type Followee = S['Followee'];
export type Following = S['Following'];
export type Membership = S['Membership'];
export type Attachment = S['Attachment'];
export type Preview = S['Preview'];
export type Can = S['Can'];
export type NamedRole = S['NamedRole'];
export type Grant = S['Grant'];
export type RoleBoard = S['RoleBoard'];
export type Member = S['Member'];
export type Ban = S['Ban'];
export type BanDraft = S['BanDraft'];
export type Decision = S['Decision'];
export type Report = S['Report'];
export type ReportCounts = S['ReportCounts'];
export type Warning = S['Warning'];
export type Visibility = Group['visibility'];
export type Post = S['Post'];
export type KeptDraft = S['KeptDraft'];
export type DraftWords = S['DraftWords'];
export type Version = S['Version'];
export type Saved = S['Saved'];
export type Poll = S['Poll'];
export type PollOption = S['PollOption'];
export type PollDraft = S['PollDraft'];
export type PostEvent = S['Event'];
export type EventDraft = S['EventDraft'];
export type Quoted = S['Quoted'];
export type Quote = S['Quote'];
export type Comment = S['Comment'];
export type Instance = S['Instance'];
export type Vote = S['Vote'];
export type Passkey = S['Passkey'];
export type Session = S['Session'];
export type Token = S['Token'];
export type TokenDraft = S['TokenDraft'];
export type App = S['App'];
export type Notification = S['Notification'];
export type Letter = S['Message'];
export type ConversationRow = S['Conversation'];
export type SearchResult = S['SearchResult'];
export type Resolved = S['Resolved'];
export type Backfill = S['Backfill'];

export type Choice = -1 | 0 | 1;

/** A page of posts, with the order that it is in. */
export type PostPage = Page<Post> & Pick<S['PostList'], 'sort' | 'within'>;

/** A page of a list; without `next` it is the last one. */
export interface Page<T> {
	items: T[];
	next?: string;
}

/** A page of what somebody and I wrote to each other, newest first. */
export type Conversation = Page<Letter> & Pick<S['Thread'], 'with' | 'write' | 'why'>;
