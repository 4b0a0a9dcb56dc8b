import { describe, expect, it } from 'vitest';
import { excerpt, hostIn, hostOf, looksRemote, shortLink, webLink } from './text.ts';

describe('excerpt', () => {
	it('keeps words apart and entities whole', () => {
		expect(excerpt('<p>One</p><p>two<br>three &amp; &lt;four&gt;</p>')).toBe('One two three & <four>');
	});
	it('does not decode twice', () => {
		expect(excerpt('<p>&amp;lt;b&amp;gt;</p>')).toBe('&lt;b&gt;');
	});
	it('cuts at a word', () => {
		expect(excerpt('<p>stone upon stone, without mortar</p>', 18)).toBe('stone upon stone…');
	});
	it('cuts a word that is too long, but no character in half', () => {
		expect(excerpt('<p>' + '🪨'.repeat(30) + '</p>', 10)).toBe('🪨'.repeat(10) + '…');
	});
	it('says nothing about nothing', () => {
		expect(excerpt('<p> </p><script>alert(1)</script>')).toBe('');
	});
});

describe('links', () => {
	it.each([
		['https://www.example.org/a', 'example.org'],
		['https://blog.example.org:8080/', 'blog.example.org'],
		['nonsense', '']
	])('the host of %s is %j', (link, host) => {
		expect(hostOf(link)).toBe(host);
	});
	it('only the web is linked', () => {
		expect(webLink('https://a.example')).toBe('https://a.example');
		expect(webLink('javascript:alert(1)')).toBeUndefined();
		expect(webLink('data:text/html,x')).toBeUndefined();
		expect(webLink(undefined)).toBeUndefined();
	});
	it('are shortened for the eye', () => {
		expect(shortLink('https://www.example.org/')).toBe('example.org');
		expect(shortLink('https://example.org/' + 'a'.repeat(100))).toHaveLength(80);
	});
});

describe('looksRemote', () => {
	it.each(['https://a.example/post/1', '@bob@a.example', '!garden@a.example', 'bob@a.example', ' bob@a.example:8443 ', 'acct:bob@a.example'])(
		'%s does',
		(q) => {
			expect(looksRemote(q)).toBe(true);
		}
	);
	it.each(['stone wall', 'bob', 'bob@', '@bob', 'see https://a.example', 'https://', 'bob@localhost'])(
		'%s does not',
		(q) => {
			expect(looksRemote(q)).toBe(false);
		}
	);
});

describe('hostIn', () => {
	it.each([
		['https://a.example/post/1', 'a.example'],
		['https://a.example:8443/post/1', 'a.example:8443'],
		['!garden@a.example', 'a.example'],
		[' @bob@a.example:8443 ', 'a.example:8443']
	])('of %s is %s', (q, host) => {
		expect(hostIn(q)).toBe(host);
	});
});
