import { expect, test } from 'vitest';
import type { Comment, Post } from '../api/types.ts';
import { quotable, quotedPath } from './quote.ts';

const author = { name: 'ada', handle: 'ada' };
const post = { id: 7, url: 'https://here.test/post/7', title: 'Beans', html: '<p>They <em>climb</em>.</p>', author, removed: false, deleted: false, sensitive: false } as Post;
const comment = { id: 9, post_id: 7, url: 'https://here.test/comment/9', html: '<p>So they do</p>', author, removed: false, deleted: false } as Comment;

test('a post is quoted by its title and beginning', () => {
	const q = quotable({ post });
	expect(q).toMatchObject({ title: 'Beans', text: 'They climb.', post_id: 7, url: post.url });
	expect(q && quotedPath(q)).toBe('/post/7');
});

test('a comment is quoted by its beginning', () => {
	const q = quotable({ comment });
	expect(q).toMatchObject({ title: undefined, text: 'So they do', post_id: 7, comment_id: 9 });
	expect(q && quotedPath(q)).toBe('/comment/9');
});

test('what is sensitive shows no more than its title', () => {
	expect(quotable({ post: { ...post, sensitive: true } })).toMatchObject({ title: 'Beans', text: undefined });
});

test('what is gone, and what is neither, is not quoted', () => {
	expect(quotable({ post: { ...post, deleted: true } })).toBeUndefined();
	expect(quotable({ comment: { ...comment, removed: true } })).toBeUndefined();
	expect(quotable({})).toBeUndefined();
	expect(quotedPath({ state: 'accepted', gone: true })).toBe('');
});
