// What was posted in a list since it was read.
import type { PostHeard } from './live.ts';

/** Who counts the new is not told of their own; past this many it is "many". */
export const mostNews = 99;

/** The new posts of a list, with the one that was heard of, where it is one. */
export function arrived(news: number[], heard: PostHeard, feed: string): number[] {
	if (heard.own || !heard.feeds?.includes(feed) || news.includes(heard.post_id) || news.length >= mostNews) return news;
	return [...news, heard.post_id];
}
